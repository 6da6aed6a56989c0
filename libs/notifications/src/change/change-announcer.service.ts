import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { audit, ownKey, Recurring } from '@app/platform';
import { hasKey, queueMails, UnitOfWork, type MailKind } from '@app/mail';
import { CANCELLATION, CHANGE, POSTPONEMENT, type Announced } from '@app/dialogues';
import {
  DELEGATION_CANCELLATION,
  DELEGATION_CHANGE,
  INVITATION,
  INVITATION_CANCELLATION,
  INVITATION_CHANGE,
  isRegisteredAlready,
  NOMINATION_REQUEST,
} from '@app/participants';
import { newsOf } from './change.rules';

const KINDS: Record<'cancellation' | 'postponement' | 'change', MailKind> = {
  cancellation: CANCELLATION,
  postponement: POSTPONEMENT,
  change: CHANGE,
};

/** A dialogue whose editing has come to rest. */
interface DueDialogue {
  id: string;
  announced: Announced | null;
  requested: boolean;
  present: Announced;
}

/**
 * Tells participants of a new time or place, a postponement or a cancellation, once editing has come to rest
 * (design, idea 10).
 */
@Injectable()
export class ChangeAnnouncer {
  constructor(private readonly unitOfWork: UnitOfWork) {}

  /**
   * Announces what is due, a transaction each dialogue. As often as wanted and by as many processes at once as there
   * are: the row of the dialogue is the lock.
   * @returns how many mails were queued.
   */
  @Recurring({ job: 'announce-changes' })
  async announce(): Promise<number> {
    let total = 0;
    for (;;) {
      const queued = await this.unitOfWork.run((manager) => this.announceNext(manager));
      if (queued === null) break;
      total += queued;
    }
    return total;
  }

  /** Null when nothing is due, or another process has it. */
  private async announceNext(manager: EntityManager): Promise<number | null> {
    const [dialogue]: DueDialogue[] = await manager.query(
      `SELECT id, announced, announce_requested AS requested,
         jsonb_build_object('state', state, 'starts_at', starts_at, 'ends_at', ends_at, 'time_zone', time_zone,
           'venue', venue) AS present
       FROM dialogues WHERE announcement_due_at <= now()
       ORDER BY announcement_due_at LIMIT 1 FOR UPDATE SKIP LOCKED`,
    );
    if (!dialogue) return null;
    const news = newsOf(dialogue.announced, dialogue.present, dialogue.requested);
    const queued = news === null ? 0 : await this.tell(manager, dialogue, news);
    await manager.query(
      `UPDATE dialogues SET announced = $2, announcement_due_at = NULL, announce_requested = false WHERE id = $1`,
      [dialogue.id, normalised(dialogue.present)],
    );
    if (news !== null) {
      const details = { ...news, mails: queued };
      await audit(manager, { action: 'dialogue.announced', dialogueId: dialogue.id, details });
    }
    return queued;
  }

  private async tell(
    manager: EntityManager,
    dialogue: DueDialogue,
    news: NonNullable<ReturnType<typeof newsOf>>,
  ): Promise<number> {
    const previous = dialogue.announced!;
    const parameters = {
      ...(news.kind === 'change' && { what: news.what }),
      previous_starts_at: previous.starts_at,
      previous_ends_at: previous.ends_at,
      previous_time_zone: previous.time_zone,
      previous_venue_kind: previous.venue.kind,
      previous_platform: previous.venue.platform ?? null,
      previous_room: previous.venue.room ?? null,
    };
    // Neither time nor place: the revision has not risen, and the same may be asked for again.
    const repeatable = news.kind === 'change' && news.what === 'other' ? ` || ':' || d.version` : '';
    const registered = await queueMails(
      manager,
      KINDS[news.kind],
      // Whoever was confirmed after the last change was told what is so now by that confirmation.
      `SELECT d.id, r.id, r.name, r.email, r.language, '${KINDS[news.kind].name}:' || r.id || ':' || d.schedule_revision${repeatable},
         $2::jsonb, ${news.kind === 'change' ? 'd.ends_at' : 'NULL::timestamptz'}
       FROM dialogues d JOIN registrations r ON r.dialogue_id = d.id
       WHERE d.id = $1 AND r.erased_at IS NULL AND (r.state IN ('awaiting_approval', 'waitlisted', 'offered')
         OR (r.state IN ('confirmed', 'under_review')
         AND ($3::boolean OR r.confirmed_at <= d.schedule_changed_at)))`,
      [dialogue.id, parameters, news.kind !== 'change' || dialogue.requested],
    );
    // The organiser's other changes are for those who come; the invited and the focal points find them on their page.
    if (news.kind === 'change' && news.what === 'other') return registered;
    const isCancelled = news.kind === 'cancellation';
    const kind = isCancelled ? INVITATION_CANCELLATION : INVITATION_CHANGE;
    const what = news.kind === 'change' ? news.what : news.kind;
    const invited = await queueMails(
      manager,
      kind,
      // An invitation that has not gone out by now says what is so when it goes, or never will: then it is stale.
      // Whoever registered without answering it was told above.
      `SELECT d.id, i.id, p.name, p.email, p.language,
         '${kind.name}:' || i.id || ':' || d.schedule_revision, $2::jsonb,
         ${news.kind === 'change' ? 'd.starts_at' : 'NULL::timestamptz'}
       FROM dialogues d JOIN invitations i ON i.dialogue_id = d.id JOIN people p ON p.id = i.person_id
       WHERE d.id = $1 AND i.state = 'sent' AND NOT ${isRegisteredAlready('p')} AND EXISTS (SELECT FROM mails m WHERE m.subject_id = i.id
         AND m.kind = '${INVITATION.name}' AND (m.state IN ('sending', 'sent') OR m.uncertain)
         -- Only news carry the link: not to whom it was taken from, nor to whom it was sent with what is so now.
         AND ($3::boolean OR (${hasKey('m', `'${INVITATION.name}:' || i.id || ':' || i.link_generation`)}
           AND (m.sent_at IS NULL OR m.sent_at <= d.schedule_changed_at))))`,
      [dialogue.id, isCancelled ? parameters : { ...parameters, what }, isCancelled],
    );
    const asked = await this.tellFocalPoints(manager, dialogue.id, news.kind, { ...parameters, what });
    return registered + invited + asked;
  }

  /**
   * Whoever was asked to nominate, except who is told of the same under the same name and address as a participant.
   * @returns how many mails were queued.
   */
  private tellFocalPoints(
    manager: EntityManager,
    dialogueId: string,
    news: 'cancellation' | 'postponement' | 'change',
    parameters: object,
  ): Promise<number> {
    const kind = news === 'cancellation' ? DELEGATION_CANCELLATION : DELEGATION_CHANGE;
    return queueMails(
      manager,
      kind,
      // A request that has not gone out by now says what is so when it goes, or never will: then it is stale.
      `SELECT d.id, l.id, p.name, p.email, p.language,
         '${kind.name}:' || l.id || ':' || l.link_generation || ':' || d.schedule_revision, $2::jsonb,
         ${news === 'change' ? 'd.starts_at' : 'NULL::timestamptz'}
       FROM dialogues d JOIN delegations l ON l.dialogue_id = d.id JOIN people p ON p.id = l.focal_point_id
       WHERE d.id = $1 AND l.invited_at IS NOT NULL AND EXISTS (SELECT FROM mails m WHERE m.subject_id = l.id
         AND m.kind = '${NOMINATION_REQUEST.name}' AND m.created_at >= l.invited_at
         AND (m.state IN ('sending', 'sent') OR m.uncertain)
         -- Only a change carries the link: not to whom it was taken from, nor to whom it was sent with what is so now.
         AND (NOT $3::boolean OR (${hasKey('m', `'${NOMINATION_REQUEST.name}:' || l.id || ':' || l.link_generation`)}
           AND (m.sent_at IS NULL OR m.sent_at <= d.schedule_changed_at))))
         -- An address may be that of a whole ministry: it is the same person only under the same name.
         AND NOT EXISTS (SELECT FROM registrations r WHERE r.dialogue_id = d.id AND r.email_key = p.email_key
           AND ${ownKey('r.name_key')} = ${ownKey('p.name_key')} AND r.state NOT IN ('unconfirmed', 'refused', 'withdrawn'))
         AND NOT EXISTS (SELECT FROM invitations i WHERE i.dialogue_id = d.id AND i.person_id = p.id
           AND i.state = 'sent' AND NOT ${isRegisteredAlready('p')})`,
      [dialogueId, parameters, news === 'change'],
    );
  }
}

/** Instants as every writer of the snapshot writes them: ISO 8601 in UTC. */
function normalised(present: Announced): Announced {
  return {
    ...present,
    starts_at: new Date(present.starts_at).toISOString(),
    ends_at: new Date(present.ends_at).toISOString(),
  };
}
