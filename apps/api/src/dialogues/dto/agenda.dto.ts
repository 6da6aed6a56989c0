import { ArrayMaxSize, IsArray, IsBoolean, IsInt, IsOptional, IsUUID, Max, Min } from 'class-validator';
import type { AgendaWarningCode } from '@app/proceedings';
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

export class AgendaCandidateDto {
  /** Their registration; null when they have none. */
  registration_id: string | null;
  /** Their invitation; null when they registered without one. */
  invitation_id: string | null;
  honorific: string | null;
  /** As on the list of participants. */
  name: string;
  /** State of the registration, else of the invitation. */
  state: string;
}

export class AgendaWarningDto {
  /**
   * `agenda_longer_than_dialogue`, `items_longer_than_session`, `agenda_at_night` (between 23:00 and 06:00 of the dialogue's
   * time) and `speaker_in_two_places` are about times. `speaker_declined`, `speaker_withdrew`, `speaker_refused` and, once
   * the dialogue is published, `speaker_not_invited` are about somebody who is not coming. Nobody has the name as written:
   * `name_with_title`, `name_in_other_order`, `name_nearly_equal`; two have it: `name_of_several`. Moderators count as
   * speakers.
   */
  code: AgendaWarningCode;
  /** Where it is in this answer, a JSON Pointer (RFC 6901) such as `/sessions/0/items/1/speakers/0`. */
  pointer: string;
  detail: string;
  /** Who may be meant, at most five; only where a name is doubtful. */
  candidates?: AgendaCandidateDto[];
}

export class AgendaAnswer {
  sessions: AgendaSessionAnswer[];
  /** What to look at, as things are now: times that do not fit, names that match nobody, who is not coming. Forbids nothing. */
  warnings: AgendaWarningDto[];
  /** Rises whenever the agenda is replaced; also the ETag. */
  version: number;
}
