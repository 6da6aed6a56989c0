import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import {
  agendaTimes,
  Dialogue,
  sessionsOf,
  type AgendaItem,
  type AgendaSession,
  type Times,
} from '@app/dialogues';
import { Problem } from '@app/platform';

/** A dialogue as its pages show it. */
export interface ShownDialogue {
  dialogue: Dialogue;
  /** Whether its end has passed. */
  over: boolean;
  sessions: (Omit<AgendaSession, 'items'> & Times & { items: (AgendaItem & Times)[] })[];
}

/** Reads dialogues for the pages of participants. What was never published is not there for them: no draft, cancelled or not. */
@Injectable()
export class DialogueReader {
  constructor(private readonly dataSource: DataSource) {}

  /** @throws Problem 404 */
  async find(by: { slug: string } | { id: string }): Promise<ShownDialogue> {
    const dialogue = await this.dataSource.manager.findOneBy(Dialogue, by);
    if (!dialogue?.publishedAt) throw Problem.notFound('dialogue');
    const sessions = await sessionsOf(this.dataSource.manager, dialogue.id);
    const times = agendaTimes(dialogue.startsAt, sessions);
    return {
      dialogue,
      over: dialogue.endsAt <= new Date(),
      sessions: sessions.map((session, index) => ({
        ...session,
        ...times[index]!,
        items: session.items.map((item, position) => ({ ...item, ...times[index]!.items[position]! })),
      })),
    };
  }
}
