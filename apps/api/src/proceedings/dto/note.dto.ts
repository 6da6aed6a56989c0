import {
  ArrayMaxSize,
  ArrayUnique,
  IsArray,
  IsInt,
  IsISO8601,
  IsOptional,
  Matches,
  Max,
  Min,
} from 'class-validator';
import type { EditedNote, MadeCommitment, NoteContent } from '@app/proceedings';
import { Line, ListOf, Part, Text, given } from '../../http/fields';

/** A promise made in an intervention. */
export class CommitmentDto {
  /** written input, oral statement, side event, joint paper, to be confirmed; another form as written. */
  @Line(100) kind: string;

  /** What was promised. */
  @Text(5_000) text: string;

  /** By which calendar day, `2021-02-24`. */
  @IsOptional()
  @IsISO8601({ strict: true })
  @Matches(/^\d{4}-\d{2}-\d{2}$/, { message: 'due must be a calendar day such as 2021-02-24' })
  due?: string | null;
}

/** A statement from the floor. */
export class InterventionDto {
  /** Number of the agenda session, from 1. */
  @Min(1) @IsInt() session: number;

  /** Name of the speaker as it shall stand in the note. */
  @Line() speaker: string;

  /** chair, co-chair, national, secretariat, on behalf; another role as written. */
  @Line(100) capacity: string;

  /** The mechanism they spoke for, by its code or any of its names; null when for their country or themselves. */
  @IsOptional() @Line() on_behalf_of?: string | null;

  /** What they said. */
  @Text() text: string;

  /** What the moderator replied. */
  @IsOptional() @Text() reply?: string | null;

  /** Numbers of the objectives it is about. */
  @given
  @Max(9_999, { each: true })
  @Min(1, { each: true })
  @IsInt({ each: true })
  @ArrayUnique()
  @ArrayMaxSize(200)
  @IsArray()
  objectives?: number[];

  /** Guiding principles it is about. */
  @given @Line(200, { each: true }) @ArrayUnique() @ArrayMaxSize(200) @IsArray() principles?: string[];

  /** What was promised in it. */
  @IsOptional() @Part(() => CommitmentDto) commitment?: CommitmentDto | null;
}

/** What was presented in a session. */
export class SummaryDto {
  /** Number of the agenda session, from 1. */
  @Min(1) @IsInt() session: number;

  @Text() text: string;
}

/** What the rapporteur writes. It replaces what was there. */
export class NoteDto {
  /** Words before the sessions. */
  @given @Text() introduction?: string;

  @given
  @ArrayMaxSize(500)
  @ListOf(() => SummaryDto)
  summaries?: SummaryDto[];

  /** In the order in which they were made. */
  @given
  @ArrayMaxSize(2_000)
  @ListOf(() => InterventionDto)
  interventions?: InterventionDto[];

  @given @Text() way_forward?: string;
}

/** A note as it stands. Without any, everything is empty and the version 0. */
export class NoteAnswer {
  introduction: string;
  summaries: SummaryDto[];
  interventions: InterventionDto[];
  way_forward: string;

  /** As in the ETag. */
  version: number;

  /** When it was published, ISO 8601 UTC; null while it is not. */
  published_at: string | null;
}

/** What publishing did. */
export class NotePublicationAnswer {
  /** ISO 8601, UTC. */
  published_at: string;

  /** Where it is to be read. */
  url: string;

  /** How many participants it is mailed to. */
  queued: number;
}

/** A promise and who made it. */
export class CommitmentAnswer {
  id: string;
  session: number;
  speaker: string;
  capacity: string;
  on_behalf_of: string | null;
  kind: string;
  text: string;
  due: string | null;
}

/** Every promise that the note records. */
export class CommitmentsAnswer {
  items: CommitmentAnswer[];

  /** Always null: they come on one page. */
  next_cursor: string | null;
}

/** The content with everything that was left out. */
export function toContent(dto: NoteDto): NoteContent {
  return {
    introduction: dto.introduction ?? '',
    summaries: (dto.summaries ?? []).map(({ session, text }) => ({ session, text })),
    interventions: (dto.interventions ?? []).map((intervention) => ({
      session: intervention.session,
      speaker: intervention.speaker,
      capacity: intervention.capacity,
      on_behalf_of: intervention.on_behalf_of ?? null,
      text: intervention.text,
      reply: intervention.reply || null,
      objectives: intervention.objectives ?? [],
      principles: intervention.principles ?? [],
      commitment: intervention.commitment
        ? {
            kind: intervention.commitment.kind,
            text: intervention.commitment.text,
            due: intervention.commitment.due ?? null,
          }
        : null,
    })),
    way_forward: dto.way_forward ?? '',
  };
}

export function noteAnswer({ content, version, publishedAt }: EditedNote): NoteAnswer {
  return { ...content, version, published_at: publishedAt?.toISOString() ?? null };
}

export function commitmentsAnswer(items: MadeCommitment[]): CommitmentsAnswer {
  return { items, next_cursor: null };
}
