import type { EntityManager } from 'typeorm';
import { queueMails } from '@app/mail';
import { actorNow, emailKey } from '@app/platform';
import { JOIN_GENERATION, LET_IN } from '../attendance/attendance.rules';
import { CALENDAR_REMOVAL, REGISTRATION_LINK } from '../mail-kinds';
import type { RegistrationState } from './registration.entity';
import { usefulUntil } from './registration-mails';
import { isActive } from './registration.rules';

/** SQL of whether a mail about the same registration went to the address of mail `m` before it, or may have. */
export const WAS_WRITTEN_TO = `EXISTS (SELECT FROM mails before WHERE before.subject_id = m.subject_id
  AND before.recipient = m.recipient AND before.id < m.id AND (before.state IN ('sending', 'sent') OR before.uncertain))`;

/**
 * Lets what somebody has by mail follow them to their new address, in the transaction that wrote it. The calendar entry of
 * those who are let in is removed at the old address and comes to the new one with their personal link. The link to join in the old
 * entry stops working. Its generation rises by two, so that the removal is newer than the old entry and older than the new
 * one: both addresses may lead to one calendar. When an organizer corrects the address, a stranger may have read what went to
 * the old one, so that the personal link in it stops working, too, and everybody who can still take part gets the new
 * link; its generation is a part of that of the link to join.
 * @param before as they were written to until now.
 */
export async function queueForNewAddress(
  manager: EntityManager,
  registrationId: string,
  before: { name: string; email: string },
): Promise<void> {
  const isCorrected = actorNow().actor.startsWith('organiser:');
  const [[moved]]: [{ generation: number; state: RegistrationState; mayEnter: boolean }[], number] =
    await manager.query(
      `UPDATE registrations r SET link_generation = link_generation + $3::int,
         join_link_revocations = join_link_revocations + 2 - $3::int
       FROM dialogues d
       WHERE d.id = r.dialogue_id AND r.id = $1 AND r.email_key <> $2 AND r.erased_at IS NULL
       RETURNING ${JOIN_GENERATION} AS generation, r.state, ${LET_IN} AS "mayEnter"`,
      [registrationId, emailKey(before.email), isCorrected ? 1 : 0],
    );
  if (!moved) return;
  const from = 'FROM registrations r JOIN dialogues d ON d.id = r.dialogue_id WHERE r.id = $1';
  if (moved.mayEnter) {
    await queueMails(
      manager,
      CALENDAR_REMOVAL,
      `SELECT r.dialogue_id, r.id, $2, $3, r.language, '${CALENDAR_REMOVAL.name}:' || r.id || ':' || $4::int,
         jsonb_build_object('join_generation', $4::int - 2), ${usefulUntil('d')} ${from}`,
      [registrationId, before.name, before.email, moved.generation],
    );
  }
  if (moved.mayEnter || (isCorrected && isActive(moved.state))) {
    await queueMails(
      manager,
      REGISTRATION_LINK,
      `SELECT r.dialogue_id, r.id, r.name, r.email, r.language,
         '${REGISTRATION_LINK.name}:' || r.id || ':address:' || $2::int, '{}'::jsonb, ${usefulUntil('d')} ${from}`,
      [registrationId, moved.generation],
    );
  }
}

/**
 * Lets the mails that wait to remove the entry of somebody from the calendar at a former address go all the same, in the
 * transaction that erases their data and before that: nothing else takes it out there. Each is written from its ledger row
 * alone, which forgets its reader once the mail has its outcome. One that has nothing to remove, or whose address is theirs
 * again, which the last mail goes to, is left to the erasure, which drops it.
 * @param days for how long they are tried; then their addresses go all the same.
 */
export async function keepRemovals(
  manager: EntityManager,
  registrationId: string,
  days: number,
): Promise<void> {
  const waiting: { id: string; recipient: string; email: string }[] = await manager.query(
    `SELECT m.id, m.recipient, r.email FROM mails m JOIN registrations r ON r.id = m.subject_id
     WHERE r.id = $1 AND m.kind = '${CALENDAR_REMOVAL.name}' AND m.recipient <> ''
       AND m.state IN ('queued', 'deferred', 'held', 'sending') AND ${WAS_WRITTEN_TO}`,
    [registrationId],
  );
  const kept = waiting.filter(({ recipient, email }) => emailKey(recipient) !== emailKey(email));
  await manager.query(
    `UPDATE mails SET forget_recipient = true, useful_until = least(useful_until, now() + make_interval(days => $2))
     WHERE id = ANY($1::bigint[])`,
    [kept.map(({ id }) => id), days],
  );
}
