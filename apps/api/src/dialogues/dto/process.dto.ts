import { ApiProperty } from '@nestjs/swagger';
import { ROLES, type Role } from '@app/dialogues';
import { Line, Text, given } from '../../http/fields';

export class NewProcess {
  @Line() title: string;

  /** What it is to achieve. */
  @given @Text(5_000) purpose?: string;
}

/** Only what is given changes. */
export class ProcessChangesDto {
  @given @Line() title?: string;

  /** What it is to achieve. */
  @given @Text(5_000) purpose?: string;
}

export class ProcessAnswer {
  id: string;
  title: string;
  purpose: string;
  /** What you are in it; empty when you only have a role in dialogues of it. */
  @ApiProperty({ enum: ROLES, isArray: true }) roles: Role[];
  /** How many of its dialogues you have a role in: GET /v1/dialogues?process_id= lists them. */
  dialogues: number;
  /** Counts edits; also the ETag. */
  version: number;
  created_at: string;
}

export class ProcessesPage {
  items: ProcessAnswer[];
  /** For the next page; null on the last. */
  next_cursor: string | null;
}
