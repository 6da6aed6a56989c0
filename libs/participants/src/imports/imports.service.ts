import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { ownDialogue, ownDialogueOf, type OwnDialogue } from '@app/dialogues';
import { audit, Problem } from '@app/platform';
import type { KnownMechanism } from '../registrations/registration-data.rules';
import { mapColumns, rowsOf, wrongMapping, type MappedColumn, type Mapping } from './import-columns.rules';
import {
  countVerdicts,
  judgeList,
  keysOf,
  type Directory,
  type DirectoryPerson,
  type ImportRow,
  type ImportVerdict,
} from './import.rules';
import { readTable, type SentAs } from './import.table';
import type { Note, Table } from './table.rules';

/** What an import would do. */
export interface ImportPreview {
  id: string;
  fileName: string | null;
  counts: Record<ImportVerdict, number>;
  /** How the columns are taken; empty when carried out. */
  columns: MappedColumn[];
  /** Fields without which nothing can be judged, and that no column gives. */
  missing: Mapping['missing'];
  notes: Note[];
  /** A page of the rows; one row more than asked for when there are more. */
  rows: (ImportRow & { position: number })[];
  confirmedAt: Date | null;
  undoneAt: Date | null;
  /** Rises whenever the mapping is set. */
  mappingVersion: number;
}

/** What an organiser said the columns are; the others are known by their names. */
export interface SaidMapping {
  mapping: Record<string, string | null>;
  version: number;
}

/** Which rows of a preview are wanted. */
export interface RowsPage {
  limit: number;
  /** Position of the last row of the page before. */
  after?: number;
  verdict?: ImportVerdict;
}

/** What an import did. */
export interface ImportOutcome {
  added: number;
  changed: number;
  unchanged: number;
  duplicates: number;
  refused: number;
  /** How many were put on the dialogue's list, to be invited. */
  prepared: number;
}

/** What undoing an import needs to know. Versions are those after it. */
export interface ImportUndo {
  added: { id: string; line: number; version: number }[];
  changed: { id: string; line: number; version: number; before: Record<string, string | null> }[];
  /** Invitations that it put on the dialogue's list. */
  prepared: { id: string; line: number }[];
}

/** What undoing an import did. */
export interface UndoOutcome {
  removedPeople: number;
  restoredPeople: number;
  removedInvitations: number;
  /** Lines of which everything stays as it is, and why. */
  left: { line: number; code: string; detail: string }[];
}

/** Columns of `people` that a list can fill; the same names in `ImportRow.person`. */
const PERSON = `honorific text, name text, functional_title text, email text, affiliation text, country text,
  mechanism_id uuid, capacity text, language text, time_zone text`;
const PERSON_COLUMNS = PERSON.replace(/ (text|uuid)/g, '');

/** What may have been done with a line since it was imported. */
const IN_THE_WAY = {
  registered_already:
    'The person has answered the invitation by registering. Withdraw the registration first, or leave it.',
  invited_already: 'The person was invited already, or has answered.',
  changed_since: 'The person was changed since; putting them back would lose that.',
  used_elsewhere: 'The person is on the list of another dialogue, was there before, or is a focal point.',
};

/** A table without the rows whose people were erased since it was read. */
function stillThere(table: Table | null): Table | null {
  return table && { ...table, rows: table.rows.filter(({ cells }) => (cells as string[] | null) !== null) };
}

function confirmedAlready(at: Date | null): Problem {
  return new Problem(
    409,
    'import_confirmed_already',
    `This import was carried out${at ? ` at ${at.toISOString()}` : ''}; nothing was done twice. Send the list again for a new preview.`,
  );
}

function mappingNeeded(missing: Mapping['missing']): Problem {
  return new Problem(
    409,
    'mapping_needed',
    `No column is known to be ${missing.join(' and ')}, so nobody could be judged. Say which it is: PUT the mapping, such as { "mapping": { "E-mail address": "email" } }.`,
    missing.map((field) => ({
      field,
      code: 'mapping_needed',
      detail: `Say which column is ${field}.`,
    })),
  );
}

/** Lists of people to invite: read, previewed, and carried out when their organiser says so. */
@Injectable()
export class ImportsService {
  constructor(private readonly dataSource: DataSource) {}

  /**
   * Reads a list and keeps what confirming it would do. Nothing else changes.
   * @throws Problem 422 when it can't be read, see `readTable`; 404 when the dialogue is not theirs.
   */
  async preview(
    organiserId: string,
    dialogueId: string,
    file: Buffer,
    sent: SentAs & { fileName?: string },
    page: RowsPage,
  ): Promise<ImportPreview> {
    const dialogue = await ownDialogue(this.dataSource, organiserId, dialogueId, 'manage');
    const table = await readTable(file, sent);
    const rows = await this.judge(dialogue, dialogueId, table, mapColumns(table, {}));
    const [kept]: { id: string }[] = await this.dataSource.query(
      `INSERT INTO imports (dialogue_id, organiser_id, file_name, source, mapping, rows)
       VALUES ($1, $2, $3, $4::jsonb, '{}', $5::jsonb) RETURNING id`,
      [dialogueId, organiserId, sent.fileName ?? null, JSON.stringify(table), JSON.stringify(rows)],
    );
    return this.read(kept!.id, page);
  }

  /** A preview again. @throws Problem 404 */
  async find(organiserId: string, importId: string, page: RowsPage): Promise<ImportPreview> {
    await ownDialogueOf(this.dataSource, organiserId, 'import', importId, 'manage');
    return this.read(importId, page);
  }

  /** What was said of the columns. @throws Problem 404 */
  async mapping(organiserId: string, importId: string): Promise<SaidMapping> {
    await ownDialogueOf(this.dataSource, organiserId, 'import', importId, 'manage');
    const [said]: SaidMapping[] = await this.dataSource.query(
      `SELECT coalesce(mapping, '{}') AS mapping, mapping_version AS version FROM imports WHERE id = $1`,
      [importId],
    );
    if (!said) throw Problem.notFound('import');
    return said;
  }

  /**
   * Says which column is which field, and judges the list anew. What was said before counts no more.
   * @param mapping field, or null for one not to be read, by column; others are known by their names.
   * @param expected the version of the mapping that the caller read.
   * @throws Problem 412; 422 `mapping_wrong` with each column; 409 `import_confirmed_already`
   */
  async map(
    organiserId: string,
    importId: string,
    mapping: Record<string, string | null>,
    expected: string,
    page: RowsPage,
  ): Promise<ImportPreview> {
    await this.dataSource.transaction(async (manager) => {
      const dialogue = await ownDialogueOf(manager, organiserId, 'import', importId, 'manage');
      const [kept]: { confirmedAt: Date | null; source: Table | null; version: number }[] =
        await manager.query(
          `SELECT confirmed_at AS "confirmedAt", source, mapping_version AS version FROM imports WHERE id = $1 FOR UPDATE`,
          [importId],
        );
      if (!kept) throw Problem.notFound('import');
      const table = stillThere(kept.source);
      if (kept.confirmedAt || !table) throw confirmedAlready(kept.confirmedAt);
      if (String(kept.version) !== expected) throw Problem.changedMeanwhile();
      const errors = wrongMapping(table, mapping);
      if (errors.length > 0)
        throw new Problem(422, 'mapping_wrong', errors.map(({ detail }) => detail).join(' '), errors);
      const rows = await this.judge(dialogue, dialogue.dialogueId, table, mapColumns(table, mapping));
      await manager.query(
        `UPDATE imports SET mapping = $2::jsonb, rows = $3::jsonb, mapping_version = mapping_version + 1 WHERE id = $1`,
        [importId, JSON.stringify(mapping), JSON.stringify(rows)],
      );
    });
    return this.read(importId, page);
  }

  /**
   * Carries a previewed list out: adds and changes people and puts all of them on the dialogue's list, in one
   * transaction and a handful of statements however long the list is.
   * @throws Problem 409 `import_confirmed_already`, `import_outdated` when the directory changed since the preview.
   */
  async confirm(organiserId: string, importId: string): Promise<ImportOutcome> {
    return this.dataSource.transaction(async (manager) => {
      const { directoryOf } = await ownDialogueOf(manager, organiserId, 'import', importId, 'manage');
      const [kept]: {
        dialogueId: string;
        confirmedAt: Date | null;
        rows: ImportRow[];
        source: Table | null;
        mapping: Record<string, string | null> | null;
      }[] = await manager.query(
        `SELECT dialogue_id AS "dialogueId", confirmed_at AS "confirmedAt", rows, source, mapping
           FROM imports WHERE id = $1 FOR UPDATE`,
        [importId],
      );
      if (!kept) throw Problem.notFound('import');
      if (kept.confirmedAt) throw confirmedAlready(kept.confirmedAt);
      const table = stillThere(kept.source);
      const { missing } = table ? mapColumns(table, kept.mapping ?? {}) : { missing: [] };
      if (missing.length > 0) throw mappingNeeded(missing);
      await this.assertUpToDate(manager, directoryOf, importId);
      const changed: ImportUndo['changed'] = await manager.query(
        `SELECT people.id, row.line, people.version + 1 AS version,
           (SELECT jsonb_object_agg(key, value) FROM jsonb_each(to_jsonb(people))
            WHERE key = ANY($3)) AS before
         FROM imports, jsonb_to_recordset(rows) AS row (line int, verdict text, email_key text, name_key text)
           JOIN people ON people.organiser_id = $1 AND people.email_key = row.email_key AND people.name_key = row.name_key
         WHERE imports.id = $2 AND row.verdict = 'change' ORDER BY row.line`,
        [directoryOf, importId, PERSON_COLUMNS.split(/,\s*/)],
      );
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
      const [invited]: Pick<ImportUndo, 'added' | 'prepared'>[] = await manager.query(
        `WITH listed AS (
           SELECT people.id AS person_id, people.version, row.line, row.verdict FROM imports,
             jsonb_to_recordset(rows) AS row (line int, verdict text, email_key text, name_key text)
             JOIN people ON people.organiser_id = $1 AND people.email_key = row.email_key AND people.name_key = row.name_key
           WHERE imports.id = $2 AND row.verdict IN ('add', 'change', 'unchanged')),
         prepared AS (
           -- A microsecond a line keeps the order of the list.
           INSERT INTO invitations (dialogue_id, person_id, created_at)
           SELECT $3, person_id, now() + line * interval '1 microsecond' FROM listed
           ON CONFLICT ON CONSTRAINT invitations_person DO NOTHING RETURNING id, person_id)
         SELECT coalesce((SELECT jsonb_agg(jsonb_build_object('id', person_id, 'line', line, 'version', version))
             FROM listed WHERE verdict = 'add'), '[]') AS added,
           coalesce((SELECT jsonb_agg(jsonb_build_object('id', id, 'line', line))
             FROM prepared JOIN listed USING (person_id)), '[]') AS prepared`,
        [directoryOf, importId, kept.dialogueId],
      );
      const undo: ImportUndo = { ...invited!, changed };
      await manager.query(
        `UPDATE imports SET confirmed_at = now(), source = NULL, undo = $2::jsonb WHERE id = $1`,
        [importId, JSON.stringify(undo)],
      );
      const counts = countVerdicts(kept.rows);
      const outcome = {
        added: counts.add,
        changed: counts.change,
        unchanged: counts.unchanged,
        duplicates: counts.duplicate,
        refused: counts.refuse,
        prepared: undo.prepared.length,
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

  /**
   * Takes an import back: people whom it added are removed, people whom it changed are as before, and invitations that
   * it prepared are gone. What was done with a line since, stands in the way: then nothing is undone at all, unless it
   * is wished as far as possible, line by line.
   * @throws Problem 409 `import_not_confirmed`, `import_undone_already`; `import_in_use` with what stands in the way.
   */
  async undo(organiserId: string, importId: string, asFarAsPossible: boolean): Promise<UndoOutcome> {
    return this.dataSource.transaction(async (manager) => {
      const { dialogueId } = await ownDialogueOf(manager, organiserId, 'import', importId, 'manage');
      const [kept]: { confirmedAt: Date | null; undoneAt: Date | null; undo: ImportUndo | null }[] =
        await manager.query(
          `SELECT confirmed_at AS "confirmedAt", undone_at AS "undoneAt", undo FROM imports WHERE id = $1 FOR UPDATE`,
          [importId],
        );
      if (!kept) throw Problem.notFound('import');
      if (!kept.confirmedAt)
        throw new Problem(
          409,
          'import_not_confirmed',
          'This import was never carried out; there is nothing to undo.',
        );
      if (kept.undoneAt || !kept.undo) {
        throw new Problem(
          409,
          'import_undone_already',
          kept.undoneAt
            ? `This import was undone at ${kept.undoneAt.toISOString()}.`
            : 'What undoing this import needs is not kept any more.',
        );
      }
      const left = await this.inTheWay(manager, kept.undo);
      if (left.length > 0 && !asFarAsPossible) {
        throw new Problem(
          409,
          'import_in_use',
          `${left.length === 1 ? 'One line' : `${left.length} lines`} of this import can't be undone, so nothing was. Send { "as_far_as_possible": true } to undo the rest.`,
          left.slice(0, 100).map(({ line, ...why }) => ({ field: `line ${line}`, ...why })),
        );
      }
      const stays = new Set(left.map(({ line }) => line));
      const outcome = { ...(await this.takeBack(manager, kept.undo, stays)), left };
      await manager.query(`UPDATE imports SET undone_at = now(), undo = NULL WHERE id = $1`, [importId]);
      await audit(manager, {
        action: 'import.undone',
        dialogueId,
        subjectId: importId,
        details: { ...outcome, left: left.length },
      });
      return outcome;
    });
  }

  /** Lines on which something happened since, one reason each. Their people and invitations are held until the commit. */
  private async inTheWay(manager: EntityManager, undo: ImportUndo): Promise<UndoOutcome['left']> {
    await manager.query(`SELECT id FROM people WHERE id = ANY($1) ORDER BY id FOR UPDATE`, [
      [...undo.added, ...undo.changed].map(({ id }) => id),
    ]);
    await manager.query(`SELECT id FROM invitations WHERE id = ANY($1) ORDER BY id FOR UPDATE`, [
      undo.prepared.map(({ id }) => id),
    ]);
    const found: { line: number; code: keyof typeof IN_THE_WAY }[] = await manager.query(
      `WITH added AS (SELECT * FROM jsonb_to_recordset($1::jsonb -> 'added') AS row (id uuid, line int, version int)),
         changed AS (SELECT * FROM jsonb_to_recordset($1::jsonb -> 'changed') AS row (id uuid, line int, version int)),
         prepared AS (SELECT * FROM jsonb_to_recordset($1::jsonb -> 'prepared') AS row (id uuid, line int))
       SELECT DISTINCT ON (line) line, code FROM (
         SELECT line, 1 AS position, 'registered_already' AS code FROM prepared
           JOIN registrations r ON r.invitation_id = prepared.id
         UNION ALL
         SELECT line, 2, 'invited_already' FROM prepared JOIN invitations i USING (id) WHERE i.state <> 'prepared'
         UNION ALL
         SELECT line, 3, 'changed_since' FROM (TABLE added UNION ALL TABLE changed) AS touched
           JOIN people p USING (id) WHERE p.version <> touched.version
         UNION ALL
         SELECT line, 4, 'used_elsewhere' FROM added WHERE EXISTS (
           SELECT FROM invitations i WHERE i.person_id = added.id AND i.id NOT IN (SELECT id FROM prepared))
           OR EXISTS (SELECT FROM delegations d WHERE d.focal_point_id = added.id)
       ) AS why ORDER BY line, position`,
      [JSON.stringify(undo)],
    );
    return found.map(({ line, code }) => ({ line, code, detail: IN_THE_WAY[code] }));
  }

  private async takeBack(
    manager: EntityManager,
    undo: ImportUndo,
    stays: ReadonlySet<number>,
  ): Promise<Omit<UndoOutcome, 'left'>> {
    const goes = <Item extends { line: number }>(items: Item[]) =>
      items.filter(({ line }) => !stays.has(line));
    const [, removedInvitations]: [unknown, number] = await manager.query(
      `DELETE FROM invitations WHERE id = ANY($1)`,
      [goes(undo.prepared).map(({ id }) => id)],
    );
    const [, removedPeople]: [unknown, number] = await manager.query(
      `DELETE FROM people WHERE id = ANY($1)`,
      [goes(undo.added).map(({ id }) => id)],
    );
    const [, restoredPeople]: [unknown, number] = await manager.query(
      `UPDATE people SET honorific = was.honorific, name = was.name, functional_title = was.functional_title,
         email = was.email, affiliation = was.affiliation, country = was.country,
         mechanism_id = (SELECT id FROM mechanisms WHERE id = was.mechanism_id), capacity = was.capacity,
         language = was.language, time_zone = was.time_zone, version = people.version + 1
       FROM jsonb_to_recordset($1::jsonb) AS row (id uuid, before jsonb), jsonb_to_record(row.before) AS was (${PERSON})
       WHERE people.id = row.id`,
      [JSON.stringify(goes(undo.changed))],
    );
    return { removedPeople, restoredPeople, removedInvitations };
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
       WHERE imports.id = $2 AND row.verdict IN ('add', 'change', 'unchanged') AND (people.id IS DISTINCT FROM row.person_id
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

  private async judge(
    dialogue: OwnDialogue,
    dialogueId: string,
    table: Table,
    mapping: Mapping,
  ): Promise<ImportRow[]> {
    if (mapping.missing.length > 0) return [];
    const listed = rowsOf(table, mapping);
    return judgeList(listed, {
      ...(await this.directory(dialogue.directoryOf, dialogueId, listed.map(keysOf))),
      language: dialogue.workingLanguages[0]!,
      timeZone: dialogue.timeZone,
    });
  }

  /** What is kept of an import, and a page of its rows. */
  private async read(importId: string, { limit, after = 0, verdict }: RowsPage): Promise<ImportPreview> {
    const [kept]: {
      fileName: string | null;
      source: Table | null;
      mapping: Record<string, string | null> | null;
      confirmedAt: Date | null;
      undoneAt: Date | null;
      mappingVersion: number;
      counts: Partial<Record<ImportVerdict, number>>;
    }[] = await this.dataSource.query(
      `SELECT file_name AS "fileName", source, mapping, confirmed_at AS "confirmedAt", undone_at AS "undoneAt",
         mapping_version AS "mappingVersion", coalesce((SELECT jsonb_object_agg(verdict, count) FROM (
           SELECT row ->> 'verdict' AS verdict, count(*) FROM jsonb_array_elements(rows) AS row GROUP BY 1) AS counted), '{}') AS counts
       FROM imports WHERE id = $1`,
      [importId],
    );
    if (!kept) throw Problem.notFound('import');
    const rows: { row: ImportRow; position: number }[] = await this.dataSource.query(
      `SELECT row, position::int FROM imports, jsonb_array_elements(rows) WITH ORDINALITY AS listed (row, position)
       WHERE imports.id = $1 AND position > $2 AND ($3::text IS NULL OR row ->> 'verdict' = $3)
       ORDER BY position LIMIT $4`,
      [importId, after, verdict ?? null, limit + 1],
    );
    const table = stillThere(kept.source);
    const { columns, missing, claimed } = table
      ? mapColumns(table, kept.mapping ?? {})
      : { columns: [], missing: [], claimed: [] };
    return {
      id: importId,
      fileName: kept.fileName,
      counts: { ...countVerdicts([]), ...kept.counts },
      columns,
      missing,
      notes: [
        ...(table?.notes ?? []),
        ...claimed.map(({ field, columns: claiming }) => ({
          code: 'doubled_column',
          detail: `${claiming.join(' and ')} can both be ${field}, so none is read. Say which it is in the mapping, and null for the other.`,
        })),
        ...(missing.length > 0 ? [{ code: 'mapping_needed', detail: mappingNeeded(missing).detail }] : []),
      ],
      rows: rows.map(({ row, position }) => ({ ...row, position })),
      confirmedAt: kept.confirmedAt,
      undoneAt: kept.undoneAt,
      mappingVersion: kept.mappingVersion,
    };
  }

  private async directory(
    organiserId: string,
    dialogueId: string,
    keys: readonly { email: string; name: string }[],
  ): Promise<Pick<Directory, 'mechanisms' | 'people'>> {
    const mechanisms = await knownMechanisms(this.dataSource, organiserId);
    const people: DirectoryPerson[] = await this.dataSource.query(
      `SELECT p.id, p.version, p.email_key, p.name_key, ${PERSON_COLUMNS.split(/,\s*/)
        .map((column) => `p.${column.trim()}`)
        .join(', ')}, i.id IS NOT NULL AS invited
       FROM people p LEFT JOIN invitations i ON i.person_id = p.id AND i.dialogue_id = $2
       WHERE p.organiser_id = $1 AND (p.email_key = ANY($3) OR p.name_key = ANY($4))`,
      [organiserId, dialogueId, keys.map(({ email }) => email), keys.map(({ name }) => name)],
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
