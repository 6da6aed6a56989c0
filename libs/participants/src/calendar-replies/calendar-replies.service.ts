import { Injectable } from '@nestjs/common';
import { queueMails, recordReturn, UnitOfWork, type ReturnVerdict } from '@app/mail';
import { CALENDAR_REPLY } from '../mail-kinds';
import { usefulUntil } from '../registrations/registration-mails';

/**
 * What people answer with the buttons of their calendar program, proved by the secret in the ORGANIZER's address of their
 * entry. It changes nothing by itself: calendars are shared with assistants, and programs answer without being asked.
 */
@Injectable()
export class CalendarReplies {
  constructor(private readonly unitOfWork: UnitOfWork) {}

  /**
   * Keeps the answer. When somebody who takes part declines, they are asked by mail to say so by their personal link: once
   * for each time that they took part, and again after the dialogue has moved.
   * @param registrationId which the address proved.
   * @param digest see `digestOf`.
   */
  async take(registrationId: string, digest: string, verdict: ReturnVerdict): Promise<void> {
    await this.unitOfWork.run(async (manager) => {
      const [registration]: { dialogueId: string }[] = await manager.query(
        `SELECT dialogue_id AS "dialogueId" FROM registrations WHERE id = $1 AND erased_at IS NULL`,
        [registrationId],
      );
      const isReply =
        verdict.kind === 'calendar reply' && verdict.uid.toLowerCase().startsWith(`${registrationId}@`);
      const isNew = await recordReturn(manager, {
        digest,
        kind:
          isReply && registration
            ? 'calendar reply'
            : verdict.kind === 'automatic reply'
              ? verdict.kind
              : 'other',
        ...(registration && { dialogueId: registration.dialogueId, registrationId }),
        ...(isReply && registration && { status: verdict.status }),
      });
      if (!isNew || !registration || !isReply || verdict.status !== 'DECLINED') return;
      await queueMails(
        manager,
        CALENDAR_REPLY,
        `SELECT d.id, r.id, r.name, r.email, r.language,
           '${CALENDAR_REPLY.name}:' || r.id || ':' || r.participation_count || ':' || d.schedule_revision, '{}'::jsonb,
           ${usefulUntil('d')}
         FROM registrations r JOIN dialogues d ON d.id = r.dialogue_id
         WHERE r.id = $1 AND r.state IN ('confirmed', 'under_review')
           AND (d.state = 'postponed' OR d.state = 'published' AND d.ends_at > now())`,
        [registrationId],
      );
    });
  }
}
