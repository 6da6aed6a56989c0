import { Injectable } from '@nestjs/common';
import { rolesWith } from '@app/dialogues';
import { queueMails, UnitOfWork } from '@app/mail';
import { UNDELIVERED } from '@app/participants';
import { Environment, Recurring } from '@app/platform';

/** SQL of the ids of the organisers who may manage dialogue `d`. */
export const MANAGERS = `SELECT organiser_id FROM dialogue_roles WHERE dialogue_id = d.id AND roles && ARRAY[${managing()}]
  UNION SELECT organiser_id FROM process_roles WHERE process_id = d.process_id AND roles && ARRAY[${managing()}]`;

/**
 * SQL of whether what came back `r` for mail `lost` is told: it was refused for good, too often, or until it was
 * too late. Never that this very mail did not arrive, or it would go on for ever.
 */
export const TOLD = `lost.kind <> '${UNDELIVERED.name}'
  AND (r.kind = 'hard bounce' OR r.kind = 'soft bounce' AND lost.state IN ('failed', 'missed'))`;

/** Tells organisers what did not arrive. */
@Injectable()
export class ReturnsTeller {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly environment: Environment,
  ) {}

  /**
   * Queues one mail for each dialogue and each organiser who manages it, with all that came back since the first of it,
   * `CHANGE_GATHERING_SECONDS` ago. As often as wanted and by as many processes at once as there are.
   * @returns how many were queued.
   */
  @Recurring({ job: 'tell-of-returns' })
  async tell(): Promise<number> {
    return this.unitOfWork.run(async (manager) => {
      const [told]: [{ dialogue: string; id: string }[], number] = await manager.query(
        `WITH waiting AS (
           SELECT r.id, r.dialogue_id, r.received_at FROM mail_returns r JOIN mails lost ON lost.id = r.mail_id
           WHERE r.told_at IS NULL AND r.kind IN ('hard bounce', 'soft bounce') AND r.dialogue_id IS NOT NULL AND ${TOLD}
           FOR UPDATE OF r SKIP LOCKED),
         due AS (
           SELECT dialogue_id FROM waiting GROUP BY dialogue_id
           HAVING min(received_at) <= now() - make_interval(secs => $1))
         UPDATE mail_returns r SET told_at = now() FROM waiting JOIN due USING (dialogue_id) WHERE r.id = waiting.id
         RETURNING r.dialogue_id AS dialogue, r.id::text`,
        [this.environment.CHANGE_GATHERING_SECONDS],
      );
      if (told.length === 0) return 0;
      return queueMails(
        manager,
        UNDELIVERED,
        `SELECT d.id, o.id, o.name, o.email, o.language, '${UNDELIVERED.name}:' || d.id || ':' || o.id || ':' || told.last,
           jsonb_build_object('first', told.first, 'last', told.last), NULL::timestamptz
         FROM (SELECT dialogue, min(id)::text AS first, max(id)::text AS last
           FROM unnest($1::uuid[], $2::bigint[]) AS each (dialogue, id) GROUP BY dialogue) AS told
         JOIN dialogues d ON d.id = told.dialogue
         CROSS JOIN LATERAL (${MANAGERS}) AS managing JOIN organisers o ON o.id = managing.organiser_id`,
        [told.map(({ dialogue }) => dialogue), told.map(({ id }) => id)],
      );
    });
  }
}

function managing(): string {
  return rolesWith('manage')
    .map((role) => `'${role}'`)
    .join(', ');
}
