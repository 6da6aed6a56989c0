import { Injectable } from '@nestjs/common';
import { queueMails, UnitOfWork } from '@app/mail';
import { audit, emailKey, Problem } from '@app/platform';
import { ADDRESS_CONFIRMATION, INVITATION, REGISTRATION_LINK } from '../mail-kinds';
import { usefulUntil } from '../registrations/registration-mails';

/** For the keys of mails: who asks again and again is mailed once a minute. */
const MINUTE = `to_char(now(), 'YYYYMMDDHH24MI')`;

/** Sends people the personal links that they lost. */
@Injectable()
export class LostLinks {
  constructor(private readonly unitOfWork: UnitOfWork) {}

  /**
   * Mails every registration and every open invitation at this address in this dialogue its link. Says nothing of whether
   * there is one: the same statements find nobody, and a line of audit is written in any case.
   * @throws Problem 404 when there is no such dialogue.
   */
  async send(slug: string, email: string): Promise<void> {
    await this.unitOfWork.runAlike(async (manager) => {
      const [dialogue]: { id: string }[] = await manager.query(
        `SELECT id FROM dialogues WHERE slug = $1 AND published_at IS NOT NULL`,
        [slug],
      );
      if (!dialogue) throw Problem.notFound('dialogue');
      const who = [dialogue.id, emailKey(email)];
      await queueMails(
        manager,
        REGISTRATION_LINK,
        `SELECT r.dialogue_id, r.id, r.name, r.email, r.language, '${REGISTRATION_LINK.name}:' || r.id || ':' || ${MINUTE},
           '{}'::jsonb, ${usefulUntil('d')}
         FROM registrations r JOIN dialogues d ON d.id = r.dialogue_id
         WHERE r.dialogue_id = $1 AND r.email_key = $2 AND r.state <> 'unconfirmed' AND r.erased_at IS NULL`,
        who,
      );
      await queueMails(
        manager,
        ADDRESS_CONFIRMATION,
        `SELECT r.dialogue_id, r.id, r.name, r.email, r.language,
           '${ADDRESS_CONFIRMATION.name}:' || r.id || ':' || r.transition_id || ':' || ${MINUTE}, '{}'::jsonb, ${usefulUntil('d')}
         FROM registrations r JOIN dialogues d ON d.id = r.dialogue_id
         WHERE r.dialogue_id = $1 AND r.email_key = $2 AND r.state = 'unconfirmed'`,
        who,
      );
      await queueMails(
        manager,
        INVITATION,
        // Whoever was nominated is told so again, as in the mail before.
        `SELECT i.dialogue_id, i.id, p.name, p.email, p.language,
           '${INVITATION.name}:' || i.id || ':' || i.link_generation || ':' || ${MINUTE},
           coalesce((SELECT parameters FROM mails before WHERE before.subject_id = i.id AND before.kind = '${INVITATION.name}'
             ORDER BY before.id DESC LIMIT 1), '{}'), d.starts_at
         FROM invitations i JOIN people p ON p.id = i.person_id JOIN dialogues d ON d.id = i.dialogue_id
         WHERE i.dialogue_id = $1 AND p.email_key = $2 AND i.state = 'sent'
           AND NOT EXISTS (SELECT FROM registrations r WHERE r.invitation_id = i.id AND r.state <> 'unconfirmed')`,
        who,
      );
      await audit(manager, { action: 'links.requested', dialogueId: dialogue.id });
    });
  }
}
