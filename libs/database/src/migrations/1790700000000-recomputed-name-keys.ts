import type { MigrationInterface, QueryRunner } from 'typeorm';
import { keySetAside, log, nameKey } from '@app/platform';

type KeyOf = (name: string) => string;

/** What was two names and now has one key: the row `id` of `table` was set aside, and `beside` is found by name. */
interface Collision {
  table: 'people' | 'registrations' | 'mechanisms';
  id: string;
  beside: string;
  dialogueId: string | null;
}

/** How many rows are read at a time. */
const PAGE = 5_000;

/**
 * Recomputes every stored key of a name by the present rule (docs/decisions/0027). Where two rows of one address now have
 * one key, both stay: the less important one is set aside, which the log and the audit say. PostgreSQL cannot compute a
 * key, so the names are read here, page by page. It takes the rule as it is in this version, since what is stored has to
 * equal what the services compute.
 */
export class RecomputedNameKeys1790700000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await recompute(queryRunner, nameKey);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await recompute(queryRunner, keyBefore);
  }
}

/** The rule until then. */
function keyBefore(name: string): string {
  return name.normalize('NFKC').replace(/\s+/gu, ' ').trim().toLowerCase();
}

async function recompute(queryRunner: QueryRunner, keyOf: KeyOf): Promise<void> {
  await recomputeAgendaAndNotes(queryRunner, keyOf);
  await recomputeImports(queryRunner, keyOf);
  const collisions = [
    ...(await recomputeMechanisms(queryRunner, keyOf)),
    // Whom invitations and delegations refer to is found by name.
    ...(await recomputeUnique(queryRunner, keyOf, {
      table: 'people',
      scope: 'organiser_id',
      dialogue: 'NULL::uuid',
      first: `EXISTS (SELECT FROM invitations i WHERE i.person_id = t.id)
        OR EXISTS (SELECT FROM delegations l WHERE l.focal_point_id = t.id)`,
      which: 'true',
    })),
    // Anyone who takes part is found by name. An erased registration has no name, and its id as key.
    ...(await recomputeUnique(queryRunner, keyOf, {
      table: 'registrations',
      scope: 'dialogue_id',
      dialogue: 'dialogue_id',
      first: `CASE WHEN state IN ('confirmed', 'under_review') THEN 4 WHEN state = 'offered' THEN 3
        WHEN state IN ('waitlisted', 'awaiting_approval') THEN 2 WHEN state = 'unconfirmed' THEN 0 ELSE 1 END`,
      which: 'erased_at IS NULL',
    })),
  ];
  if (collisions.length === 0) return;
  for (const collision of collisions) log.warn(collision, 'names that were two have one key; both rows stay');
  await queryRunner.query(
    `INSERT INTO audit_entries (actor, action, dialogue_id, subject_id, details)
     SELECT 'system', CASE "table" WHEN 'people' THEN 'person' WHEN 'registrations' THEN 'registration' ELSE 'mechanism' END
       || '.name_set_aside', "dialogueId", id, jsonb_build_object('beside', beside)
     FROM jsonb_to_recordset($1) AS collision ("table" text, id uuid, beside uuid, "dialogueId" uuid)`,
    [JSON.stringify(collisions)],
  );
}

/** Rows whose key, or list of keys, is another one by the rule, a page at a time. */
async function* changedKeys<Name extends string | string[]>(
  queryRunner: QueryRunner,
  keyOf: KeyOf,
  table: string,
  { name, key, which = 'true' }: { name: string; key: string; which?: string },
): AsyncGenerator<{ id: string; key: Name }[]> {
  for (let after: string | null = null; ;) {
    const rows: { id: string; name: Name; key: Name }[] = await queryRunner.query(
      `SELECT id, ${name} AS name, ${key} AS key FROM ${table}
       WHERE ($1::uuid IS NULL OR id > $1) AND ${name} IS NOT NULL AND ${which} ORDER BY id LIMIT ${PAGE}`,
      [after],
    );
    const changed = rows.flatMap(({ id, name: written, key: stored }) => {
      const now = (typeof written === 'string' ? keyOf(written) : written.map(keyOf)) as Name;
      return JSON.stringify(now) === JSON.stringify(stored) ? [] : [{ id, key: now }];
    });
    if (changed.length > 0) yield changed;
    if (rows.length < PAGE) return;
    after = rows.at(-1)!.id;
  }
}

async function recomputeAgendaAndNotes(queryRunner: QueryRunner, keyOf: KeyOf): Promise<void> {
  const columns = [
    { table: 'agenda_sessions', name: 'moderator', key: 'moderator_key', type: 'text' },
    { table: 'agenda_items', name: 'moderator', key: 'moderator_key', type: 'text' },
    { table: 'agenda_items', name: 'speakers', key: 'speaker_keys', type: 'text[]' },
    { table: 'interventions', name: 'speaker', key: 'speaker_key', type: 'text' },
  ];
  for (const { table, type, ...column } of columns) {
    for await (const changed of changedKeys(queryRunner, keyOf, table, column)) {
      await queryRunner.query(
        `UPDATE ${table} SET ${column.key} = changed.key
         FROM jsonb_to_recordset($1) AS changed (id uuid, key ${type}) WHERE ${table}.id = changed.id`,
        [JSON.stringify(changed)],
      );
    }
  }
}

/**
 * The keys of people or registrations, which with scope and address are unique.
 * @param first which of two with one key is found by name: the one with the highest value, then the older one.
 */
async function recomputeUnique(
  queryRunner: QueryRunner,
  keyOf: KeyOf,
  of: { table: 'people' | 'registrations'; scope: string; dialogue: string; first: string; which: string },
): Promise<Collision[]> {
  await queryRunner.query(`CREATE TEMPORARY TABLE new_keys (id uuid PRIMARY KEY, key text NOT NULL)`);
  const column = { name: 'name', key: 'name_key', which: of.which };
  for await (const changed of changedKeys<string>(queryRunner, keyOf, of.table, column)) {
    await queryRunner.query(
      `INSERT INTO new_keys SELECT id, key FROM jsonb_to_recordset($1) AS changed (id uuid, key text)`,
      [JSON.stringify(changed)],
    );
  }
  const later: { id: string; beside: string; dialogueId: string | null; key: string; number: number }[] =
    await queryRunner.query(
      `SELECT * FROM (
         SELECT t.id, coalesce(n.key, t.name_key) AS key, ${of.dialogue} AS "dialogueId",
           row_number() OVER same::int AS number, first_value(t.id) OVER same AS beside
         FROM ${of.table} t LEFT JOIN new_keys n USING (id) WHERE ${of.which}
         WINDOW same AS (PARTITION BY ${of.scope}, email_key, coalesce(n.key, t.name_key)
           ORDER BY (${of.first}) DESC, created_at, t.id)) AS named
       WHERE number > 1`,
    );
  await queryRunner.query(
    `INSERT INTO new_keys SELECT id, key FROM jsonb_to_recordset($1) AS aside (id uuid, key text)
     ON CONFLICT (id) DO UPDATE SET key = excluded.key`,
    [JSON.stringify(later.map(({ id, key, number }) => ({ id, key: keySetAside(key, number) })))],
  );
  // Uniqueness is checked row by row, and one row may get the key that another one gives up: so all give theirs up first.
  await queryRunner.query(`UPDATE ${of.table} t SET name_key = t.id::text FROM new_keys n WHERE n.id = t.id`);
  await queryRunner.query(`UPDATE ${of.table} t SET name_key = n.key FROM new_keys n WHERE n.id = t.id`);
  await queryRunner.query('DROP TABLE new_keys');
  return later.map(({ id, beside, dialogueId }) => ({ table: of.table, id, beside, dialogueId }));
}

/** Codes and names of mechanisms, which no two of an organiser may share: codes come first, then names, then the others. */
async function recomputeMechanisms(queryRunner: QueryRunner, keyOf: KeyOf): Promise<Collision[]> {
  const mechanisms: { id: string; organiser: string; code: string; name: string; others: string[] }[] =
    await queryRunner.query(
      `SELECT id, organiser_id AS organiser, code, name, other_names AS others FROM mechanisms ORDER BY created_at, id`,
    );
  const owners = new Map<string, string[]>();
  const claim = (mechanism: { id: string; organiser: string }, name: string): string => {
    const key = keyOf(name);
    const place = `${mechanism.organiser} ${key}`;
    const those = owners.get(place) ?? [];
    if (!those.includes(mechanism.id)) owners.set(place, (those.push(mechanism.id), those));
    const number = those.indexOf(mechanism.id) + 1;
    return number === 1 ? key : keySetAside(key, number);
  };
  const codes = mechanisms.map((mechanism) => claim(mechanism, mechanism.code));
  const names = mechanisms.map((mechanism) => claim(mechanism, mechanism.name));
  const written = mechanisms.map((mechanism, index) => ({
    id: mechanism.id,
    code_key: codes[index],
    name_keys: [
      ...new Set([codes[index]!, names[index]!, ...mechanism.others.map((name) => claim(mechanism, name))]),
    ],
  }));
  await queryRunner.query(`UPDATE mechanisms SET code_key = id::text`);
  await queryRunner.query(
    `UPDATE mechanisms SET code_key = written.code_key, name_keys = written.name_keys
     FROM jsonb_to_recordset($1) AS written (id uuid, code_key text, name_keys text[]) WHERE mechanisms.id = written.id`,
    [JSON.stringify(written)],
  );
  // Once for each mechanism, whichever of its names it is.
  const collisions = [...owners.values()].flatMap(([beside, ...later]) =>
    later.map((id) => [id, { table: 'mechanisms' as const, id, beside: beside!, dialogueId: null }] as const),
  );
  return [...new Map(collisions).values()];
}

/** A row of an imported list, as far as its key matters. */
interface ListedRow {
  line: number;
  verdict: string;
  duplicate_of: unknown;
  email_key: string;
  name_key: string;
  person: { name: string };
}

/**
 * The keys in lists that were read in, by which rows are carried out and erased; one list at a time, as a list may be long.
 * Of a list that was not carried out yet, a row that now names somebody a second time is a duplicate.
 */
async function recomputeImports(queryRunner: QueryRunner, keyOf: KeyOf): Promise<void> {
  const lists: { id: string; open: boolean }[] = await queryRunner.query(
    `SELECT id, confirmed_at IS NULL AS open FROM imports WHERE rows <> '[]'`,
  );
  for (const { id, open } of lists) {
    const [{ rows }]: [{ rows: ListedRow[] }] = await queryRunner.query(
      'SELECT rows FROM imports WHERE id = $1',
      [id],
    );
    const first = new Map<string, ListedRow>();
    const written = rows.map((row) => {
      // A row whose cells were not judged has no keys.
      if (row.name_key === '') return row;
      const now = { ...row, name_key: keyOf(row.person.name) };
      if (!open || row.verdict === 'refuse' || row.verdict === 'duplicate') return now;
      const who = `${now.email_key}\n${now.name_key}`;
      const twin = first.get(who);
      if (!twin) return (first.set(who, now), now);
      const duplicateOf = { line: twin.line, person_id: null, name: twin.person.name, is_likely: false };
      return { ...now, verdict: 'duplicate', duplicate_of: duplicateOf };
    });
    await queryRunner.query('UPDATE imports SET rows = $2::jsonb WHERE id = $1', [
      id,
      JSON.stringify(written),
    ]);
  }
}
