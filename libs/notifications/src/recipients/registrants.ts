import type { EntityManager } from 'typeorm';
import type { Mail } from '@app/mail';
import {
  CALENDAR_REMOVAL,
  JOIN_GENERATION,
  LET_IN,
  WAS_WRITTEN_TO,
  type Attends,
  type RegistrationState,
} from '@app/participants';
import { ownKey } from '@app/platform';

/** A registration as it is now, with what decides whether a mail to it is still warranted. */
export interface RegistrantNow {
  mailId: string;
  id: string;
  dialogueId: string;
  honorific: string | null;
  name: string;
  nameKey: string;
  email: string;
  /** The language they read, BCP 47. */
  language: string;
  /** Their IANA zone. */
  timeZone: string;
  /** In a hybrid dialogue: in the room or online. */
  attends: Attends | null;
  state: RegistrationState;
  /** Whether they are let in, and so have a calendar entry and a link to join; see `LET_IN`. */
  mayEnter: boolean;
  transitionId: string;
  /** Until when they may take the place that is offered; null: no deadline, or nothing offered. */
  offerExpiresAt: Date | null;
  participationCount: number;
  linkGeneration: number;
  /** Of their link to join. */
  joinGeneration: number;
  /** Whether a later mail of the same kind waits for them: it will say what this one would. */
  newerQueued: boolean;
  /** Whether a mail about the registration went to the address that this one was queued for. */
  wasWrittenTo: boolean;
  /** The delegation off which they were taken by whoever nominated them; null: they were not. */
  removedFrom: string | null;
  /** The substitution that the mail is about. */
  substitution: SubstitutionNow | null;
}

/** Who comes in whose place; an erased name is empty. */
export interface SubstitutionNow {
  honorific: string | null;
  name: string;
  /** Why it was refused. */
  reason: string | null;
  leaver: { honorific: string | null; name: string };
}

/**
 * The registrations that these mails are about, in one statement. Those that are gone, or whose data are erased, are missing,
 * but for a mail that removes an entry from a calendar: its ledger row knows the reader.
 */
export async function loadRegistrants(manager: EntityManager, mails: Mail[]): Promise<RegistrantNow[]> {
  return manager.query(
    `SELECT m.id::text AS "mailId", r.id, r.dialogue_id AS "dialogueId", r.honorific, r.name, ${ownKey('r.name_key')} AS "nameKey",
       r.email, CASE WHEN r.erased_at IS NULL THEN r.language ELSE m.language END AS language, r.time_zone AS "timeZone",
       r.attends, r.state, ${LET_IN} AS "mayEnter", r.transition_id AS "transitionId",
       r.offer_expires_at AS "offerExpiresAt",
       r.participation_count AS "participationCount", r.link_generation AS "linkGeneration",
       ${JOIN_GENERATION} AS "joinGeneration",
       EXISTS (SELECT FROM mails newer WHERE newer.subject_id = m.subject_id AND newer.kind = m.kind
         AND newer.id > m.id AND newer.state IN ('queued', 'deferred', 'held', 'sending', 'sent')) AS "newerQueued",
       -- Of somebody erased only what was written to is left to be removed.
       r.erased_at IS NOT NULL OR ${WAS_WRITTEN_TO} AS "wasWrittenTo",
       (SELECT coalesce(mechanism.name, l.organisation) FROM invitations i JOIN delegations l ON l.id = i.delegation_id
         LEFT JOIN mechanisms mechanism ON mechanism.id = l.mechanism_id
         WHERE i.id = r.invitation_id AND i.state = 'removed') AS "removedFrom",
       CASE WHEN s.id IS NOT NULL THEN jsonb_build_object('honorific', s.honorific, 'name', s.name, 'reason', s.reason,
         'leaver', jsonb_build_object('honorific', leaver.honorific, 'name', leaver.name)) END AS substitution
     FROM mails m JOIN registrations r ON r.id = m.subject_id JOIN dialogues d ON d.id = r.dialogue_id
     LEFT JOIN substitutions s ON s.id = (m.parameters->>'substitution_id')::uuid
     LEFT JOIN registrations leaver ON leaver.id = s.registration_id WHERE m.id = ANY($1::bigint[])
       AND (r.erased_at IS NULL OR m.kind = '${CALENDAR_REMOVAL.name}')`,
    [mails.map(({ id }) => id)],
  );
}
