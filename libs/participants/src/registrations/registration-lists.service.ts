import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { ownDialogue, ownDialogueOf } from '@app/dialogues';
import { empty, many, nameKey, raw, sql } from '@app/platform';
import type { DelegationRole } from '../delegations/delegation.entity';
import { answerColumns, answersOf, auditSensitiveRead } from '../questions/answers';
import type { Answers } from '../questions/questions.rules';
import type { Attends, ConsentToBeListed, RegistrationState } from './registration.entity';

/** A registration as its organiser sees it. */
export interface RegistrationRow {
  id: string;
  invitation_id: string | null;
  state: RegistrationState;
  honorific: string | null;
  name: string;
  functional_title: string | null;
  email: string;
  affiliation: string | null;
  country: string | null;
  /** Code of the mechanism. */
  mechanism: string | null;
  capacity: string | null;
  language: string;
  time_zone: string;
  consent_to_be_listed: ConsentToBeListed;
  /** In the room or online, where the dialogue is both. */
  attends: Attends | null;
  delegation_id: string | null;
  /** Name of the mechanism or organisation whose delegation they belong to. */
  delegation: string | null;
  /** Their seat in it. */
  role: DelegationRole | null;
  confirmed_at: Date | null;
  /** Until when they may take the place that is offered. */
  offer_expires_at: Date | null;
  waitlist_number: string | null;
  version: number;
  created_at: string;
  /** When their data were erased; what is left of the row is for the counts. */
  erased_at: Date | null;
}

/** How many registrations stand where, and how many places there are (null: no limit). */
export interface RegistrationCounts {
  unconfirmed: number;
  awaiting_approval: number;
  waitlisted: number;
  offered: number;
  confirmed: number;
  under_review: number;
  refused: number;
  withdrawn: number;
  places: number | null;
}

const COLUMNS = `r.id, r.invitation_id, r.state, r.honorific, r.name, r.functional_title, r.email, r.affiliation, r.country,
  m.code AS mechanism, r.capacity, r.language, r.time_zone, r.consent_to_be_listed, r.attends, r.delegation_id,
  coalesce(delegate_of.name, g.organisation) AS delegation, r.role, r.confirmed_at, r.offer_expires_at, r.waitlist_number,
  r.version, r.created_at::text, r.erased_at`;

const TABLES = `registrations r LEFT JOIN mechanisms m ON m.id = r.mechanism_id
  LEFT JOIN delegations g ON g.id = r.delegation_id LEFT JOIN mechanisms delegate_of ON delegate_of.id = g.mechanism_id`;

/** A registration for a file, by column. */
export type ExportedRow = Record<string, string | number | null>;

/** Registrations for a file. */
export interface ExportedRegistrations {
  /** Of the dialogue, to name the file. */
  slug: string;
  columns: string[];
  rows: AsyncGenerator<ExportedRow>;
  /** Codes of sensitive questions whose answers are not among the columns. */
  withheld: string[];
}

/** How many rows the export holds in memory at once. */
const EXPORT_PAGE = 1_000;

const STATES = [
  'unconfirmed',
  'awaiting_approval',
  'waitlisted',
  'offered',
  'confirmed',
  'under_review',
  'refused',
  'withdrawn',
] as const satisfies RegistrationState[];

/** What organisers read of registrations. */
@Injectable()
export class RegistrationLists {
  constructor(private readonly dataSource: DataSource) {}

  /** One registration. @throws Problem 404 */
  async get(organiserId: string, registrationId: string): Promise<RegistrationRow & { dialogue_id: string }> {
    const { dialogueId } = await ownDialogueOf(
      this.dataSource,
      organiserId,
      'registration',
      registrationId,
      'view',
    );
    const [row]: RegistrationRow[] = await this.dataSource.query(
      `SELECT ${COLUMNS} FROM ${TABLES} WHERE r.id = $1`,
      [registrationId],
    );
    return { ...row!, dialogue_id: dialogueId };
  }

  /** A page of registrations in the order in which they came; one row more than `limit` when there are more. */
  async list(
    organiserId: string,
    dialogueId: string,
    page: { limit: number; after?: string[]; state?: RegistrationState; mechanism?: string },
  ): Promise<{ rows: RegistrationRow[]; counts: RegistrationCounts }> {
    const { directoryOf } = await ownDialogue(this.dataSource, organiserId, dialogueId, 'view');
    const [cameAfter, idAfter] = page.after ?? [];
    const ofState = page.state ? sql`AND r.state = ${page.state}` : empty;
    const ofMechanism =
      page.mechanism === undefined
        ? empty
        : sql`AND r.mechanism_id = (SELECT id FROM mechanisms
            WHERE organiser_id = ${directoryOf} AND code_key = ${nameKey(page.mechanism)})`;
    const afterwards = page.after
      ? sql`AND (r.created_at, r.id) > (${cameAfter}::timestamptz, ${idAfter}::uuid)`
      : empty;
    const rows = await many<RegistrationRow>(
      this.dataSource,
      sql`SELECT ${raw(COLUMNS)} FROM ${raw(TABLES)}
        WHERE r.dialogue_id = ${dialogueId} ${ofState} ${ofMechanism} ${afterwards}
        ORDER BY r.created_at, r.id LIMIT ${page.limit + 1}`,
    );
    return { rows, counts: await this.counts(dialogueId) };
  }

  /**
   * All registrations for a file, read page by page. The first columns are those of an import, then come others, then one
   * for each question; those to sensitive questions are withheld from whoever may not see them, and their codes answered.
   */
  async export(
    organiserId: string,
    dialogueId: string,
    state?: RegistrationState,
  ): Promise<ExportedRegistrations> {
    const { slug, seesSensitive } = await ownDialogue(this.dataSource, organiserId, dialogueId, 'view');
    const { codes, sensitiveCodes, withheld } = await answerColumns(this.dataSource, dialogueId, {
      sensitive: seesSensitive,
    });
    await auditSensitiveRead(this.dataSource.manager, {
      dialogueId,
      questions: sensitiveCodes,
      how: 'export',
    });
    const rows = this.pages(dialogueId, state, codes.length > 0 ? seesSensitive : null);
    return { slug, columns: [...EXPORT_COLUMNS, ...codes], rows, withheld };
  }

  private async *pages(
    dialogueId: string,
    state: RegistrationState | undefined,
    /** Whether with answers to sensitive questions, too; null: without answers. */
    sensitive: boolean | null,
  ): AsyncGenerator<ExportedRow> {
    let after: [string | null, string | null] = [null, null];
    let number = 0;
    for (;;) {
      const rows: (RegistrationRow & { name_key: string })[] = await this.dataSource.query(
        `SELECT ${COLUMNS}, r.name_key FROM ${TABLES}
         WHERE r.dialogue_id = $1 AND ($2::text IS NULL OR r.state = $2) AND r.erased_at IS NULL
           AND ($3::text IS NULL OR (r.name_key, r.id) > ($3, $4::uuid))
         ORDER BY r.name_key, r.id LIMIT $5`,
        [dialogueId, state ?? null, ...after, EXPORT_PAGE],
      );
      const ids = rows.map(({ id }) => id);
      const answers = sensitive === null ? null : await answersOf(this.dataSource, ids, { sensitive });
      for (const row of rows) {
        yield {
          ...inCells(answers?.get(row.id) ?? {}),
          ...row,
          no: ++number,
          title: row.functional_title,
          confirmed_at: row.confirmed_at?.toISOString() ?? null,
        } as unknown as ExportedRow;
      }
      const last = rows.at(-1);
      if (!last || rows.length < EXPORT_PAGE) return;
      after = [last.name_key, last.id];
    }
  }

  private async counts(dialogueId: string): Promise<RegistrationCounts> {
    // Counted by state first: each row is looked at once, and read from the small index alone.
    const [counts]: RegistrationCounts[] = await this.dataSource.query(
      `WITH counted AS (
         SELECT state, count(*)::int AS count FROM registrations WHERE dialogue_id = $1 GROUP BY state)
       SELECT ${STATES.map(
         (state) => `coalesce(max(count) FILTER (WHERE state = '${state}'), 0) AS ${state}`,
       ).join(', ')},
         (SELECT places FROM places WHERE dialogue_id = $1 AND scope = 'dialogue') AS places
       FROM counted`,
      [dialogueId],
    );
    return counts!;
  }
}

/** Several options stand in one cell. */
function inCells(answers: Answers): Record<string, string> {
  return Object.fromEntries(
    Object.entries(answers).map(([code, value]) => [code, [value].flat().join('; ')]),
  );
}

const EXPORT_COLUMNS = [
  'no',
  'honorific',
  'name',
  'title',
  'email',
  'affiliation',
  'country',
  'mechanism',
  'capacity',
  'language',
  'time_zone',
  'state',
  'waitlist_number',
  'consent_to_be_listed',
  'confirmed_at',
  'attends',
  'delegation',
  'role',
];
