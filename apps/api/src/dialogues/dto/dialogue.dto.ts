import { ApiProperty } from '@nestjs/swagger';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsNotEmptyObject,
  IsOptional,
  IsString,
  Max,
  MaxLength,
  Matches,
  Min,
} from 'class-validator';
import { ROLES, type Role } from '@app/dialogues';
import { Line, ListOf, PageQuery, Part, Text, UUID, WebUrl, given } from '../../http/fields';

export class VenueDto {
  /**
   * When it becomes hybrid, whoever is registered attends as they were to before; when it no longer is, limits for the room
   * and online are given up.
   */
  @IsIn(['virtual', 'in_person', 'hybrid']) kind: 'virtual' | 'in_person' | 'hybrid';

  /** Name of the platform, when virtual or hybrid. */
  @given @Line(100) platform?: string;

  /** Link to join; shown to the confirmed only. */
  @given @WebUrl() join_url?: string;

  /** Room and address, when in person or hybrid. */
  @given @Line(300) room?: string;
}

export class DocumentDto {
  @Line() title: string;

  /** Where it is, http or https. */
  @WebUrl() url: string;
}

export class NewDialogue {
  @Line() title: string;

  /** What it is for. */
  @given @Text(5_000) purpose?: string;

  /** Start as the host's clock shows it, `2027-01-28T11:00`; seconds allowed. */
  @IsString() @MaxLength(30) starts_at_local: string;

  /** End as the host's clock shows it. */
  @IsString() @MaxLength(30) ends_at_local: string;

  /** The host's IANA zone. */
  @IsString() @MaxLength(64) time_zone: string;

  @IsNotEmptyObject() @Part(() => VenueDto) venue: VenueDto;

  /** The agencies that host it, in order; mails come in the name of the first. */
  @IsArray() @ArrayMinSize(1) @ArrayMaxSize(20) @Line(200, { each: true }) hosts: string[];

  /** BCP 47; the first is the fallback for readers whose language Plenary does not speak. */
  @IsArray() @ArrayMinSize(1) @ArrayMaxSize(20) @Line(35, { each: true }) working_languages: string[];

  /** Background documents. */
  @given
  @ArrayMaxSize(100)
  @ListOf(() => DocumentDto)
  documents?: DocumentDto[];

  /** How many may take part; null or left out: no limit. */
  @IsOptional() @IsInt() @Min(0) @Max(1_000_000) places?: number | null;

  /** By invitation only, or by an open link too. */
  @given @IsIn(['invitation', 'open']) registration?: 'invitation' | 'open';

  /** The process of which it is a step; whoever has roles in the process has them in the dialogue. */
  @IsOptional() @Matches(UUID) process_id?: string | null;
}

/** Only what is given changes. */
export class DialogueChangesDto {
  @given @Line() title?: string;

  /** What it is for. */
  @given @Text(5_000) purpose?: string;

  /** Start as the host's clock shows it, `2027-01-28T11:00`; seconds allowed. */
  @given @IsString() @MaxLength(30) starts_at_local?: string;

  /** End as the host's clock shows it. */
  @given @IsString() @MaxLength(30) ends_at_local?: string;

  /** The host's IANA zone. */
  @given @IsString() @MaxLength(64) time_zone?: string;

  /** Replaces the whole venue. */
  @given @IsNotEmptyObject() @Part(() => VenueDto) venue?: VenueDto;

  /** The agencies that host it, in order; mails come in the name of the first. */
  @given @IsArray() @ArrayMinSize(1) @ArrayMaxSize(20) @Line(200, { each: true }) hosts?: string[];

  /** BCP 47; the first is the fallback for readers whose language Plenary does not speak. */
  @given @IsArray() @ArrayMinSize(1) @ArrayMaxSize(20) @Line(35, { each: true }) working_languages?: string[];

  /** Background documents; replaces the list. */
  @given
  @ArrayMaxSize(100)
  @ListOf(() => DocumentDto)
  documents?: DocumentDto[];

  /** How many may take part; null: no limit. With more places those who wait move up. */
  @IsOptional() @IsInt() @Min(0) @Max(1_000_000) places?: number | null;

  /** By invitation only, or by an open link too. */
  @given @IsIn(['invitation', 'open']) registration?: 'invitation' | 'open';

  /** The process of which it is a step; null: none. Needs owner here, and owner or organiser there. */
  @IsOptional() @Matches(UUID) process_id?: string | null;

  /**
   * How many approvers must approve a registration; 0: none, whoever registers has a place or waits for one. Raised from 0,
   * those who wait are to be approved first and keep their number; who has a place keeps it.
   */
  @given @IsInt() @Min(0) @Max(9) approvals_needed?: number;

  /** Whether a place that becomes free is given to the next on the waitlist at once, or offered to them. */
  @given @IsIn(['at_once', 'offer']) promotion?: 'at_once' | 'offer';

  /** How long an offer holds the place, ISO 8601 duration such as `P2D`; days by the host's calendar. */
  @given @IsString() @MaxLength(40) offer_for?: string;

  /** Whether a delegate may name a substitute: not at all, with approval, or freely. */
  @given @IsIn(['closed', 'approved', 'free']) substitution?: 'closed' | 'approved' | 'free';

  /** Until when invited people should answer, as the host's clock shows it; null: no deadline. */
  @IsOptional() @IsString() @MaxLength(30) answers_due_at_local?: string | null;

  /**
   * How many days after its end personal data are removed; null: not by themselves. A published note keeps its names; one
   * that is published later can list nobody.
   */
  @IsOptional() @IsInt() @Min(1) @Max(36_500) retention_days?: number | null;

  /** Tell participants also of a change that is not one of time or place; those are told in any case. */
  @given @IsBoolean() announce?: boolean;
}

export class Reason {
  /** Told to participants. */
  @given @Text(2_000) reason?: string;
}

export class DialogueCountsDto {
  invitations_prepared: number;
  invitations_sent: number;
  invitations_accepted: number;
  invitations_declined: number;
  /** Registered, to be approved. */
  awaiting_approval: number;
  waitlisted: number;
  /** A place is held for them until they take it or decline. */
  offered: number;
  confirmed: number;
  /** Confirmed, and back for approval: they keep their place. */
  under_review: number;
  refused: number;
  /** Registered by the open link, address not yet confirmed. */
  unconfirmed: number;
  withdrawn: number;
}

export class DialogueAnswer {
  id: string;
  /** Its name in public addresses. */
  slug: string;
  /** What you are in it, by itself and by its process. */
  @ApiProperty({ enum: ROLES, isArray: true }) roles: Role[];
  /** The process of which it is a step. */
  process_id: string | null;
  /** Its public page. */
  url: string;
  state: 'draft' | 'published' | 'postponed' | 'cancelled';
  title: string;
  purpose: string;
  /** Start as the host's clock shows it. */
  starts_at_local: string;
  /** End as the host's clock shows it. */
  ends_at_local: string;
  time_zone: string;
  /** The instant of the start, ISO 8601, UTC. */
  starts_at: string;
  /** The instant of the end. */
  ends_at: string;
  venue: VenueDto;
  hosts: string[];
  working_languages: string[];
  documents: DocumentDto[];
  /** Null: no limit. */
  places: number | null;
  registration: 'invitation' | 'open';
  approvals_needed: number;
  promotion: 'at_once' | 'offer';
  /** ISO 8601 duration. */
  offer_for: string;
  substitution: 'closed' | 'approved' | 'free';
  /** As the host's clock shows it. */
  answers_due_at_local: string | null;
  /** Instant, ISO 8601, UTC. */
  answers_due_at: string | null;
  retention_days: number | null;
  /** When personal data were removed. */
  purged_at: string | null;
  /** Why it was postponed or cancelled. */
  reason: string | null;
  /** Rises with every change of time or place. */
  schedule_revision: number;
  /** When participants will be told of what changed, if they will. */
  announcement_due_at: string | null;
  counts: DialogueCountsDto;
  /** Counts edits of dialogue and agenda; also the ETag. */
  version: number;
  created_at: string;
  published_at: string | null;
}

export class DialoguesQuery extends PageQuery {
  /** Only dialogues of this process. */
  @given @Matches(UUID) process_id?: string;
}

export class DialoguesPage {
  items: DialogueAnswer[];
  /** For the next page; null on the last. */
  next_cursor: string | null;
}
