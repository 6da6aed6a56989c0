import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { hasKey, queueMails, UnitOfWork, type MailKind } from '@app/mail';
import {
  CHASER,
  INVITATION,
  isRegisteredAlready,
  NOMINATION_CHASER,
  NOMINATION_REQUEST,
  nominationsClosed,
  SILENCE,
} from '@app/participants';
import { Recurring } from '@app/platform';

/**
 * SQL of an instant so much later or earlier as the rule says: its days are calendar days in the dialogue's zone, its
 * hours are hours.
 */
function shifted(instant: string, sign: '+' | '-'): string {
  const days = `date_trunc('day', rule.duration::interval)`;
  return `(((${instant}) AT TIME ZONE d.time_zone ${sign} ${days}) AT TIME ZONE d.time_zone
    ${sign} (rule.duration::interval - ${days}))`;
}

/**
 * SQL of a join that says since when an answer was awaited (`asked.since`) and when a rule falls due (`due.at`; null without a
 * deadline). What an organiser held was asked when it was released: nobody is chased on the heels of the invitation.
 */
function timed(kind: MailKind, row: 'i' | 'l', sentAt: string): string {
  return `CROSS JOIN LATERAL (SELECT greatest(${sentAt}, (SELECT released_at FROM mails
      WHERE dedupe_key = '${kind.name}:' || ${row}.id || ':' || ${row}.link_generation)) AS since) AS asked
    CROSS JOIN LATERAL (SELECT CASE rule.counted WHEN 'after_invitation' THEN ${shifted('asked.since', '+')}
      ELSE ${shifted('coalesce(l.nominations_close_at, d.answers_due_at)', '-')} END AS at) AS due`;
}

/** Rules of dialogues in which an answer is still of use. */
const RULES = `chasing_rules rule JOIN dialogues d ON d.id = rule.dialogue_id AND d.state = 'published' AND d.starts_at > now()`;

/** SQL of whether the mail with the link that works now has gone out: whose link was revoked is not given another. */
function linked(kind: MailKind, row: 'i' | 'l'): string {
  return `EXISTS (SELECT FROM mails sent WHERE sent.subject_id = ${row}.id
    AND ${hasKey('sent', `'${kind.name}:' || ${row}.id || ':' || ${row}.link_generation`)}
    AND (sent.state IN ('sending', 'sent') OR sent.uncertain))`;
}

/**
 * SQL of whether a rule has done its work: by a mail of this kind of its own, or by a later one. So nobody is chased twice
 * for one rule, and after an outage only by the last of those that fell due.
 */
function done(kind: MailKind, row: 'i' | 'l', since: string): string {
  return `EXISTS (SELECT FROM mails m WHERE m.subject_id = ${row}.id AND m.kind = '${kind.name}' AND m.created_at >= ${since}
    AND (m.created_at >= due.at OR m.dedupe_key LIKE '%:' || rule.id))`;
}

const NOMINATED = `(SELECT count(*) FROM invitations i LEFT JOIN registrations r ON r.invitation_id = i.id
    WHERE i.delegation_id = l.id AND (i.state IN ('prepared', 'sent')
      OR i.state = 'accepted' AND coalesce(r.state, '') NOT IN ('withdrawn', 'refused')
      OR r.delegation_id = l.id AND r.state NOT IN ('withdrawn', 'refused', 'unconfirmed')))
  + (SELECT count(*) FROM registrations r LEFT JOIN invitations i ON i.id = r.invitation_id
    WHERE r.delegation_id = l.id AND i.delegation_id IS DISTINCT FROM l.id
      AND r.state NOT IN ('withdrawn', 'refused', 'unconfirmed'))`;

/** Derives whom to ask again, and what to tell focal points, from the rules of their dialogues (design, idea 3). */
@Injectable()
export class ChasingPlanner {
  constructor(private readonly unitOfWork: UnitOfWork) {}

  /**
   * Queues what is owed now, in one statement a kind. Owed is what fell due after the rule was made and after they were
   * asked, as long as the dialogue is to come. As often as wanted and by as many processes at once as there are: the
   * mail's key is the lock. All instants are compared by the database's clock.
   * @returns how many mails were queued.
   */
  @Recurring({ job: 'chase-the-silent' })
  async chase(): Promise<number> {
    return this.unitOfWork.run((manager) => this.chaseIn(manager));
  }

  private async chaseIn(manager: EntityManager): Promise<number> {
    const key = (kind: MailKind) => `'${kind.name}:' || id || ':' || generation || ':' || rule_id`;
    const columns = (kind: MailKind) =>
      `dialogue_id, id, name, email, language, ${key(kind)}, '{}'::jsonb, useful_until`;
    const invitees = await queueMails(
      manager,
      CHASER,
      `SELECT ${columns(CHASER)} FROM (
         SELECT DISTINCT ON (i.id) d.id AS dialogue_id, i.id, i.link_generation AS generation, p.name, p.email, p.language,
           rule.id AS rule_id, d.starts_at AS useful_until
         FROM ${RULES} JOIN invitations i ON i.dialogue_id = d.id AND i.state = 'sent'
         JOIN people p ON p.id = i.person_id LEFT JOIN delegations l ON l.id = i.delegation_id
         ${timed(INVITATION, 'i', 'i.sent_at')}
         WHERE rule.tells = 'invitee' AND due.at <= now() AND due.at > greatest(rule.effective_at, asked.since)
           AND NOT ${isRegisteredAlready('p')}
           AND NOT ${done(CHASER, 'i', 'i.sent_at')} AND ${linked(INVITATION, 'i')}
         ORDER BY i.id, due.at DESC) AS owed`,
      [],
    );
    const empty = await queueMails(
      manager,
      NOMINATION_CHASER,
      `SELECT ${columns(NOMINATION_CHASER)} FROM (
         SELECT DISTINCT ON (l.id) d.id AS dialogue_id, l.id, l.link_generation AS generation, p.name, p.email, p.language,
           rule.id AS rule_id, least(l.nominations_close_at, d.starts_at) AS useful_until
         FROM ${RULES} JOIN delegations l ON l.dialogue_id = d.id JOIN people p ON p.id = l.focal_point_id
         JOIN places seats ON seats.delegation_id = l.id AND seats.scope = 'delegation'
         ${timed(NOMINATION_REQUEST, 'l', 'l.invited_at')}
         WHERE rule.tells = 'focal_point' AND due.at <= now() AND due.at > greatest(rule.effective_at, asked.since)
           AND NOT ${nominationsClosed} AND seats.places > ${NOMINATED}
           AND NOT ${done(NOMINATION_CHASER, 'l', 'l.invited_at')} AND ${linked(NOMINATION_REQUEST, 'l')}
         ORDER BY l.id, due.at DESC) AS owed`,
      [],
    );
    // One mail names everyone whose silence a rule has to report now; whoever was named for a rule is not named again.
    const silence = await queueMails(
      manager,
      SILENCE,
      `SELECT dialogue_id, id, name, email, language, ${key(SILENCE)} || ':' || newest,
         jsonb_build_object('invitations', invitations), useful_until FROM (
         SELECT d.id AS dialogue_id, l.id, l.link_generation AS generation, p.name, p.email, p.language,
           (array_agg(rule.id ORDER BY due.at DESC, rule.id))[1] AS rule_id, extract(epoch FROM max(i.sent_at)) AS newest,
           jsonb_agg(DISTINCT i.id) AS invitations, d.starts_at AS useful_until
         FROM ${RULES} JOIN delegations l ON l.dialogue_id = d.id JOIN people p ON p.id = l.focal_point_id
         JOIN invitations i ON i.delegation_id = l.id AND i.state = 'sent'
         JOIN people nominee ON nominee.id = i.person_id AND NOT ${isRegisteredAlready('nominee')}
         ${timed(INVITATION, 'i', 'i.sent_at')}
         WHERE rule.tells = 'focal_point' AND due.at <= now() AND due.at > greatest(rule.effective_at, asked.since)
           AND NOT EXISTS (SELECT FROM mails m WHERE m.subject_id = l.id AND m.kind = '${SILENCE.name}'
             AND m.created_at >= i.sent_at AND m.parameters->'invitations' @> to_jsonb(i.id)
             AND (m.created_at >= due.at OR m.dedupe_key LIKE '%:' || rule.id || ':%'))
           AND ${linked(NOMINATION_REQUEST, 'l')}
         GROUP BY d.id, l.id, p.id) AS owed`,
      [],
    );
    return invitees + empty + silence;
  }
}
