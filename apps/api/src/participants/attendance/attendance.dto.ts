import { ArrayMaxSize, IsArray, IsIn, IsUUID } from 'class-validator';
import { Line, given } from '../../http/fields';

const HOW = ['list', 'code', 'online'] as const;

/** Who came. An empty list says that no attendance was kept. */
export class AttendanceDto {
  /** Ids of confirmed registrations of this dialogue. */
  @IsUUID('all', { each: true }) @ArrayMaxSize(20_000) @IsArray() registration_ids: string[];
}

/** Who is meant: by the code, or by the registration. */
export class AtTheDoorDto {
  /** What the scanner read of the code, or the eight digits under it as they are said. */
  @given @Line(400) code?: string;

  /** Id of a registration of this dialogue. */
  @given @IsUUID('all') registration_id?: string;
}

/** Someone's attendance. */
export class AttendanceAnswer {
  registration_id: string;
  /** State of the registration. */
  state: string;
  /** Whether they are let in: confirmed, or approved before a change that is still to be decided on. */
  may_enter: boolean;
  honorific: string | null;
  name: string;
  functional_title: string | null;
  affiliation: string | null;
  /** What they belong to: their delegation, else their mechanism. */
  delegation: string | null;
  /** Their seat in the delegation. */
  role: string | null;
  /** `in_person` or `virtual`, where the dialogue is both. */
  attends: string | null;
  /** Whether it is noted that they came. */
  present: boolean;
  /** Instant, ISO 8601, UTC; null where only that they came was noted. */
  arrived_at: Date | null;
  /** Instant, ISO 8601, UTC. */
  left_at: Date | null;
  /** Whether they arrived after the start. */
  late: boolean;
  /** `list`, `code` or `online`. */
  how: (typeof HOW)[number] | null;
  /** Name of the officer who noted it; null for what was noted online. */
  noted_by: string | null;
}

/** The whole attendance of a dialogue. */
export class WholeAttendance extends AttendanceDto {
  /** The same people, with when and how. */
  attendances: AttendanceAnswer[];
}

export class AttendanceExportQuery {
  /** As a comma-separated file, or for a spreadsheet program. */
  @given @IsIn(['csv', 'xlsx']) format: 'csv' | 'xlsx' = 'csv';
}
