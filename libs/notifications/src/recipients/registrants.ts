import type { EntityManager } from 'typeorm';
import type { Mail } from '@app/mail';
import type { RegistrationState } from '@app/participants';

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
  state: RegistrationState;
  transitionId: string;
  participationCount: number;
  linkGeneration: number;
  /** Whether a later mail of the same kind waits for them: it will say what this one would. */
  newerQueued: boolean;
}

/** The registrations that these mails are about, in one statement. Those that are gone are missing. */
export async function loadRegistrants(manager: EntityManager, mails: Mail[]): Promise<RegistrantNow[]> {
  return manager.query(
    `SELECT m.id::text AS "mailId", r.id, r.dialogue_id AS "dialogueId", r.honorific, r.name, r.name_key AS "nameKey",
       r.email, r.language, r.time_zone AS "timeZone", r.state, r.transition_id AS "transitionId",
       r.participation_count AS "participationCount", r.link_generation AS "linkGeneration",
       EXISTS (SELECT FROM mails newer WHERE newer.subject_id = m.subject_id AND newer.kind = m.kind
         AND newer.id > m.id AND newer.state IN ('queued', 'deferred', 'sending', 'sent')) AS "newerQueued"
     FROM mails m JOIN registrations r ON r.id = m.subject_id WHERE m.id = ANY($1::bigint[])`,
    [mails.map(({ id }) => id)],
  );
}
