import { Injectable } from '@nestjs/common';
import { queueMails, UnitOfWork } from '@app/mail';
import { rolesWith } from '@app/dialogues';
import { Recurring } from '@app/platform';
import { APPROVALS_WAITING } from '../mail-kinds';

/** From which hour of the approver's day on they are written to. */
const FROM_HOUR = 7;

/**
 * SQL of which registrations `r` of dialogue `d` wait for a decision of organiser `o`: to be approved, or under review, and
 * not decided upon by them in this round.
 */
const WAIT = `registrations r
  WHERE r.dialogue_id = d.id AND r.state IN ('awaiting_approval', 'under_review') AND r.erased_at IS NULL
    AND NOT EXISTS (SELECT FROM approvals a WHERE a.registration_id = r.id AND a.round = r.approval_round
      AND a.organiser_id = o.id)`;

/** SQL of how many registrations of dialogue `d` wait for a decision of organiser `o`. */
export const WAITING_FOR = `(SELECT count(*)::int FROM ${WAIT})`;

/** Someone who waits for a decision. */
export interface Waiting {
  honorific: string | null;
  name: string;
  affiliation: string | null;
  state: 'awaiting_approval' | 'under_review';
}

/** SQL of who waits in dialogue `d` for a decision of organiser `o`, as JSON of `Waiting`: the first so many, longest first. */
export function whoWaits(most: number): string {
  return `(SELECT coalesce(jsonb_agg(to_jsonb(first) - 'created_at' - 'id' ORDER BY first.created_at, first.id), '[]')
    FROM (SELECT r.honorific, r.name, r.affiliation, r.state, r.created_at, r.id FROM ${WAIT}
      ORDER BY r.created_at, r.id LIMIT ${most}) AS first)`;
}

/** SQL of whether organiser `o` may approve in dialogue `d`. */
export const MAY_APPROVE = `EXISTS (SELECT FROM dialogue_roles given WHERE given.dialogue_id = d.id
    AND given.organiser_id = o.id AND given.roles && ARRAY[${approving()}])
  OR EXISTS (SELECT FROM process_roles given WHERE given.process_id = d.process_id
    AND given.organiser_id = o.id AND given.roles && ARRAY[${approving()}])`;

/** Tells approvers that something waits for them. */
@Injectable()
export class ApproverMails {
  constructor(private readonly unitOfWork: UnitOfWork) {}

  /**
   * Queues at most one mail a day (by the approver's own calendar, from the morning on) for each dialogue in which
   * something waits for them. As often as wanted and by as many processes at once as there are: the mail's key decides.
   * @returns how many were queued.
   */
  @Recurring({ job: 'tell-approvers' })
  async tell(): Promise<number> {
    return this.unitOfWork.run((manager) =>
      queueMails(
        manager,
        APPROVALS_WAITING,
        `SELECT due.dialogue_id, due.id, due.name, due.email, due.language,
           '${APPROVALS_WAITING.name}:' || due.dialogue_id || ':' || due.id || ':' || to_char(due.here, 'YYYY-MM-DD'),
           '{}'::jsonb, date_trunc('day', due.here + interval '1 day') AT TIME ZONE due.time_zone
         FROM (
           SELECT d.id AS dialogue_id, o.id, o.name, o.email, o.language, o.time_zone, now() AT TIME ZONE o.time_zone AS here
           FROM dialogues d CROSS JOIN LATERAL (
             SELECT organiser_id FROM dialogue_roles WHERE dialogue_id = d.id AND roles && ARRAY[${approving()}]
             UNION SELECT organiser_id FROM process_roles
               WHERE process_id = d.process_id AND roles && ARRAY[${approving()}]) AS approver
           JOIN organisers o ON o.id = approver.organiser_id
           WHERE d.approvals_needed > 0 AND (d.state = 'published' AND d.ends_at > now() OR d.state = 'postponed')
             AND EXISTS (SELECT FROM registrations waiting WHERE waiting.dialogue_id = d.id
               AND waiting.state IN ('awaiting_approval', 'under_review'))
             AND extract(hour FROM now() AT TIME ZONE o.time_zone) >= ${FROM_HOUR}
           OFFSET 0) AS due
         CROSS JOIN LATERAL (SELECT due.dialogue_id AS id) AS d CROSS JOIN LATERAL (SELECT due.id) AS o
         WHERE NOT EXISTS (SELECT FROM mails told WHERE told.dedupe_key = '${APPROVALS_WAITING.name}:' || due.dialogue_id
             || ':' || due.id || ':' || to_char(due.here, 'YYYY-MM-DD'))
           AND ${WAITING_FOR} > 0`,
        [],
      ),
    );
  }
}

function approving(): string {
  return rolesWith('approve')
    .map((role) => `'${role}'`)
    .join(', ');
}
