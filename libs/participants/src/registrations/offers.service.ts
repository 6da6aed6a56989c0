import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { UnitOfWork } from '@app/mail';
import { auditEach, log, Recurring } from '@app/platform';
import { OFFER_LAPSED } from '../mail-kinds';
import type { Seat } from '../places/places.rules';
import { PlacesService } from '../places/places.service';
import { queueRegistrationMails } from './registration-mails';

/** Offers that nobody answered in time. */
@Injectable()
export class Offers {
  constructor(
    private readonly dataSource: DataSource,
    private readonly places: PlacesService,
    private readonly unitOfWork: UnitOfWork,
  ) {}

  /**
   * Ends the offers whose time has passed, a transaction for each dialogue: their places go to the next, and each is told
   * once. As often as wanted and by as many processes at once as there are: the lock of the places decides.
   * @returns how many lapsed.
   */
  @Recurring({ job: 'expire-offers' })
  async expire(): Promise<number> {
    const dialogues: { id: string }[] = await this.dataSource.query(
      `SELECT DISTINCT d.id FROM registrations r JOIN dialogues d ON d.id = r.dialogue_id
       WHERE r.offer_expires_at <= now() AND d.state IN ('published', 'postponed')`,
    );
    let total = 0;
    for (const { id } of dialogues) {
      try {
        total += await this.unitOfWork.run((manager) => this.expireIn(manager, id));
      } catch (error) {
        // One in which nothing can lapse must not keep the others from it; it is tried again at the next turn.
        log.error({ err: error, dialogue: id }, 'offers not expired');
      }
    }
    return total;
  }

  /** @returns how many lapsed. */
  private async expireIn(manager: EntityManager, dialogueId: string): Promise<number> {
    await this.places.lock(manager, { dialogueId });
    // Cancelled meanwhile: they were told of that, and of nothing that lapsed.
    const [held]: unknown[] = await manager.query(
      `SELECT 1 FROM dialogues WHERE id = $1 AND state IN ('published', 'postponed') FOR SHARE`,
      [dialogueId],
    );
    if (!held) return 0;
    const [lapsed]: [(Seat & { id: string })[], number] = await manager.query(
      `WITH lapsed AS (SELECT id, invitation_id FROM registrations
         WHERE dialogue_id = $1 AND offer_expires_at <= now()),
       unanswered AS (UPDATE invitations SET state = 'declined', answered_at = now()
         WHERE id IN (SELECT invitation_id FROM lapsed) AND state = 'accepted')
       UPDATE registrations r SET state = 'withdrawn', offer_expires_at = NULL, transition_id = gen_random_uuid(),
         version = version + 1
       FROM lapsed WHERE r.id = lapsed.id RETURNING r.id, r.attends, r.delegation_id AS "delegationId", r.role`,
      [dialogueId],
    );
    if (lapsed.length === 0) return 0;
    const ids = lapsed.map(({ id }) => id);
    await this.places.giveBack(manager, dialogueId, lapsed);
    await auditEach(manager, ids, { action: 'registration.offer_lapsed', dialogueId });
    await queueRegistrationMails(manager, OFFER_LAPSED, ids);
    await this.places.promote(manager, dialogueId);
    return ids.length;
  }
}
