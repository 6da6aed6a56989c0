import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { ownDialogue, ownDialogueOf } from '@app/dialogues';
import { audit, emailKey, nameKey, Problem } from '@app/platform';
import { oneLine, type KnownMechanism } from '../registrations/registration-data.rules';
import { readList, type ListRow } from './import.csv';
import {
  countVerdicts,
  judgeList,
  type Directory,
  type DirectoryPerson,
  type ImportRow,
  type ImportVerdict,
} from './import.rules';

/** What an import would do. */
export interface ImportPreview {
  id: string;
  counts: Record<ImportVerdict, number>;
  ignoredColumns: string[];
  rows: ImportRow[];
  confirmedAt: Date | null;
}

/** What an import did. */
export interface ImportOutcome {
  added: number;
  changed: number;
  unchanged: number;
  refused: number;
  /** How many were put on the dialogue's list, to be invited. */
  prepared: number;
}

/** Columns of `people` that a list can fill; the same names in `ImportRow.person`. */
const PERSON = `honorific text, name text, functional_title text, email text, affiliation text, country text,
  mechanism_id uuid, capacity text, language text, time_zone text`;
const PERSON_COLUMNS = PERSON.replace(/ (text|uuid)/g, '');

/** Lists of people to invite: read, previewed, and carried out when their organiser says so. */
@Injectable()
export class ImportsService {
  constructor(private readonly dataSource: DataSource) {}

  /**
   * Reads a list and keeps what confirming it would do. Nothing else changes.
   * @throws Problem 422 when it can't be read, see `readList`; 404 when the dialogue is not theirs.
   */
  async preview(organiserId: string, dialogueId: string, file: Buffer): Promise<ImportPreview> {
    const dialogue = await ownDialogue(this.dataSource, organiserId, dialogueId, 'manage');
    const { rows: listed, ignoredColumns } = readList(file);
    const rows = judgeList(listed, {
      ...(await this.directory(dialogue.directoryOf, dialogueId, listed)),
      language: dialogue.workingLanguages[0]!,
      timeZone: dialogue.timeZone,
    });
    const [kept]: { id: string }[] = await this.dataSource.query(
      `INSERT INTO imports (dialogue_id, organiser_id, rows) VALUES ($1, $2, $3::jsonb) RETURNING id`,
      [dialogueId, organiserId, JSON.stringify(rows)],
    );
    return { id: kept!.id, counts: countVerdicts(rows), ignoredColumns, rows, confirmedAt: null };
  }

  /** A preview again. @throws Problem 404 */
  async find(organiserId: string, importId: string): Promise<ImportPreview> {
    await ownDialogueOf(this.dataSource, organiserId, 'import', importId, 'manage');
    const [kept]: { rows: ImportRow[]; confirmedAt: Date | null }[] = await this.dataSource.query(
      `SELECT rows, confirmed_at AS "confirmedAt" FROM imports WHERE id = $1`,
      [importId],
    );
    if (!kept) throw Problem.notFound('import');
    return { id: importId, counts: countVerdicts(kept.rows), ignoredColumns: [], ...kept };
  }

  /**
   * Carries a previewed list out: adds and changes people and puts all of them on the dialogue's list, in one
   * transaction and a handful of statements however long the list is.
   * @throws Problem 409 `import_confirmed_already`, `import_outdated` when the directory changed since the preview.
   */
  async confirm(organiserId: string, importId: string): Promise<ImportOutcome> {
    return this.dataSource.transaction(async (manager) => {
      const { directoryOf } = await ownDialogueOf(manager, organiserId, 'import', importId, 'manage');
      const [kept]: { dialogueId: string; confirmedAt: Date | null; rows: ImportRow[] }[] =
        await manager.query(
          `SELECT dialogue_id AS "dialogueId", confirmed_at AS "confirmedAt", rows FROM imports WHERE id = $1 FOR UPDATE`,
          [importId],
        );
      if (!kept) throw Problem.notFound('import');
      if (kept.confirmedAt) {
        throw new Problem(
          409,
          'import_confirmed_already',
          `This import was carried out at ${kept.confirmedAt.toISOString()}; nothing was done twice. Send the list again for a new preview.`,
        );
      }
      await this.assertUpToDate(manager, directoryOf, importId);
      await manager.query(
        `INSERT INTO people (organiser_id, email_key, name_key, ${PERSON_COLUMNS})
         SELECT $1, row.email_key, row.name_key, person.* FROM imports,
           jsonb_to_recordset(rows) AS row (verdict text, email_key text, name_key text, person jsonb),
           jsonb_to_record(row.person) AS person (${PERSON})
         WHERE imports.id = $2 AND row.verdict IN ('add', 'change')
         ON CONFLICT ON CONSTRAINT people_address_and_name DO UPDATE SET
           honorific = excluded.honorific, name = excluded.name, functional_title = excluded.functional_title,
           email = excluded.email, affiliation = excluded.affiliation, country = excluded.country,
           mechanism_id = excluded.mechanism_id, capacity = excluded.capacity, language = excluded.language,
           time_zone = excluded.time_zone, version = people.version + 1`,
        [directoryOf, importId],
      );
      const [invited]: { prepared: number }[] = await manager.query(
        `WITH prepared AS (
           -- A microsecond a line keeps the order of the list.
           INSERT INTO invitations (dialogue_id, person_id, created_at)
           SELECT $3, people.id, now() + row.line * interval '1 microsecond' FROM imports,
             jsonb_to_recordset(rows) AS row (line int, verdict text, email_key text, name_key text)
             JOIN people ON people.organiser_id = $1 AND people.email_key = row.email_key AND people.name_key = row.name_key
           WHERE imports.id = $2 AND row.verdict <> 'refuse'
           ON CONFLICT ON CONSTRAINT invitations_person DO NOTHING RETURNING id)
         SELECT count(*)::int AS prepared FROM prepared`,
        [directoryOf, importId, kept.dialogueId],
      );
      await manager.query(`UPDATE imports SET confirmed_at = now() WHERE id = $1`, [importId]);
      const counts = countVerdicts(kept.rows);
      const outcome = {
        added: counts.add,
        changed: counts.change,
        unchanged: counts.unchanged,
        refused: counts.refuse,
        prepared: invited!.prepared,
      };
      await audit(manager, {
        action: 'import.confirmed',
        dialogueId: kept.dialogueId,
        subjectId: importId,
        details: outcome,
      });
      return outcome;
    });
  }

  /** Whether everybody is still as the preview found them, and every mechanism there. They are held so until the commit. */
  private async assertUpToDate(manager: EntityManager, directoryOf: string, importId: string): Promise<void> {
    await manager.query(
      `SELECT people.id FROM people WHERE organiser_id = $1 AND (email_key, name_key) IN (
         SELECT row.email_key, row.name_key FROM imports,
           jsonb_to_recordset(rows) AS row (email_key text, name_key text) WHERE imports.id = $2)
       ORDER BY people.id FOR UPDATE`,
      [directoryOf, importId],
    );
    const outdated: { line: number }[] = await manager.query(
      `SELECT row.line FROM imports, jsonb_to_recordset(rows) AS row
           (line int, verdict text, email_key text, name_key text, person_id uuid, person_version int, person jsonb)
         LEFT JOIN people ON people.organiser_id = $1 AND people.email_key = row.email_key AND people.name_key = row.name_key
         LEFT JOIN mechanisms ON mechanisms.id = (row.person ->> 'mechanism_id')::uuid
       WHERE imports.id = $2 AND row.verdict <> 'refuse' AND (people.id IS DISTINCT FROM row.person_id
         OR people.version IS DISTINCT FROM row.person_version
         OR (row.person ->> 'mechanism_id' IS NOT NULL AND mechanisms.id IS NULL))
       ORDER BY row.line LIMIT 20`,
      [directoryOf, importId],
    );
    if (outdated.length === 0) return;
    throw new Problem(
      409,
      'import_outdated',
      'The directory changed since this list was previewed, so confirming would not do what the preview says. Send the list again and look at the new preview.',
      outdated.map(({ line }) => ({
        field: `line ${line}`,
        code: 'changed_meanwhile',
        detail: `The person on line ${line} was added, changed or removed since.`,
      })),
    );
  }

  private async directory(
    organiserId: string,
    dialogueId: string,
    rows: readonly ListRow[],
  ): Promise<Pick<Directory, 'mechanisms' | 'people'>> {
    const mechanisms = await knownMechanisms(this.dataSource, organiserId);
    const people: DirectoryPerson[] = await this.dataSource.query(
      `SELECT p.id, p.version, p.email_key, p.name_key, ${PERSON_COLUMNS.split(/,\s*/)
        .map((column) => `p.${column.trim()}`)
        .join(', ')}, i.id IS NOT NULL AS invited
       FROM people p LEFT JOIN invitations i ON i.person_id = p.id AND i.dialogue_id = $2
       WHERE p.organiser_id = $1 AND (p.email_key = ANY($3) OR p.name_key = ANY($4))`,
      [
        organiserId,
        dialogueId,
        rows.map(({ cells }) => emailKey(oneLine(cells.email) ?? '')),
        rows.map(({ cells }) => nameKey(oneLine(cells.name) ?? '')),
      ],
    );
    return { mechanisms, people };
  }
}

/** The mechanisms of an organiser, for forms and lists, by name. */
export async function knownMechanisms(
  manager: EntityManager | DataSource,
  organiserId: string,
): Promise<KnownMechanism[]> {
  return manager.query(
    `SELECT id, code, name, name_keys AS "nameKeys" FROM mechanisms WHERE organiser_id = $1 ORDER BY name, id`,
    [organiserId],
  );
}
