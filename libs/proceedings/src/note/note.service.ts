import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { ownDialogue } from '@app/dialogues';
import { audit, nameKey, Problem } from '@app/platform';
import { queueMails, UnitOfWork } from '@app/mail';
import type { LeftOut } from '../annex/annex.rules';
import { Annexes, type Listing } from '../annex/annex.service';
import { SUMMARY } from '../mail-kinds';
import { freezeNote, type FrozenName, type ReadableNote } from './frozen-note.rules';
import {
  composeNote,
  namesIn,
  noteProblems,
  publicationVerdict,
  type NoteCommitment,
  type NoteContent,
  type NoteDocument,
  type NoteIntervention,
  type NoteSources,
} from './note.rules';
import { peopleNamed } from './people';
import { meantBy, type MeantPerson, type Represents } from './people.rules';
import { namesBeside, publishedNote, type NoteNameRow } from './published-note';
import { missingSpeakers, type MissingSpeaker } from './speakers.rules';

/** Whose name was erased from a published note; null while it stands there. */
export interface MaybeErased {
  represents: Represents | null;
}

/** A note as its rapporteur edits it. Version 0: nothing was written yet. */
export interface EditedNote {
  content: Omit<NoteContent, 'interventions'> & { interventions: (NoteIntervention & MaybeErased)[] };
  version: number;
  publishedAt: Date | null;
  workingLanguages: string[];
}

/** A promise with who made it. */
export interface MadeCommitment
  extends
    NoteCommitment,
    MaybeErased,
    Pick<NoteIntervention, 'session' | 'speaker' | 'capacity' | 'on_behalf_of'> {
  id: string;
}

/** What publishing a note would do now. */
export interface PublicationPreview {
  /** Why it cannot be published; null when it can. */
  refused: { code: string; detail: string } | null;
  attendance: Listing['attendance'];
  /** How many the annex would list. */
  listed: number;
  leftOut: { registrationId: string; name: string; why: LeftOut }[];
  /** How many more are left out because their data are erased, so that there is no name to say. */
  erased: number;
  missingSpeakers: MissingSpeaker[];
  /** When personal data were removed by retention: then nobody who took part until then can be listed. */
  purgedAt: Date | null;
  /** How many it would be mailed to. */
  mails: number;
}

/** Whom a published note is mailed to: everybody confirmed `r`, whether they came or not. */
const MAILED = `r.dialogue_id = $1 AND r.state IN ('confirmed', 'under_review') AND r.erased_at IS NULL`;

const refusals = {
  dialogue_not_public:
    'The dialogue is a draft that nobody was invited to. Publish the dialogue before its note.',
  dialogue_cancelled: 'The dialogue was cancelled, so there is nothing to report of it.',
  dialogue_not_over:
    'The dialogue is not over, so nobody knows yet who took part. Publish the note once the dialogue has ended.',
};

const noteMissing = () =>
  new Problem(409, 'note_missing', 'There is no note yet. Write it with PUT before publishing it.');

const notePublished = () =>
  new Problem(
    409,
    'note_published',
    'The note is published and was mailed to the participants; it is fixed now.',
  );

/** The note for file: written by the rapporteur, published once, then fixed. */
@Injectable()
export class Notes {
  constructor(
    private readonly dataSource: DataSource,
    private readonly unitOfWork: UnitOfWork,
    private readonly annexes: Annexes,
  ) {}

  /** The content for editing; empty with version 0 when none was written. */
  async read(organiserId: string, dialogueId: string): Promise<EditedNote> {
    await ownDialogue(this.dataSource, organiserId, dialogueId, 'view');
    return this.load(this.dataSource.manager, dialogueId);
  }

  /**
   * Replaces the whole content.
   * @param expected the version that the writer read, 0 when there was none yet.
   * @throws Problem with every wrong field (422), `changed_meanwhile` (412), `note_published` (409).
   */
  async write(
    organiserId: string,
    dialogueId: string,
    content: NoteContent,
    expected: string,
  ): Promise<EditedNote> {
    return this.dataSource.transaction(async (manager) => {
      // An agenda that is replaced meanwhile would change what the session numbers mean: it waits for us.
      const { directoryOf } = await ownDialogue(manager, organiserId, dialogueId, 'record', 'FOR SHARE');
      const { sessions, mechanisms } = await this.whatTheNoteNames(manager, directoryOf, dialogueId, content);
      const problems = noteProblems(content, sessions, (name) => mechanisms.has(nameKey(name)));
      if (problems.length > 0) {
        const codes = new Set(problems.map(({ code }) => code));
        const code = codes.size === 1 ? problems[0]!.code : 'invalid_note';
        throw new Problem(422, code, problems[0]!.detail, problems);
      }
      const note = await this.take(manager, dialogueId, content, expected);
      await manager.query(
        `WITH interventions_gone AS (DELETE FROM interventions WHERE note_id = $1)
         DELETE FROM note_sessions WHERE note_id = $1`,
        [note.id],
      );
      await this.insertContent(manager, dialogueId, note.id, content, mechanisms);
      await audit(manager, {
        action: 'note.edited',
        dialogueId,
        subjectId: note.id,
        details: { version: note.version, interventions: content.interventions.length },
      });
      return this.load(manager, dialogueId);
    });
  }

  /** The note as it will be read when published, for its organiser. */
  async preview(organiserId: string, dialogueId: string): Promise<ReadableNote> {
    const { manager } = this.dataSource;
    await ownDialogue(manager, organiserId, dialogueId, 'view');
    const published = await publishedNote(manager, { dialogueId });
    if (published) return published;
    const { document } = await this.compose(manager, dialogueId);
    const { annex } = await this.annexes.of(manager, dialogueId);
    return { document, annex };
  }

  /** What publishing would do now, without doing it: whom the annex leaves out and why, and who would get a mail. */
  async publicationPreview(organiserId: string, dialogueId: string): Promise<PublicationPreview> {
    const { manager } = this.dataSource;
    await ownDialogue(manager, organiserId, dialogueId, 'view');
    const [facts]: {
      id: string | null;
      publishedAt: Date | null;
      state: string;
      endsAt: Date;
      purgedAt: Date | null;
      mails: number;
      now: Date;
    }[] = await manager.query(
      `SELECT n.id, n.published_at AS "publishedAt", d.state, d.ends_at AS "endsAt", d.purged_at AS "purgedAt",
              (SELECT count(*)::int FROM registrations r WHERE ${MAILED}) AS mails, now() AS now
         FROM dialogues d LEFT JOIN notes n ON n.dialogue_id = d.id WHERE d.id = $1`,
      [dialogueId],
    );
    const { purgedAt, mails, ...note } = facts!;
    const refused = refusalOf(note);
    const { people } = await this.compose(manager, dialogueId);
    const { annex, attendance, leftOut } = await this.annexes.of(manager, dialogueId);
    const why = new Map(leftOut.map((one) => [one.participant.registrationId, one.why]));
    return {
      refused: refused && { code: refused.code, detail: refused.message },
      attendance,
      listed: annex.groups.reduce((count, { entries }) => count + entries.length, 0),
      leftOut: leftOut
        .filter(({ participant }) => !participant.isErased)
        .map(({ participant: { registrationId, name }, why: reason }) => ({
          registrationId,
          name,
          why: reason,
        })),
      erased: leftOut.filter(({ participant }) => participant.isErased).length,
      missingSpeakers: missingSpeakers(
        people,
        new Set(annex.groups.flatMap(({ entries }) => entries.map(({ of }) => of.registrationId))),
        (registrationId) => why.get(registrationId),
      ),
      purgedAt,
      mails,
    };
  }

  /**
   * Freezes the note and its annex, and queues a mail to every confirmed participant, whether they came or not, in one
   * transaction.
   * @param expected the version that was approved; undefined when the publisher does not say.
   * @returns how many mails were queued.
   * @throws Problem (409) `note_published`, `note_missing`, `dialogue_not_over`, `dialogue_cancelled`,
   *   `dialogue_not_public`; `changed_meanwhile` (412).
   */
  async publish(
    organiserId: string,
    dialogueId: string,
    expected: number | undefined,
  ): Promise<{ publishedAt: Date; queued: number; slug: string }> {
    return this.unitOfWork.run(async (manager) => {
      // The dialogue before its note, as everywhere, so that no two wait for each other. Whoever writes the note does not
      // by that send it to all.
      await ownDialogue(manager, organiserId, dialogueId, 'manage', 'FOR SHARE');
      const note = await this.assertPublishable(manager, dialogueId, expected);
      await holdPeople(manager, dialogueId);
      const { document } = await this.compose(manager, dialogueId);
      const { annex } = await this.annexes.of(manager, dialogueId);
      const { frozen, names } = freezeNote(document, annex, randomUUID);
      const [[published]]: [[{ publishedAt: Date }], number] = await manager.query(
        `UPDATE notes SET published = $2, published_at = now(), updated_at = now() WHERE id = $1
         RETURNING published_at AS "publishedAt"`,
        [note.id, JSON.stringify(frozen)],
      );
      await insertNames(manager, note.id, names);
      const queued = await queueMails(
        manager,
        SUMMARY,
        `SELECT r.dialogue_id, r.id, r.name, r.email, r.language, 'summary:' || r.id || ':' || $2::uuid,
                '{}'::jsonb, NULL::timestamptz
           FROM registrations r WHERE ${MAILED}`,
        [dialogueId, note.id],
      );
      await audit(manager, {
        action: 'note.published',
        dialogueId,
        subjectId: note.id,
        details: { version: note.version, mails: queued },
      });
      return { ...published, queued, slug: note.slug };
    });
  }

  /** The published note of a dialogue, by the dialogue's public name; null when there is none. */
  async published(slug: string): Promise<ReadableNote | null> {
    return publishedNote(this.dataSource.manager, { slug });
  }

  /**
   * Every name beside the published note, for owners: anyone who asks to be taken out of it may have no registration any more,
   * or never had one. Empty until it is published.
   */
  async names(
    organiserId: string,
    dialogueId: string,
  ): Promise<{ names: NoteNameRow[]; workingLanguages: string[] }> {
    const { manager } = this.dataSource;
    const { workingLanguages } = await ownDialogue(manager, organiserId, dialogueId, 'own');
    const [note]: { id: string }[] = await manager.query(`SELECT id FROM notes WHERE dialogue_id = $1`, [
      dialogueId,
    ]);
    return { names: note ? await namesBeside(manager, note.id) : [], workingLanguages };
  }

  /** Whether everybody can read the note of a dialogue. */
  async isPublished(dialogueId: string): Promise<boolean> {
    const rows: unknown[] = await this.dataSource.query(
      'SELECT 1 FROM notes WHERE dialogue_id = $1 AND published_at IS NOT NULL',
      [dialogueId],
    );
    return rows.length > 0;
  }

  /** Every promise that the note records, in the order of the note. */
  async commitments(
    organiserId: string,
    dialogueId: string,
  ): Promise<{ made: MadeCommitment[]; workingLanguages: string[] }> {
    const { workingLanguages } = await ownDialogue(this.dataSource, organiserId, dialogueId, 'view');
    const made: MadeCommitment[] = await this.dataSource.query(
      `SELECT c.id, s.position AS session, i.speaker, ${REPRESENTS} AS represents, i.capacity, m.code AS on_behalf_of,
              c.kind, c.text, c.due::text AS due
         FROM notes n
         JOIN interventions i ON i.note_id = n.id
         JOIN commitments c ON c.intervention_id = i.id
         JOIN agenda_sessions s ON s.id = i.session_id
         LEFT JOIN mechanisms m ON m.id = i.on_behalf_of
         LEFT JOIN note_names k ON k.id = i.name_id
        WHERE n.dialogue_id = $1 ORDER BY s.position, i.position`,
      [dialogueId],
    );
    return { made, workingLanguages };
  }

  private async load(manager: EntityManager, dialogueId: string): Promise<EditedNote> {
    const [found]: (EditedNote['content'] & {
      version: number;
      publishedAt: Date | null;
      workingLanguages: string[];
    })[] = await manager.query(
      `SELECT coalesce(n.introduction, '') AS introduction, coalesce(n.way_forward, '') AS way_forward,
              coalesce(n.version, 0) AS version, n.published_at AS "publishedAt",
              d.working_languages AS "workingLanguages",
              coalesce((
                SELECT jsonb_agg(jsonb_build_object('session', s.position, 'text', ns.summary) ORDER BY s.position)
                  FROM note_sessions ns JOIN agenda_sessions s ON s.id = ns.session_id
                 WHERE ns.note_id = n.id), '[]') AS summaries,
              coalesce((
                SELECT jsonb_agg(jsonb_build_object(
                         'session', s.position, 'speaker', i.speaker, 'represents', ${REPRESENTS}, 'capacity', i.capacity,
                         'on_behalf_of', m.code, 'text', i.text, 'reply', i.reply,
                         'objectives', i.objectives, 'principles', i.principles,
                         'commitment', CASE WHEN c.id IS NOT NULL
                           THEN jsonb_build_object('kind', c.kind, 'text', c.text, 'due', c.due) END)
                       ORDER BY s.position, i.position)
                  FROM interventions i
                  JOIN agenda_sessions s ON s.id = i.session_id
                  LEFT JOIN mechanisms m ON m.id = i.on_behalf_of
                  LEFT JOIN commitments c ON c.intervention_id = i.id
                  LEFT JOIN note_names k ON k.id = i.name_id
                 WHERE i.note_id = n.id), '[]') AS interventions
         FROM dialogues d LEFT JOIN notes n ON n.dialogue_id = d.id WHERE d.id = $1`,
      [dialogueId],
    );
    const { version, publishedAt, workingLanguages, ...content } = found!;
    return { content, version, publishedAt, workingLanguages };
  }

  /** How many sessions the agenda has, and which mechanism each name used means, by the name's key. */
  private async whatTheNoteNames(
    manager: EntityManager,
    organiserId: string,
    dialogueId: string,
    content: NoteContent,
  ): Promise<{ sessions: number; mechanisms: Map<string, string> }> {
    const keys = new Set(
      content.interventions.flatMap(({ on_behalf_of }) =>
        on_behalf_of === null ? [] : nameKey(on_behalf_of),
      ),
    );
    const sessions: unknown[] = await manager.query(`SELECT 1 FROM agenda_sessions WHERE dialogue_id = $1`, [
      dialogueId,
    ]);
    const mechanisms: { key: string; id: string }[] = await manager.query(
      `SELECT key, m.id FROM mechanisms m CROSS JOIN unnest(m.name_keys) AS key
        WHERE m.organiser_id = $1 AND key = ANY ($2)`,
      [organiserId, [...keys]],
    );
    return {
      sessions: sessions.length,
      mechanisms: new Map(mechanisms.map(({ key, id }) => [key, id])),
    };
  }

  /** Takes the note for an edit, when it is still as the writer read it. */
  private async take(
    manager: EntityManager,
    dialogueId: string,
    content: NoteContent,
    expected: string,
  ): Promise<{ id: string; version: number }> {
    const [taken]: { id: string; version: number }[] = await manager.query(
      `INSERT INTO notes (dialogue_id, introduction, way_forward)
       SELECT $1, $2, $3
        WHERE $4 = '0' OR EXISTS (SELECT FROM notes WHERE dialogue_id = $1)
       ON CONFLICT (dialogue_id) DO UPDATE
         SET introduction = excluded.introduction, way_forward = excluded.way_forward,
             version = notes.version + 1, updated_at = now()
         WHERE notes.published_at IS NULL AND notes.version::text = $4
       RETURNING id, version`,
      [dialogueId, content.introduction, content.way_forward, expected],
    );
    if (taken) return taken;
    const found: { publishedAt: Date | null }[] = await manager.query(
      `SELECT published_at AS "publishedAt" FROM notes WHERE dialogue_id = $1`,
      [dialogueId],
    );
    if (found[0]?.publishedAt) throw notePublished();
    throw Problem.changedMeanwhile();
  }

  /** Summaries in one statement; interventions with their commitments in another, however many they are. */
  private async insertContent(
    manager: EntityManager,
    dialogueId: string,
    noteId: string,
    content: NoteContent,
    mechanisms: Map<string, string>,
  ): Promise<void> {
    if (content.summaries.length > 0)
      await manager.query(
        `INSERT INTO note_sessions (note_id, session_id, summary)
         SELECT $1, s.id, given.text
           FROM jsonb_to_recordset($3) AS given (session int, text text)
           JOIN agenda_sessions s ON s.dialogue_id = $2 AND s.position = given.session`,
        [noteId, dialogueId, JSON.stringify(content.summaries)],
      );
    if (content.interventions.length > 0)
      await manager.query(
        `WITH given AS (
           SELECT given.*, s.id AS session_id,
                  row_number() OVER (PARTITION BY given.session ORDER BY given.number) AS position
             FROM jsonb_to_recordset($3) AS given (
               id uuid, number int, session int, speaker text, speaker_key text, capacity text, mechanism_id uuid,
               text text, reply text, objectives int[], principles text[], commitment jsonb)
             JOIN agenda_sessions s ON s.dialogue_id = $2 AND s.position = given.session),
         made AS (
           INSERT INTO interventions (id, note_id, session_id, position, speaker, speaker_key, capacity, on_behalf_of,
                                      text, reply, objectives, principles)
           SELECT id, $1, session_id, position, speaker, speaker_key, capacity, mechanism_id,
                  text, reply, objectives, principles FROM given)
         INSERT INTO commitments (intervention_id, kind, text, due)
         SELECT id, commitment ->> 'kind', commitment ->> 'text', (commitment ->> 'due')::date
           FROM given WHERE jsonb_typeof(commitment) = 'object'`,
        [
          noteId,
          dialogueId,
          JSON.stringify(
            content.interventions.map((intervention, number) => ({
              ...intervention,
              id: randomUUID(),
              number,
              speaker_key: nameKey(intervention.speaker),
              mechanism_id:
                intervention.on_behalf_of === null
                  ? null
                  : mechanisms.get(nameKey(intervention.on_behalf_of)),
            })),
          ),
        ],
      );
  }

  /** Takes the lock under which the note is published, so that no edit slips in between. */
  private async assertPublishable(
    manager: EntityManager,
    dialogueId: string,
    expected: number | undefined,
  ): Promise<{ id: string; version: number; slug: string }> {
    const rows: {
      id: string;
      version: number;
      slug: string;
      publishedAt: Date | null;
      state: string;
      endsAt: Date;
      now: Date;
    }[] = await manager.query(
      `SELECT n.id, n.version, d.slug, n.published_at AS "publishedAt", d.state, d.ends_at AS "endsAt", now() AS now
         FROM notes n JOIN dialogues d ON d.id = n.dialogue_id
        WHERE n.dialogue_id = $1 FOR UPDATE OF n`,
      [dialogueId],
    );
    const note = rows[0];
    if (!note) throw noteMissing();
    if (!note.publishedAt && expected !== undefined && expected !== note.version)
      throw Problem.changedMeanwhile();
    const refused = refusalOf(note);
    if (refused) throw refused;
    return note;
  }

  /** Composes the note from the dialogue, its agenda and its people as they are now, and says whom its text names. */
  private async compose(
    manager: EntityManager,
    dialogueId: string,
  ): Promise<{ document: NoteDocument<MeantPerson>; people: MeantPerson[] }> {
    const { content } = await this.load(manager, dialogueId);
    const rows: { organiserId: string; dialogue: NoteSources['dialogue']; agenda: NoteSources['agenda'] }[] =
      await manager.query(
        `SELECT d.organiser_id AS "organiserId",
                jsonb_build_object(
                  'title', d.title, 'time_zone', d.time_zone,
                  'starts_at', to_char(d.starts_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
                  'ends_at', to_char(d.ends_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
                  'venue', jsonb_build_object('kind', d.venue -> 'kind', 'platform', d.venue -> 'platform',
                                              'room', d.venue -> 'room'),
                  'hosts', d.hosts, 'working_languages', d.working_languages) AS dialogue,
                coalesce((
                  SELECT jsonb_agg(jsonb_build_object(
                           'title', s.title, 'minutes', s.minutes, 'moderator', s.moderator,
                           'guiding_questions', s.guiding_questions,
                           'items', coalesce((
                             SELECT jsonb_agg(jsonb_build_object(
                                      'title', i.title, 'moderator', i.moderator, 'speakers', i.speakers)
                                    ORDER BY i.position)
                               FROM agenda_items i WHERE i.session_id = s.id), '[]'))
                         ORDER BY s.position)
                    FROM agenda_sessions s WHERE s.dialogue_id = d.id), '[]') AS agenda
           FROM dialogues d WHERE d.id = $1`,
        [dialogueId],
      );
    const { organiserId, dialogue, agenda } = rows[0]!;
    const codes = content.interventions.flatMap(({ on_behalf_of }) => on_behalf_of ?? []);
    const mechanisms: NoteSources['mechanisms'] = await manager.query(
      `SELECT code, name FROM mechanisms WHERE organiser_id = $1 AND code = ANY ($2)`,
      [organiserId, codes],
    );
    const names = new Set(namesIn(agenda, content));
    const known = await peopleNamed(manager, dialogueId, [...names]);
    const people = new Map(
      [...names].map((name) => [name, meantBy(name, known.get(nameKey(name)) ?? [])] as const),
    );
    const document = composeNote(
      { dialogue, agenda, mechanisms, person: (name) => people.get(name)! },
      content,
    );
    return { document, people: [...people.values()] };
  }
}

/** SQL of for whom the speaker of an intervention took part, where their name `k` is erased; else null. */
const REPRESENTS = `CASE WHEN k.erased_at IS NOT NULL THEN jsonb_build_object('country', k.country, 'body', k.body) END`;

/** Why a note is not published now; null when it can be. */
function refusalOf(note: {
  id: string | null;
  publishedAt: Date | null;
  state: string;
  endsAt: Date;
  now: Date;
}): Problem | null {
  if (note.id === null) return noteMissing();
  if (note.publishedAt) return notePublished();
  const verdict = publicationVerdict(note, note.now);
  return verdict && new Problem(409, verdict, refusals[verdict]);
}

/**
 * Holds everybody whom the note may name until it is published: an erasure that runs meanwhile either is seen here, or
 * waits and finds the names. People before registrations, as an erasure takes them.
 */
async function holdPeople(manager: EntityManager, dialogueId: string): Promise<void> {
  await manager.query(
    `SELECT FROM people p JOIN invitations i ON i.person_id = p.id WHERE i.dialogue_id = $1 ORDER BY p.id
     FOR KEY SHARE OF p`,
    [dialogueId],
  );
  await manager.query(`SELECT FROM registrations WHERE dialogue_id = $1 ORDER BY id FOR SHARE`, [dialogueId]);
}

/** Stores the names beside their note, and says of each intervention which is its speaker's: two statements. */
async function insertNames(manager: EntityManager, noteId: string, names: FrozenName[]): Promise<void> {
  await manager.query(
    `INSERT INTO note_names (id, note_id, position, in_annex, registration_ids, person_id, honorific, name,
                             functional_title, affiliation, role, mechanism, country, body)
     SELECT id, $1, position, "inAnnex", "registrationIds", "personId", honorific, name, "functionalTitle", affiliation,
            role, mechanism, country, body
       FROM jsonb_to_recordset($2) AS given (
              id uuid, position int, "inAnnex" boolean, "registrationIds" uuid[], "personId" uuid, honorific text, name text,
              "functionalTitle" text, affiliation text, role text, mechanism text, country text, body text)`,
    [noteId, JSON.stringify(names.map((name, position) => ({ ...name, position })))],
  );
  await manager.query(
    `UPDATE interventions i SET name_id = k.id FROM note_names k
      WHERE i.note_id = $1 AND k.note_id = $1 AND NOT k.in_annex AND k.name = i.speaker`,
    [noteId],
  );
}
