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
import { readerLanguage } from '@app/mail';
import type {
  EditedNote,
  LeftOut,
  MadeCommitment,
  MissingSpeaker,
  NoteContent,
  NoteNameRow,
  PublicationPreview,
  Represents,
} from '@app/proceedings';
import { Line, ListOf, Part, Text, given } from '../../http/fields';
import { representative } from '../views/people-in-words';

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

/** Why it cannot be published. */
export class PublicationRefusalAnswer {
  /** `note_missing`, `note_published`, `dialogue_not_over`, `dialogue_cancelled`, `dialogue_not_public`. */
  code: string;
  detail: string;
}

/** How attendance was kept: how many were noted in each way. */
export class AttendanceKeptAnswer {
  /** Whether it was kept at all. If not, everybody confirmed is listed. */
  kept: boolean;
  /** By an organizer, from the list. */
  list: number;
  /** By the code of their confirmation. */
  code: number;
  /** By joining online through their own link. */
  online: number;
}

/** Somebody whom the annex would not list. */
export class LeftOutAnswer {
  registration_id: string;
  name: string;
  /**
   * `not_noted`: attendance was kept, and theirs was not noted; `no_consent`: they did not agree to be listed;
   * `not_confirmed`: they were there, but their registration is not confirmed.
   */
  why: LeftOut;
}

/** Something to look at before publishing. */
export class PublicationWarningAnswer {
  /**
   * `speaker_not_listed`: somebody whom the note names as speaker or moderator is missing in its annex;
   * `personal_data_removed`: the retention has passed, and anyone who took part until then cannot be listed.
   */
  code: 'speaker_not_listed' | 'personal_data_removed';
  /** Whose. */
  name: string | null;
  /** As in `left_out`, or `not_registered`: nobody of this name is registered. */
  why: MissingSpeaker['why'] | null;
  detail: string;
}

/** What publishing would do now. */
export class NotePublicationPreviewAnswer {
  /** Null when it can be published. */
  refused: PublicationRefusalAnswer | null;
  attendance: AttendanceKeptAnswer;
  /** Whom the annex lists: those who attended, or everybody confirmed. */
  basis: 'attended' | 'confirmed';
  /** How many it would list. */
  listed: number;
  left_out: LeftOutAnswer[];
  /** How many more are left out because their data are erased. */
  erased: number;
  warnings: PublicationWarningAnswer[];
  /** How many it would be mailed to. */
  mails: number;
}

/** A name in a published note. */
export class NoteNameAnswer {
  id: string;
  /** `annex`: a line of the list of participants; `text`: a speaker or moderator. */
  place: 'annex' | 'text';
  /** Null where the name is erased. */
  name: string | null;
  honorific: string | null;
  functional_title: string | null;
  affiliation: string | null;
  /** What stands there instead, in the first working language of the dialogue; null while the name does. */
  replaced_by: string | null;
}

/** Every name in a published note, the text before the annex. */
export class NoteNamesAnswer {
  items: NoteNameAnswer[];

  /** Always null: they come on one page. */
  next_cursor: string | null;
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

export function noteAnswer({ content, version, publishedAt, workingLanguages }: EditedNote): NoteAnswer {
  const interventions = content.interventions.map((intervention) =>
    withSpeaker(intervention, workingLanguages),
  );
  return { ...content, interventions, version, published_at: publishedAt?.toISOString() ?? null };
}

export function commitmentsAnswer(items: MadeCommitment[], workingLanguages: string[]): CommitmentsAnswer {
  return { items: items.map((item) => withSpeaker(item, workingLanguages)), next_cursor: null };
}

/** By name, or as whom they represented once that is erased from the published note. */
function withSpeaker<Said extends { speaker: string; represents: Represents | null }>(
  { represents, ...said }: Said,
  workingLanguages: string[],
): Omit<Said, 'represents'> & { speaker: string } {
  const language = readerLanguage('', workingLanguages);
  return { ...said, speaker: represents ? representative(language, represents) : said.speaker };
}

const WHY: Record<MissingSpeaker['why'], string> = {
  not_registered: 'nobody of this name is registered in the dialogue',
  not_confirmed: 'the registration is not confirmed',
  not_noted: 'attendance was kept, and theirs was not noted',
  no_consent: 'they did not agree to be listed',
};

export function notePublicationPreviewAnswer(preview: PublicationPreview): NotePublicationPreviewAnswer {
  const { list = 0, code = 0, online = 0 } = preview.attendance;
  const kept = list + code + online > 0;
  const warnings: PublicationWarningAnswer[] = preview.missingSpeakers.map(({ name, why }) => ({
    code: 'speaker_not_listed',
    name,
    why,
    detail: `${name} is named in the text and missing in the annex: ${WHY[why]}.`,
  }));
  if (preview.purgedAt && preview.erased > 0)
    warnings.push({
      code: 'personal_data_removed',
      name: null,
      why: null,
      detail: `Personal data were removed on ${preview.purgedAt.toISOString().slice(0, 10)}: ${preview.erased} participants cannot be listed any more.`,
    });
  return {
    refused: preview.refused,
    attendance: { kept, list, code, online },
    basis: kept ? 'attended' : 'confirmed',
    listed: preview.listed,
    left_out: preview.leftOut.map(({ registrationId, ...rest }) => ({
      registration_id: registrationId,
      ...rest,
    })),
    erased: preview.erased,
    warnings,
    mails: preview.mails,
  };
}

export function noteNamesAnswer({
  names,
  workingLanguages,
}: {
  names: NoteNameRow[];
  workingLanguages: string[];
}): NoteNamesAnswer {
  const language = readerLanguage('', workingLanguages);
  return {
    items: names.map(
      ({ id, inAnnex, isReplaced, name, honorific, functionalTitle, affiliation, country, body }) => ({
        id,
        place: inAnnex ? 'annex' : 'text',
        name: name || null,
        honorific,
        functional_title: functionalTitle,
        affiliation,
        replaced_by: isReplaced ? representative(language, { country, body }) : null,
      }),
    ),
    next_cursor: null,
  };
}
