import { ApiProperty } from '@nestjs/swagger';
import { Texts } from '../../http/fields';

const BY_LANGUAGE = {
  type: 'object',
  additionalProperties: { type: 'string' },
  example: { en: 'We keep your data until 90 days after the dialogue.' },
} as const;

/** What people are told about their data, by language. */
export class PrivacyNoticeBody {
  /** The notice by language (en, fr, ar or a working language); needed in the first working language. */
  @ApiProperty(BY_LANGUAGE)
  @Texts()
  texts: Record<string, string>;
}

export class PrivacyNoticeAnswer {
  /** From 1; raised with every changed text. People accept a version. */
  version: number;
  @ApiProperty(BY_LANGUAGE)
  texts: Record<string, string>;
  /** When this version was written; instant, ISO 8601, UTC. */
  created_at: Date;
}

/** How many of each kind of thing. */
export class ErasedCounts {
  registrations: number;
  invitations: number;
  /** Answers to questions, those with a file included. */
  answers: number;
  files: number;
  substitutions: number;
  /** Mails of which the ledger no longer holds name and address. */
  mails: number;
  /** Lists that were read in. */
  imports: number;
  /** Entries of the directory that came with this dialogue and nothing else uses. */
  people: number;
}

export class PurgeAnswer {
  /** Days after the end for which personal data are kept; null: until somebody removes them. */
  retention_days: number | null;
  /** When they are due to be removed; instant, ISO 8601, UTC. Null when they are kept, or while a new date is looked for. */
  due_at: Date | null;
  /** When they were removed last; instant, ISO 8601, UTC. */
  purged_at: Date | null;
  /** Whether they can be removed now: the dialogue is over. */
  over: boolean;
  /** What would be removed, or was. */
  counts: ErasedCounts;
}
