import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { audit, Links } from '@app/platform';
import { mailKinds } from '../mail-kind';

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

function awaitedKinds(): string[] {
  return mailKinds().flatMap(({ name, awaited }) => (awaited ? [name] : []));
}

/** Who wants no mail that they can do without. The delivery asks; what is about one's own registration goes on. */
@Injectable()
export class Unsubscriptions {
  constructor(
    private readonly dataSource: DataSource,
    private readonly links: Links,
  ) {}

  /**
   * What the link in a mail's List-Unsubscribe (RFC 8058) is about; null for any other link, and for that of a mail to somebody
   * who was replaced or corrected since: they would silence whoever is written to now.
   */
  async find(token: string): Promise<OwnUnsubscription | null> {
    const messageId = this.links.idOf(token);
    if (!messageId || !this.links.proves(token, 'unsubscription', messageId, 1)) return null;
    const [own]: OwnUnsubscription[] = await this.dataSource.query(
      `SELECT m.subject_id AS id, last.dialogue_id AS "dialogueId", last.language,
         EXISTS (SELECT FROM unsubscriptions u WHERE u.subject_id = m.subject_id) AS unsubscribed
       FROM mails m CROSS JOIN LATERAL (
         SELECT dialogue_id, language, recipient FROM mails
         WHERE subject_id = m.subject_id AND dialogue_id IS NOT NULL AND kind <> ALL($2) ORDER BY id DESC LIMIT 1) AS last
       WHERE m.message_id = $1 AND lower(last.recipient) = lower(m.recipient)`,
      // A code goes to the address that somebody may come to have.
      [messageId, awaitedKinds()],
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
