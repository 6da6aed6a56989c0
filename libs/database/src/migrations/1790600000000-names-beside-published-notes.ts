import { randomUUID } from 'node:crypto';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { nameKey } from '@app/platform';

/**
 * Names of people stand beside a published note, and its annex is frozen with it. Notes that are published already get the
 * annex that their page shows at this moment: whatever waited longer would lose more of it. The rules are written down
 * here as they are now, since a migration must not change with the code.
 */
export class NamesBesidePublishedNotes1790600000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE note_names (
        id uuid PRIMARY KEY,
        note_id uuid NOT NULL REFERENCES notes (id) ON DELETE CASCADE,
        position integer NOT NULL,
        in_annex boolean NOT NULL,
        registration_ids uuid[] NOT NULL,
        person_id uuid REFERENCES people (id) ON DELETE SET NULL,
        honorific text,
        name text NOT NULL,
        functional_title text,
        affiliation text,
        role text,
        mechanism text,
        country text,
        body text,
        erased_at timestamptz,
        CONSTRAINT note_names_position UNIQUE (note_id, position),
        CHECK (erased_at IS NULL OR name = '' AND
          num_nonnulls(honorific, functional_title, affiliation, role, mechanism, person_id) = 0)
      );
      CREATE INDEX note_names_person ON note_names (person_id) WHERE person_id IS NOT NULL;
      ALTER TABLE interventions ADD name_id uuid REFERENCES note_names (id) ON DELETE SET NULL;
      CREATE INDEX interventions_name ON interventions (name_id) WHERE name_id IS NOT NULL;
    `);
    const notes: { id: string; dialogueId: string; published: OldNote }[] = await queryRunner.query(
      `SELECT id, dialogue_id AS "dialogueId", published FROM notes WHERE published IS NOT NULL ORDER BY id`,
    );
    for (const note of notes) await freeze(queryRunner, note);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    const notes: { id: string; published: FrozenNote }[] = await queryRunner.query(
      `SELECT id, published FROM notes WHERE published IS NOT NULL ORDER BY id`,
    );
    for (const { id, published } of notes) {
      const names: (OldPerson & { id: string })[] = await queryRunner.query(
        `SELECT id, honorific, name, functional_title, affiliation FROM note_names WHERE note_id = $1`,
        [id],
      );
      const byId = new Map(names.map(({ id: nameId, ...person }) => [nameId, person]));
      const { annex: _, ...document } = published;
      await store(
        queryRunner,
        id,
        withPeople(document, (nameId) => byId.get(nameId)!),
      );
    }
    await queryRunner.query(`ALTER TABLE interventions DROP name_id; DROP TABLE note_names`);
  }
}

interface OldPerson {
  honorific: string | null;
  name: string;
  functional_title: string | null;
  affiliation: string | null;
}

/** What of a note holds people; all else is carried over. */
interface NoteOf<Who> {
  sessions: {
    moderator: Who | null;
    items: { moderator: Who | null; speakers: Who[] }[];
    interventions: { speaker: Who }[];
  }[];
}
type OldNote = NoteOf<OldPerson>;
type FrozenNote = NoteOf<string> & { annex: object };

interface Registered extends OldPerson {
  id: string;
  personId: string | null;
  isInvited: boolean;
  country: string | null;
  capacity: string | null;
  code: string | null;
  mechanism: string | null;
  organisation: string | null;
  isListed: boolean;
}

interface Name extends Partial<OldPerson> {
  id: string;
  in_annex: boolean;
  registration_ids: string[];
  person_id: string | null;
  name: string;
  role?: string | null;
  mechanism?: string | null;
  country: string | null;
  body: string | null;
}

function withPeople<From, To>(note: NoteOf<From>, to: (person: From) => To): NoteOf<To> {
  const orNobody = (person: From | null) => (person === null ? null : to(person));
  return {
    ...note,
    sessions: note.sessions.map((session) => ({
      ...session,
      moderator: orNobody(session.moderator),
      items: session.items.map((item) => ({
        ...item,
        moderator: orNobody(item.moderator),
        speakers: item.speakers.map(to),
      })),
      interventions: session.interventions.map((said) => ({ ...said, speaker: to(said.speaker) })),
    })),
  };
}

async function store(queryRunner: QueryRunner, noteId: string, content: object): Promise<void> {
  await queryRunner.query(`UPDATE notes SET published = $2 WHERE id = $1`, [noteId, JSON.stringify(content)]);
}

async function freeze(
  queryRunner: QueryRunner,
  { id: noteId, dialogueId, published }: { id: string; dialogueId: string; published: OldNote },
): Promise<void> {
  const registered: Registered[] = await queryRunner.query(
    `SELECT r.id, i.person_id AS "personId", r.invitation_id IS NOT NULL AS "isInvited", r.honorific, r.name,
            r.functional_title, r.affiliation, r.country, r.capacity, m.code, m.name AS mechanism, l.organisation,
            r.consent_to_be_listed <> 'never' AND (NOT EXISTS (SELECT FROM attendances WHERE dialogue_id = $1)
              OR EXISTS (SELECT FROM attendances a WHERE a.registration_id = r.id)) AS "isListed"
       FROM registrations r LEFT JOIN invitations i ON i.id = r.invitation_id
       LEFT JOIN delegations l ON l.id = r.delegation_id LEFT JOIN mechanisms m ON m.id = r.mechanism_id
      WHERE r.dialogue_id = $1 AND r.state IN ('confirmed', 'under_review') ORDER BY r.id`,
    [dialogueId],
  );
  const present: { code: string; name: string }[] = await queryRunner.query(
    `SELECT DISTINCT m.code, m.name FROM registrations r JOIN mechanisms m ON m.id = r.mechanism_id
      WHERE r.dialogue_id = $1 AND r.state IN ('confirmed', 'under_review')
        AND (NOT EXISTS (SELECT FROM attendances WHERE dialogue_id = $1)
          OR EXISTS (SELECT FROM attendances a WHERE a.registration_id = r.id))`,
    [dialogueId],
  );
  const names: Name[] = [];
  const inText = new Map<string, string>();
  const byKey = Map.groupBy(registered, ({ name }) => nameKey(name));
  const document = withPeople(published, (person) => {
    let id = inText.get(person.name);
    if (id === undefined) {
      id = randomUUID();
      inText.set(person.name, id);
      const namesakes = byKey.get(nameKey(person.name)) ?? [];
      const invited = namesakes.filter(({ isInvited }) => isInvited);
      const meant = invited.length > 0 ? invited : namesakes;
      const only = meant.length === 1 ? meant[0] : undefined;
      names.push({
        ...person,
        id,
        in_annex: false,
        registration_ids: meant.map((registration) => registration.id),
        person_id: only?.personId ?? null,
        ...(only ? represented(only) : { country: null, body: null }),
      });
    }
    return id;
  });
  const annex = composeAnnex(registered, present, (registration, beside) => {
    const id = randomUUID();
    names.push({
      id,
      in_annex: true,
      registration_ids: [registration.id],
      person_id: registration.personId,
      honorific: registration.honorific,
      name: registration.name,
      affiliation: registration.affiliation,
      ...beside,
      ...represented(registration),
    });
    return id;
  });
  await queryRunner.query(
    `INSERT INTO note_names (id, note_id, position, in_annex, registration_ids, person_id, honorific, name,
       functional_title, affiliation, role, mechanism, country, body)
     SELECT id, $1, position, in_annex, registration_ids, person_id, honorific, name, functional_title, affiliation, role,
            mechanism, country, body
       FROM jsonb_to_recordset($2) AS given (id uuid, position int, in_annex boolean, registration_ids uuid[],
              person_id uuid, honorific text, name text, functional_title text, affiliation text, role text, mechanism text,
              country text, body text)`,
    [noteId, JSON.stringify(names.map((name, position) => ({ ...name, position })))],
  );
  await queryRunner.query(
    `UPDATE interventions i SET name_id = k.id FROM note_names k
      WHERE i.note_id = $1 AND k.note_id = $1 AND NOT k.in_annex AND k.name = i.speaker`,
    [noteId],
  );
  await store(queryRunner, noteId, { ...document, annex });
}

const folded = (text: string | null) =>
  (text ?? '').normalize('NFKC').replace(/\s+/gu, ' ').trim().toLowerCase();

function represented({ country, capacity, mechanism, affiliation, organisation, name }: Registered) {
  if (country && folded(capacity) !== 'staff') return { country, body: null };
  const bodies = [mechanism, affiliation, organisation];
  const namesThem = (body: string) => ` ${folded(body)} `.includes(` ${folded(name)} `);
  return { country: null, body: bodies.find((body) => body && !namesThem(body)) ?? null };
}

const RANKS = new Map([
  ['chair', 0],
  ['co-chair', 1],
  ['former chair', 2],
  ['former co-chair', 2],
]);

/** Mechanisms by code, in each its chairs first, then by name; those of none by affiliation, then by name; numbered through. */
function composeAnnex(
  registered: Registered[],
  present: { code: string; name: string }[],
  keep: (registration: Registered, beside: { role: string | null; mechanism: string | null }) => string,
): object {
  const { compare } = new Intl.Collator('en', { numeric: true });
  const mechanisms = present.toSorted((one, other) => compare(one.code, other.code));
  const rank = ({ capacity }: Registered) => RANKS.get(folded(capacity)) ?? 3;
  let number = 0;
  const groups = [...mechanisms, null].map((mechanism) => ({
    mechanism,
    entries: registered
      .filter(({ isListed, code }) => isListed && code === (mechanism?.code ?? null))
      .toSorted(
        (one, other) =>
          (mechanism ? rank(one) - rank(other) : compare(one.affiliation ?? '', other.affiliation ?? '')) ||
          compare(one.name, other.name),
      )
      .map((registration) => ({ number: ++number, person: keep(registration, bracketOf(registration)) })),
  }));
  return { mechanisms, groups: groups.filter(({ entries }) => entries.length > 0) };
}

/** What stood in brackets after the affiliation. */
function bracketOf({ affiliation, capacity, code }: Registered): {
  role: string | null;
  mechanism: string | null;
} {
  const role = capacity?.trim() && folded(capacity) !== 'staff' ? capacity.trim() : null;
  const said = [...(affiliation ?? '').matchAll(/\(([^)]*)\)/gu)].map(([, text]) => folded(text!));
  const bracket = folded([role, code].filter((part) => part).join(', '));
  const isSaid = said.includes(bracket) || (role !== null && said.includes(folded(role)));
  return isSaid ? { role: null, mechanism: null } : { role, mechanism: code };
}
