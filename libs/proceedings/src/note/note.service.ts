import { randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { ownDialogue } from '@app/dialogues';
import { audit, nameKey, Problem } from '@app/platform';
import { MailQueue, queueMails } from '@app/mail';
import type { Annex } from '../annex/annex.rules';
import { Annexes } from '../annex/annex.service';
import { SUMMARY } from '../mail-kinds';
import {
  composeNote,
  noteProblems,
  peopleByName,
  publicationVerdict,
  type NamedPerson,
  type NoteCommitment,
  type NoteContent,
  type NoteDocument,
  type NoteIntervention,
  type NoteSources,
} from './note.rules';

/** A note as its rapporteur edits it. Version 0: nothing was written yet. */
export interface EditedNote {
  content: NoteContent;
  version: number;
  publishedAt: Date | null;
}

/** A note as it is read, with its annex as it is now. */
export interface ReadableNote {
  document: NoteDocument;
  annex: Annex;
}

/** A promise with who made it. */
export interface MadeCommitment
  extends NoteCommitment, Pick<NoteIntervention, 'session' | 'speaker' | 'capacity' | 'on_behalf_of'> {
  id: string;
}

const refusals = {
  dialogue_not_public:
    'The dialogue is a draft that nobody was invited to. Publish the dialogue before its note.',
  dialogue_cancelled: 'The dialogue was cancelled, so there is nothing to report of it.',
  dialogue_not_begun: 'The dialogue has not begun. Its note can be published from its start on.',
};

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
    @Inject(DataSource) private readonly dataSource: DataSource,
    @Inject(MailQueue) private readonly mailQueue: MailQueue,
    @Inject(Annexes) private readonly annexes: Annexes,
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
    const published: { published: NoteDocument | null }[] = await manager.query(
      `SELECT published FROM notes WHERE dialogue_id = $1`,
      [dialogueId],
    );
    const document = published[0]?.published ?? (await this.compose(manager, dialogueId));
    return { document, annex: await this.annexes.of(manager, dialogueId) };
  }

  /**
   * Fixes the note and queues a mail to every confirmed participant, whether they came or not, in one transaction.
   * @param expected the version that was approved; undefined when the publisher does not say.
   * @returns how many mails were queued.
   * @throws Problem (409) `note_published`, `note_missing`, `dialogue_not_begun`, `dialogue_cancelled`,
   *   `dialogue_not_public`; `changed_meanwhile` (412).
   */
  async publish(
    organiserId: string,
    dialogueId: string,
    expected: number | undefined,
  ): Promise<{ publishedAt: Date; queued: number; slug: string }> {
    const { publishedAt, queued, ids, slug } = await this.dataSource.transaction(async (manager) => {
      // The dialogue before its note, as everywhere, so that no two wait for each other. Whoever writes the note does not
      // by that send it to all.
      await ownDialogue(manager, organiserId, dialogueId, 'manage', 'FOR SHARE');
      const note = await this.assertPublishable(manager, dialogueId, expected);
      const document = await this.compose(manager, dialogueId);
      const [[published]]: [[{ publishedAt: Date }], number] = await manager.query(
        `UPDATE notes SET published = $2, published_at = now(), updated_at = now() WHERE id = $1
         RETURNING published_at AS "publishedAt"`,
        [note.id, JSON.stringify(document)],
      );
      const mails = await queueMails(
        manager,
        SUMMARY,
        `SELECT r.dialogue_id, r.id, r.name, r.email, r.language, 'summary:' || r.id || ':' || $2::uuid,
                '{}'::jsonb, NULL::timestamptz
           FROM registrations r WHERE r.dialogue_id = $1 AND r.state IN ('confirmed', 'under_review') AND r.erased_at IS NULL`,
        [dialogueId, note.id],
      );
      await audit(manager, {
        action: 'note.published',
        dialogueId,
        subjectId: note.id,
        details: { version: note.version, mails: mails.queued },
      });
      return { ...published, ...mails, slug: note.slug };
    });
    this.mailQueue.hint(ids, queued);
    return { publishedAt, queued, slug };
  }

  /** The published note of a dialogue, by the dialogue's public name; null when there is none. */
  async published(slug: string): Promise<ReadableNote | null> {
    const { manager } = this.dataSource;
    const rows: { dialogueId: string; document: NoteDocument }[] = await manager.query(
      `SELECT n.dialogue_id AS "dialogueId", n.published AS document
         FROM notes n JOIN dialogues d ON d.id = n.dialogue_id
        WHERE d.slug = $1 AND n.published_at IS NOT NULL`,
      [slug],
    );
    const row = rows[0];
    if (!row) return null;
    return { document: row.document, annex: await this.annexes.of(manager, row.dialogueId) };
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
  async commitments(organiserId: string, dialogueId: string): Promise<MadeCommitment[]> {
    await ownDialogue(this.dataSource, organiserId, dialogueId, 'view');
    return this.dataSource.query(
      `SELECT c.id, s.position AS session, i.speaker, i.capacity, m.code AS on_behalf_of, c.kind, c.text,
              c.due::text AS due
         FROM notes n
         JOIN interventions i ON i.note_id = n.id
         JOIN commitments c ON c.intervention_id = i.id
         JOIN agenda_sessions s ON s.id = i.session_id
         LEFT JOIN mechanisms m ON m.id = i.on_behalf_of
        WHERE n.dialogue_id = $1 ORDER BY s.position, i.position`,
      [dialogueId],
    );
  }

  private async load(manager: EntityManager, dialogueId: string): Promise<EditedNote> {
    const rows: (NoteContent & { version: number; publishedAt: Date | null })[] = await manager.query(
      `SELECT n.introduction, n.way_forward, n.version, n.published_at AS "publishedAt",
              coalesce((
                SELECT jsonb_agg(jsonb_build_object('session', s.position, 'text', ns.summary) ORDER BY s.position)
                  FROM note_sessions ns JOIN agenda_sessions s ON s.id = ns.session_id
                 WHERE ns.note_id = n.id), '[]') AS summaries,
              coalesce((
                SELECT jsonb_agg(jsonb_build_object(
                         'session', s.position, 'speaker', i.speaker, 'capacity', i.capacity,
                         'on_behalf_of', m.code, 'text', i.text, 'reply', i.reply,
                         'objectives', i.objectives, 'principles', i.principles,
                         'commitment', CASE WHEN c.id IS NOT NULL
                           THEN jsonb_build_object('kind', c.kind, 'text', c.text, 'due', c.due) END)
                       ORDER BY s.position, i.position)
                  FROM interventions i
                  JOIN agenda_sessions s ON s.id = i.session_id
                  LEFT JOIN mechanisms m ON m.id = i.on_behalf_of
                  LEFT JOIN commitments c ON c.intervention_id = i.id
                 WHERE i.note_id = n.id), '[]') AS interventions
         FROM notes n WHERE n.dialogue_id = $1`,
      [dialogueId],
    );
    if (!rows[0])
      return {
        content: { introduction: '', summaries: [], interventions: [], way_forward: '' },
        version: 0,
        publishedAt: null,
      };
    const { version, publishedAt, introduction, summaries, interventions, way_forward } = rows[0];
    return { content: { introduction, summaries, interventions, way_forward }, version, publishedAt };
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
      startsAt: Date;
      now: Date;
    }[] = await manager.query(
      `SELECT n.id, n.version, d.slug, n.published_at AS "publishedAt", d.state, d.starts_at AS "startsAt", now() AS now
         FROM notes n JOIN dialogues d ON d.id = n.dialogue_id
        WHERE n.dialogue_id = $1 FOR UPDATE OF n`,
      [dialogueId],
    );
    const note = rows[0];
    if (note?.publishedAt) throw notePublished();
    if (!note)
      throw new Problem(409, 'note_missing', 'There is no note yet. Write it with PUT before publishing it.');
    if (expected !== undefined && expected !== note.version) throw Problem.changedMeanwhile();
    const verdict = publicationVerdict(note, note.now);
    if (verdict) throw new Problem(409, verdict, refusals[verdict]);
    return note;
  }

  /** Composes the note from dialogue, agenda and directory as they are now. */
  private async compose(manager: EntityManager, dialogueId: string): Promise<NoteDocument> {
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
    const names = [
      ...agenda.flatMap(({ moderator, items }) => [
        moderator,
        ...items.flatMap((item) => [item.moderator, ...item.speakers]),
      ]),
      ...content.interventions.map(({ speaker }) => speaker),
    ].filter((name) => name !== null);
    const people = await this.peopleNamed(manager, organiserId, dialogueId, names);
    return composeNote(
      { dialogue, agenda, mechanisms, person: (name) => people.get(nameKey(name)) },
      content,
    );
  }

  /**
   * What is known of those named. What somebody writes about themselves through an open link comes last: it must not
   * give a title to somebody whom the organiser knows.
   */
  private async peopleNamed(
    manager: EntityManager,
    organiserId: string,
    dialogueId: string,
    names: string[],
  ): Promise<Map<string, NamedPerson & { key: string }>> {
    const rows: (NamedPerson & { key: string })[] = await manager.query(
      `SELECT key, honorific, name, functional_title, affiliation
         FROM (SELECT *, rank() OVER (PARTITION BY key ORDER BY source) AS rank
                 FROM (SELECT CASE WHEN invitation_id IS NULL THEN 3 ELSE 1 END AS source,
                              name_key AS key, honorific, name, functional_title, affiliation
                         FROM registrations
                        WHERE dialogue_id = $2 AND state IN ('confirmed', 'under_review') AND name_key = ANY ($3)
                       UNION ALL
                       SELECT 2, name_key, honorific, name, functional_title, affiliation
                         FROM people WHERE organiser_id = $1 AND name_key = ANY ($3)) AS known) AS ranked
        WHERE rank = 1`,
      [organiserId, dialogueId, [...new Set(names.map(nameKey))]],
    );
    return peopleByName(rows);
  }
}
