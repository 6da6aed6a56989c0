import { Type } from 'class-transformer';
import { ArrayMaxSize, IsArray, IsOptional, IsUUID, ValidateIf, ValidateNested } from 'class-validator';
import { Line } from '../../http/fields';

export class ChairDto {
  /** State or person, as written. */
  @Line() name: string;

  /** `chair`, `co-chair`, `former co-chair`. */
  @Line(100) role: string;
}

export class NewMechanism {
  /** The dialogue in whose directory it shall stand, where it is a colleague's; your own directory otherwise. */
  @IsOptional() @IsUUID('all') dialogue_id?: string;

  /** Short code, such as `5+5`. */
  @Line(50) code: string;

  /** Full name. */
  @Line() name: string;

  /** Other names under which lists mention it. */
  @IsOptional() @IsArray() @ArrayMaxSize(20) @Line(300, { each: true }) other_names?: string[];

  /** Its chair or co-chairs now. */
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(20)
  @ValidateNested({ each: true })
  @Type(() => ChairDto)
  chairs?: ChairDto[];
}

/** Only what is given changes. */
export class MechanismChanges {
  /** Short code, such as `5+5`. */
  @ValidateIf((_, value) => value !== undefined) @Line(50) code?: string;

  /** Full name. */
  @ValidateIf((_, value) => value !== undefined) @Line() name?: string;

  /** Other names under which lists mention it; replaces the list. */
  @ValidateIf((_, value) => value !== undefined)
  @IsArray()
  @ArrayMaxSize(20)
  @Line(300, { each: true })
  other_names?: string[];

  /** Its chair or co-chairs now; replaces the list. */
  @ValidateIf((_, value) => value !== undefined)
  @IsArray()
  @ArrayMaxSize(20)
  @ValidateNested({ each: true })
  @Type(() => ChairDto)
  chairs?: ChairDto[];
}

export class MechanismAnswer {
  id: string;
  /** Short code. */
  code: string;
  /** Full name. */
  name: string;
  other_names: string[];
  chairs: ChairDto[];
  /** Counts edits; also the ETag. */
  version: number;
}

export class MechanismsPage {
  items: MechanismAnswer[];
  /** For the next page; null on the last. */
  next_cursor: string | null;
}
