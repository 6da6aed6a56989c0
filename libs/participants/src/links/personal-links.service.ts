import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Links, prepared } from '@app/platform';
import { JOIN_GENERATION } from '../attendance/attendance.rules';
import type { DelegationRole } from '../delegations/delegation.entity';
import { ASKING, type Asking } from '../questions/answers';
import type { InvitationState } from '../invitations/invitation.entity';
import type { RegistrationData } from '../registrations/registration-data.rules';
import type { RegistrationState } from '../registrations/registration.entity';

/** Someone's own registration, as their link shows it. */
export interface OwnRegistration {
  id: string;
  dialogueId: string;
  organiserId: string;
  name: string;
  state: RegistrationState;
  /** How many are before them on the waitlist, themselves included; null when they are not on it. */
  waitlistPosition: number | null;
  /** Whether they say if they come or join online; see `readRegistration`. */
  asksAttends: boolean;
  /** Until when a place is held for them, ISO 8601; null: no deadline, or nothing is offered. */
  offerExpiresAt: string | null;
  /** Whether that has passed. */
  offerIsOver: boolean;
  /** Whether they were taken off their delegation in a dialogue in which only who is invited registers. */
  isRemoved: boolean;
  linkGeneration: number;
  /** Of their link to join. */
  joinGeneration: number;
  data: RegistrationData;
}

/** Someone's own invitation, as their link shows it. */
export interface OwnInvitation {
  id: string;
  dialogueId: string;
  organiserId: string;
  name: string;
  state: InvitationState;
  linkGeneration: number;
  /** Whether they say if they come or join online; see `readRegistration`. */
  asksAttends: boolean;
  /** What the form is filled in with: their registration's data, else what the directory has. */
  data: RegistrationData;
  registration: { id: string; state: RegistrationState; linkGeneration: number } | null;
  /** For which delegation they were nominated, and as what; null: invited directly. */
  nomination: { delegation: string; role: DelegationRole | null } | null;
  /** What the form asks of them. */
  asking: Asking;
}

const dataColumns = (row: string): string =>
  [
    'honorific',
    'functional_title',
    'affiliation',
    'country',
    'mechanism_id',
    'capacity',
    'language',
    'time_zone',
  ]
    .map(
      (column) =>
        `'${column.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase())}', ${row}.${column}`,
    )
    .join(', ');

/** In a hybrid dialogue, unless their delegation has decided. */
const ASKS_ATTENDS = `(d.venue ->> 'kind' = 'hybrid' AND g.attends IS NULL)`;

/**
 * Opens personal links. Opening reads and never writes: scanners open every link of every mail. Wrong, expired and
 * revoked are one answer: null.
 */
@Injectable()
export class PersonalLinks {
  constructor(
    private readonly dataSource: DataSource,
    private readonly links: Links,
  ) {}

  /** The invitation that this token opens. */
  async invitation(token: string): Promise<OwnInvitation | null> {
    const id = this.links.idOf(token);
    if (!id) return null;
    const [invitation] = await prepared<OwnInvitation>(
      this.dataSource,
      `SELECT i.id, i.dialogue_id AS "dialogueId", d.organiser_id AS "organiserId", p.name, i.state,
         i.link_generation AS "linkGeneration",
         CASE WHEN r.id IS NULL OR r.state = 'unconfirmed'
           THEN json_build_object(${dataColumns('p')}, 'consentToBeListed', 'never', 'attends', g.attends)
           ELSE json_build_object(${dataColumns('r')}, 'consentToBeListed', r.consent_to_be_listed,
             'attends', r.attends) END AS data,
         ${ASKS_ATTENDS} AS "asksAttends",
         CASE WHEN r.id IS NOT NULL
           THEN json_build_object('id', r.id, 'state', r.state, 'linkGeneration', r.link_generation) END AS registration,
         CASE WHEN g.id IS NOT NULL THEN json_build_object('role', i.role,
           'delegation', coalesce((SELECT name FROM mechanisms WHERE id = g.mechanism_id), g.organisation)) END AS nomination,
         (SELECT to_json(asking) FROM (${ASKING.invitationId}) AS asking) AS asking
       FROM invitations i JOIN dialogues d ON d.id = i.dialogue_id JOIN people p ON p.id = i.person_id
       LEFT JOIN registrations r ON r.invitation_id = i.id LEFT JOIN delegations g ON g.id = i.delegation_id
       WHERE i.id = $1 AND d.published_at IS NOT NULL`,
      [id],
    );
    return invitation && this.links.proves(token, 'invitation', id, invitation.linkGeneration)
      ? invitation
      : null;
  }

  /** The registration that this token opens. */
  async registration(token: string): Promise<OwnRegistration | null> {
    const id = this.links.idOf(token);
    if (!id) return null;
    const [registration] = await prepared<OwnRegistration>(
      this.dataSource,
      `SELECT r.id, r.dialogue_id AS "dialogueId", d.organiser_id AS "organiserId", r.name, r.state,
         r.link_generation AS "linkGeneration", ${JOIN_GENERATION} AS "joinGeneration",
         json_build_object(${dataColumns('r')}, 'consentToBeListed', r.consent_to_be_listed,
           'attends', r.attends) AS data, ${ASKS_ATTENDS} AS "asksAttends",
         r.offer_expires_at AS "offerExpiresAt", coalesce(r.offer_expires_at <= now(), false) AS "offerIsOver",
         r.state IN ('withdrawn', 'unconfirmed') AND d.registration = 'invitation'
           AND EXISTS (SELECT FROM invitations i WHERE i.id = r.invitation_id AND i.state = 'removed') AS "isRemoved",
         CASE WHEN r.state = 'waitlisted' THEN (SELECT count(*)::int FROM registrations before
           WHERE before.dialogue_id = r.dialogue_id AND before.state = 'waitlisted' AND before.waitlist_number <= r.waitlist_number)
         END AS "waitlistPosition"
       FROM registrations r JOIN dialogues d ON d.id = r.dialogue_id
       LEFT JOIN delegations g ON g.id = r.delegation_id WHERE r.id = $1 AND d.published_at IS NOT NULL`,
      [id],
    );
    return registration && this.links.proves(token, 'registration', id, registration.linkGeneration)
      ? registration
      : null;
  }

  /** The link of someone's registration, for a page that only they see. */
  registrationToken(registration: { id: string; linkGeneration: number }): string {
    return this.links.compose('registration', registration.id, registration.linkGeneration);
  }
}
