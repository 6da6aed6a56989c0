import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { audit, Environment, nameKey, Problem } from '@app/platform';
import type { Dialogue, DialogueDocument } from '../dialogue.entity';
import { DialoguesService } from '../dialogues.service';
import { raiseVersion, versionOf } from '../versions/document-versions';
import { AgendaSession } from './agenda.entity';

/** A point of a session, as the organiser writes it. */
export interface AgendaItemDraft {
  title: string;
  minutes: number;
  moderator: string | null;
  speakers: string[];
  documents: DialogueDocument[];
}

/** A session, as the organiser writes it. */
export interface AgendaSessionDraft {
  /** Of a session that is there, when it is moved; without it the one at the same position is meant. */
  id?: string;
  title: string;
  minutes: number;
  moderator: string | null;
  guidingQuestions: string[];
  items: AgendaItemDraft[];
}

/** An agenda with the dialogue whose times it follows. */
export interface Agenda {
  dialogue: Dialogue;
  sessions: AgendaSession[];
  /** Of the agenda, which is edited apart from the dialogue. */
  version: number;
}

/** What happens when in a dialogue, and who speaks. */
@Injectable()
export class AgendaService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly dialogues: DialoguesService,
    private readonly environment: Environment,
  ) {}

  /** @throws Problem 404 */
  async get(organiserId: string, dialogueId: string): Promise<Agenda> {
    const { manager } = this.dataSource;
    const dialogue = await this.dialogues.get(organiserId, dialogueId);
    const version = await versionOf(manager, dialogueId, 'agenda');
    return { dialogue, version, sessions: await sessionsOf(manager, dialogueId) };
  }

  /**
   * Replaces the agenda. A session keeps its id, and so what the note for file says of it, by the id given or else by its
   * position; items by their position.
   * @param expected the version of the agenda that the writer read.
   * @throws Problem 404, 409 `dialogue_cancelled` or `session_in_note`, 412, 422 `session_unknown`
   */
  async replace(
    organiserId: string,
    dialogueId: string,
    drafts: AgendaSessionDraft[],
    expected: string,
    { announce }: { announce: boolean },
  ): Promise<Agenda> {
    return this.dataSource.transaction(async (manager) => {
      const dialogue = await this.dialogues.lock(manager, organiserId, dialogueId);
      const version = await raiseVersion(manager, dialogueId, 'agenda', expected);
      const present: { id: string }[] = await manager.query(
        'SELECT id FROM agenda_sessions WHERE dialogue_id = $1 ORDER BY position',
        [dialogueId],
      );
      const ids = identify(
        drafts,
        present.map(({ id }) => id),
      );
      await this.removeOthers(manager, dialogueId, ids);
      await writeSessions(manager, dialogueId, ids, drafts);
      await writeItems(manager, ids, drafts);
      if (dialogue.state === 'published' && announce) {
        const [{ now }]: [{ now: Date }] = await manager.query('SELECT now()');
        dialogue.announceRequested = true;
        dialogue.announcementDueAt = new Date(
          now.getTime() + this.environment.CHANGE_GATHERING_SECONDS * 1_000,
        );
        await manager.save(dialogue);
      }
      await audit(manager, {
        action: 'agenda.replaced',
        dialogueId,
        details: { sessions: drafts.length, announce },
      });
      return { dialogue, version, sessions: await sessionsOf(manager, dialogueId) };
    });
  }

  private async removeOthers(manager: EntityManager, dialogueId: string, kept: string[]): Promise<void> {
    try {
      await manager.query('DELETE FROM agenda_sessions WHERE dialogue_id = $1 AND id <> ALL($2::uuid[])', [
        dialogueId,
        kept,
      ]);
    } catch (error) {
      if ((error as { code?: string }).code !== '23503') throw error;
      throw new Problem(
        409,
        'session_in_note',
        'A session that this agenda leaves out has a summary or interventions in the note for file. Keep it, or move what was said first.',
      );
    }
  }
}

/** Which session is which: by the id given, else by position. @throws Problem 422 `session_unknown` */
function identify(drafts: AgendaSessionDraft[], present: string[]): string[] {
  const given = new Set<string>();
  drafts.forEach(({ id }, index) => {
    if (id === undefined) return;
    if (!present.includes(id) || given.has(id)) {
      throw Problem.field(
        `sessions.${index}.id`,
        'session_unknown',
        `sessions.${index}.id is not a session of this agenda, or is there twice. Leave it out for a new session.`,
      );
    }
    given.add(id);
  });
  return drafts.map(({ id }, index) => {
    const samePosition = present[index];
    return id ?? (samePosition && !given.has(samePosition) ? samePosition : randomUUID());
  });
}

async function writeSessions(
  manager: EntityManager,
  dialogueId: string,
  ids: string[],
  drafts: AgendaSessionDraft[],
): Promise<void> {
  const rows = drafts.map((draft, index) => ({
    id: ids[index],
    position: index + 1,
    title: draft.title,
    minutes: draft.minutes,
    moderator: draft.moderator,
    moderator_key: draft.moderator && nameKey(draft.moderator),
    guiding_questions: draft.guidingQuestions,
  }));
  // The positions may change places within the statement: their constraint is checked at its end.
  await manager.query(
    `INSERT INTO agenda_sessions (id, dialogue_id, position, title, minutes, moderator, moderator_key, guiding_questions)
     SELECT id, $1, position, title, minutes, moderator, moderator_key, guiding_questions
     FROM jsonb_to_recordset($2::jsonb) AS session (id uuid, position integer, title text, minutes integer,
       moderator text, moderator_key text, guiding_questions text[])
     ON CONFLICT (id) DO UPDATE SET position = excluded.position, title = excluded.title, minutes = excluded.minutes,
       moderator = excluded.moderator, moderator_key = excluded.moderator_key,
       guiding_questions = excluded.guiding_questions`,
    [dialogueId, JSON.stringify(rows)],
  );
}

async function writeItems(
  manager: EntityManager,
  ids: string[],
  drafts: AgendaSessionDraft[],
): Promise<void> {
  const rows = drafts.flatMap(({ items }, session) =>
    items.map((item, index) => ({
      session_id: ids[session],
      position: index + 1,
      title: item.title,
      minutes: item.minutes,
      moderator: item.moderator,
      moderator_key: item.moderator && nameKey(item.moderator),
      speakers: item.speakers,
      speaker_keys: item.speakers.map(nameKey),
      documents: item.documents,
    })),
  );
  await manager.query(
    `DELETE FROM agenda_items USING unnest($1::uuid[], $2::integer[]) AS kept (session_id, items)
     WHERE agenda_items.session_id = kept.session_id AND agenda_items.position > kept.items`,
    [ids, drafts.map(({ items }) => items.length)],
  );
  await manager.query(
    `INSERT INTO agenda_items (session_id, position, title, minutes, moderator, moderator_key, speakers, speaker_keys,
       documents)
     SELECT * FROM jsonb_to_recordset($1::jsonb) AS item (session_id uuid, position integer, title text,
       minutes integer, moderator text, moderator_key text, speakers text[], speaker_keys text[], documents jsonb)
     ON CONFLICT (session_id, position) DO UPDATE SET title = excluded.title, minutes = excluded.minutes,
       moderator = excluded.moderator, moderator_key = excluded.moderator_key, speakers = excluded.speakers,
       speaker_keys = excluded.speaker_keys, documents = excluded.documents`,
    [JSON.stringify(rows)],
  );
}

/** The sessions of a dialogue with their items, in order, in one statement. */
export async function sessionsOf(manager: EntityManager, dialogueId: string): Promise<AgendaSession[]> {
  return manager
    .createQueryBuilder(AgendaSession, 'session')
    .leftJoinAndSelect('session.items', 'item')
    .where('session.dialogueId = :dialogueId', { dialogueId })
    .orderBy('session.position')
    .addOrderBy('item.position')
    .getMany();
}

/**
 * Who speaks or moderates under one name does so under another from now on: a substitute takes over the slots of whom
 * they stand in for. Names are compared by `nameKey`. The version of the agenda stays: an organiser who edits it at the
 * same time is not refused because of it.
 * @returns how many sessions and items name someone else now.
 */
export async function moveSpeakingSlots(
  manager: EntityManager,
  dialogueId: string,
  fromName: string,
  toName: string,
): Promise<number> {
  const [{ moved }]: [{ moved: number }] = await manager.query(
    `WITH sessions AS (
       UPDATE agenda_sessions SET moderator = $4, moderator_key = $3
       WHERE dialogue_id = $1 AND moderator_key = $2 RETURNING id),
     items AS (
       UPDATE agenda_items SET
         moderator = CASE WHEN moderator_key = $2 THEN $4 ELSE moderator END,
         moderator_key = CASE WHEN moderator_key = $2 THEN $3 ELSE moderator_key END,
         speakers = ARRAY(SELECT CASE WHEN speaker.key = $2 THEN $4 ELSE speaker.name END
           FROM unnest(speakers, speaker_keys) WITH ORDINALITY AS speaker (name, key, number) ORDER BY number),
         speaker_keys = array_replace(speaker_keys, $2, $3)
       WHERE session_id IN (SELECT id FROM agenda_sessions WHERE dialogue_id = $1)
         AND (moderator_key = $2 OR $2 = ANY (speaker_keys)) RETURNING id)
     SELECT (SELECT count(*) FROM sessions)::int + (SELECT count(*) FROM items)::int AS moved`,
    [dialogueId, nameKey(fromName), nameKey(toName), toName],
  );
  if (moved === 0) return 0;
  await audit(manager, { action: 'agenda.speaker_replaced', dialogueId, details: { slots: moved } });
  return moved;
}
