import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { ownDialogueOf, type DialogueState, type Venue } from '@app/dialogues';
import { queueMails, UnitOfWork } from '@app/mail';
import { audit, Problem } from '@app/platform';
import { hasLinkToJoin, JOIN_GENERATION, LET_IN } from '../attendance/attendance.rules';
import { JOIN_LINK } from '../mail-kinds';
import type { Attends } from '../registrations/registration.entity';
import { standing, standingInWords } from '../registrations/registration.rules';
import { usefulUntil } from '../registrations/registration-mails';

/** What decides whether somebody has a link to join. */
interface Joiner {
  /** See `LET_IN`. */
  mayEnter: boolean;
  attends: Attends | null;
  venue: Venue;
  dialogue: { state: DialogueState; over: boolean };
}

/** Links to join, which stand in calendar entries that people forward. */
@Injectable()
export class JoinLinks {
  constructor(private readonly unitOfWork: UnitOfWork) {}

  /**
   * Makes a new link to join of a registration and mails it with the updated calendar entry. The old one no longer opens
   * anything.
   * @throws Problem 404, 403; 409 with the dialogue's standing, `not_confirmed` or `no_link_to_join`; the old link stays then.
   */
  async renew(organiserId: string, registrationId: string): Promise<void> {
    await this.unitOfWork.run(async (manager) => {
      assertJoins(await this.revokeOne(manager, organiserId, registrationId));
      await queueJoinLink(manager, registrationId);
    });
  }

  /**
   * Revokes the link to join of a registration, also where there can be no new one. Anyone who is let in and joins online is
   * mailed a new one with the updated calendar entry.
   * @throws Problem 404, 403
   */
  async revoke(organiserId: string, registrationId: string): Promise<void> {
    await this.unitOfWork.run(async (manager) => {
      await this.revokeOne(manager, organiserId, registrationId);
      await queueJoinLink(manager, registrationId);
    });
  }

  private async revokeOne(
    manager: EntityManager,
    organiserId: string,
    registrationId: string,
  ): Promise<Joiner> {
    const { dialogueId } = await ownDialogueOf(
      manager,
      organiserId,
      'registration',
      registrationId,
      'manage',
    );
    const [[revoked]]: [unknown[], number] = await manager.query(
      `UPDATE registrations SET join_link_revocations = join_link_revocations + 1
       WHERE id = $1 AND erased_at IS NULL RETURNING id`,
      [registrationId],
    );
    if (!revoked) throw Problem.notFound('registration');
    await audit(manager, {
      action: 'registration.join_link_revoked',
      dialogueId,
      subjectId: registrationId,
    });
    return joiner(manager, registrationId);
  }
}

/**
 * Mails somebody their new link to join with the updated calendar entry, in the transaction that revoked the old one; nobody
 * who has none. One mail for each generation.
 */
export async function queueJoinLink(manager: EntityManager, registrationId: string): Promise<void> {
  const { mayEnter, attends, venue, dialogue } = await joiner(manager, registrationId);
  if (!mayEnter || standing(dialogue) !== 'open' || !hasLinkToJoin(venue, attends)) return;
  await queueMails(
    manager,
    JOIN_LINK,
    `SELECT r.dialogue_id, r.id, r.name, r.email, r.language,
       '${JOIN_LINK.name}:' || r.id || ':' || ${JOIN_GENERATION}, '{}'::jsonb, ${usefulUntil('d')}
     FROM registrations r JOIN dialogues d ON d.id = r.dialogue_id WHERE r.id = $1`,
    [registrationId],
  );
}

async function joiner(manager: EntityManager, registrationId: string): Promise<Joiner> {
  const [row]: Joiner[] = await manager.query(
    `SELECT ${LET_IN} AS "mayEnter", r.attends, d.venue, jsonb_build_object('state', d.state, 'over', d.ends_at <= now()) AS dialogue
     FROM registrations r JOIN dialogues d ON d.id = r.dialogue_id WHERE r.id = $1`,
    [registrationId],
  );
  return row!;
}

/** @throws Problem 409 that says why there is no link to join to be mailed */
function assertJoins({ mayEnter, attends, venue, dialogue }: Joiner): void {
  const why = standing(dialogue);
  if (why !== 'open') throw new Problem(409, why, standingInWords[why]);
  if (!mayEnter) {
    throw new Problem(
      409,
      'not_confirmed',
      'This person is not confirmed and has no link to join. Revoke the old link with DELETE if it must stop working.',
    );
  }
  if (!hasLinkToJoin(venue, attends)) {
    throw new Problem(
      409,
      'no_link_to_join',
      'This person has no link to join: they attend in person, or the dialogue has no join_url yet. Revoke the old link with DELETE if it must stop working.',
    );
  }
}
