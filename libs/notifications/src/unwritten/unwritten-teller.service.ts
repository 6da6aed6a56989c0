import { Injectable } from '@nestjs/common';
import { queueMails, UnitOfWork } from '@app/mail';
import { UNWRITTEN } from '@app/participants';
import { Environment, Recurring } from '@app/platform';
import { MANAGERS } from '../returns/returns-teller.service';

/**
 * SQL of whether mail `lost` waits because it could not be written, or its use ended over that within a day. Never that
 * the notice itself could not: it would go on for ever.
 */
export const IS_UNWRITTEN = `lost.unwritten_since IS NOT NULL AND lost.kind <> '${UNWRITTEN.name}' AND lost.recipient <> ''
  AND (lost.state IN ('queued', 'deferred') OR lost.state = 'missed' AND lost.next_attempt_at > now() - interval '1 day')`;

/** Notifies organisers of mails that cannot be written. */
@Injectable()
export class UnwrittenTeller {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly environment: Environment,
  ) {}

  /**
   * Queues one mail a day for each dialogue and each organiser who manages it, while a mail of the dialogue has waited for
   * `CHANGE_GATHERING_SECONDS`: what is written at the next attempt is nobody's concern. As often as wanted and by as many
   * processes at once as there are.
   * @returns how many were queued.
   */
  @Recurring({ job: 'tell-of-unwritten' })
  async tell(): Promise<number> {
    return this.unitOfWork.run((manager) =>
      queueMails(
        manager,
        UNWRITTEN,
        `SELECT d.id, o.id, o.name, o.email, o.language,
         '${UNWRITTEN.name}:' || d.id || ':' || o.id || ':' || to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD'),
         '{}'::jsonb, NULL::timestamptz
       FROM (SELECT dialogue_id FROM mails lost WHERE ${IS_UNWRITTEN} GROUP BY dialogue_id
         HAVING min(unwritten_since) <= now() - make_interval(secs => $1)) AS concerned
       JOIN dialogues d ON d.id = concerned.dialogue_id
       CROSS JOIN LATERAL (${MANAGERS}) AS managing JOIN organisers o ON o.id = managing.organiser_id`,
        [this.environment.CHANGE_GATHERING_SECONDS],
      ),
    );
  }
}
