import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { audit, Links } from '@app/platform';

/** What an unsubscribe link of a mail opens. */
export interface OwnUnsubscription {
  /** What the mails are about: one invitation, registration or delegation. */
  id: string;
  dialogueId: string;
  /** The language of the last mail about it, BCP 47. */
  language: string;
  /** Whether its reader is unsubscribed. */
  unsubscribed: boolean;
}

/** Who wants no mail that they can do without. The delivery asks; what is about one's own registration goes on. */
@Injectable()
export class Unsubscriptions {
  constructor(
    private readonly dataSource: DataSource,
    private readonly links: Links,
  ) {}

  /** What the link in a mail's List-Unsubscribe (RFC 8058) is about; null for any other link. */
  async find(token: string): Promise<OwnUnsubscription | null> {
    const id = this.links.idOf(token);
    if (!id || !this.links.proves(token, 'unsubscription', id, 1)) return null;
    const [own]: OwnUnsubscription[] = await this.dataSource.query(
      `SELECT $1::uuid AS id, m.dialogue_id AS "dialogueId", m.language,
         EXISTS (SELECT FROM unsubscriptions WHERE subject_id = $1) AS unsubscribed
       FROM mails m WHERE m.subject_id = $1 AND m.dialogue_id IS NOT NULL ORDER BY m.id DESC LIMIT 1`,
      [id],
    );
    return own ?? null;
  }

  /** No more mails that they can do without; as often as wanted. */
  async unsubscribe({ id, dialogueId }: OwnUnsubscription): Promise<void> {
    await this.dataSource.transaction(async (manager) => {
      const made: unknown[] = await manager.query(
        `INSERT INTO unsubscriptions (subject_id, dialogue_id) VALUES ($1, $2)
         ON CONFLICT (subject_id) DO NOTHING RETURNING subject_id`,
        [id, dialogueId],
      );
      if (made.length === 0) return;
      await audit(manager, { action: 'mails.unsubscribed', dialogueId, subjectId: id });
    });
  }

  /** Takes it back: what is queued from now on goes again. */
  async subscribe({ id, dialogueId }: OwnUnsubscription): Promise<void> {
    await this.dataSource.transaction(async (manager) => {
      const [, gone]: [unknown, number] = await manager.query(
        'DELETE FROM unsubscriptions WHERE subject_id = $1',
        [id],
      );
      if (gone === 0) return;
      await audit(manager, { action: 'mails.subscribed_again', dialogueId, subjectId: id });
    });
  }
}
