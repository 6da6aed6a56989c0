import { ApiProperty } from '@nestjs/swagger';
import { ArrayMaxSize, ArrayMinSize, IsArray, IsBoolean, IsIn } from 'class-validator';
import { ROLES, type Role } from '@app/dialogues';
import { Address, Line, given } from '../../http/fields';

export class RolesBody {
  /** What they are from now on; replaces what they were. */
  @ApiProperty({ enum: ROLES, isArray: true })
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(ROLES.length)
  @IsIn(ROLES, { each: true })
  roles: Role[];

  /** May they see answers to sensitive questions? Left out: as it was. Only an owner who may can let others. */
  @given @IsBoolean() sees_sensitive?: boolean;
}

export class NewRoleBody extends RolesBody {
  /** Their address; who has no account gets one, and everyone is mailed how to sign in. */
  @Address() email: string;

  /** Their name, for the others who have a role here. */
  @given @Line(200) name?: string;
}

export class RoleAnswer {
  organiser_id: string;
  /** Their address, in lower case. */
  email: string;
  /** As whoever gave the role wrote it. */
  name: string | null;
  @ApiProperty({ enum: ROLES, isArray: true }) roles: Role[];
  sees_sensitive: boolean;
  /** `process`: they have it in this dialogue by a role in its process, and it is changed there. */
  given_in: 'dialogue' | 'process';
  created_at: string;
}

export class RolesAnswer {
  items: RoleAnswer[];
}
