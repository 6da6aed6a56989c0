import { ArrayMaxSize, IsArray, IsBoolean, IsInt, IsOptional, IsUUID, Max, Min } from 'class-validator';
import { Line, ListOf, given } from '../../http/fields';
import { DocumentDto } from './dialogue.dto';

export class AgendaItemDto {
  @Line() title: string;

  /** Planned minutes. */
  @IsInt() @Min(1) @Max(2_880) minutes: number;

  /** Moderator's name. */
  @IsOptional() @Line(300, { empty: true }) moderator?: string | null;

  /** Speakers' names, in order. */
  @given @IsArray() @ArrayMaxSize(50) @Line(300, { each: true }) speakers?: string[];

  /** Documents of this point. */
  @given
  @ArrayMaxSize(50)
  @ListOf(() => DocumentDto)
  documents?: DocumentDto[];
}

export class AgendaSessionDto {
  /** Of a session that is there, when you move it; without it the one at the same position is meant. */
  @given @IsUUID() id?: string;

  @Line() title: string;

  /** Planned minutes. */
  @IsInt() @Min(1) @Max(2_880) minutes: number;

  /** Moderator's name. */
  @IsOptional() @Line(300, { empty: true }) moderator?: string | null;

  /** What an open discussion is asked. */
  @given @IsArray() @ArrayMaxSize(50) @Line(1_000, { each: true }) guiding_questions?: string[];

  @given
  @ArrayMaxSize(100)
  @ListOf(() => AgendaItemDto)
  items?: AgendaItemDto[];
}

export class AgendaBody {
  @ArrayMaxSize(100)
  @ListOf(() => AgendaSessionDto)
  sessions: AgendaSessionDto[];

  /** Tell participants of the new agenda. */
  @given @IsBoolean() announce?: boolean;
}

export class AgendaItemAnswer {
  id: string;
  /** Its number in the session, from 1. */
  position: number;
  title: string;
  minutes: number;
  moderator: string | null;
  speakers: string[];
  documents: DocumentDto[];
  /** Derived from the durations before it, ISO 8601, UTC. */
  starts_at: string;
  ends_at: string;
}

export class AgendaSessionAnswer {
  id: string;
  /** Its number in the agenda, from 1. */
  position: number;
  title: string;
  minutes: number;
  moderator: string | null;
  guiding_questions: string[];
  items: AgendaItemAnswer[];
  /** Derived from the durations before it, ISO 8601, UTC. */
  starts_at: string;
  ends_at: string;
}

export class AgendaWarningDto {
  field: string;
  code: 'agenda_longer_than_dialogue' | 'items_longer_than_session';
  detail: string;
}

export class AgendaAnswer {
  sessions: AgendaSessionAnswer[];
  /** Where the plan does not fit; forbids nothing. */
  warnings: AgendaWarningDto[];
  /** Rises whenever the agenda is replaced; also the ETag. */
  version: number;
}
