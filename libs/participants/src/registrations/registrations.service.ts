import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import type { DialogueState } from '@app/dialogues';
import { MailQueue, queueMails } from '@app/mail';
import { audit, emailKey, nameKey, Problem } from '@app/platform';
import { ADDRESS_CONFIRMATION, CONFIRMATION, REGISTRATION_LINK, WAITLISTED, WITHDRAWAL } from '../mail-kinds';
import { placeFor } from '../places/places.rules';
import { PlacesService, type LockedLimit } from '../places/places.service';
import type { RegistrationData } from './registration-data.rules';
import {
  mayAnswer,
  mayRegister,
  maySayWhetherListed,
  standing,
  standingInWords,
  type DialogueNow,
} from './registration.rules';
import { queueRegistrationMails, usefulUntil } from './registration-mails';
import type { RegistrationState } from './registration.entity';

/** Who takes part, as the row is written: the person's own copy of their data. */
interface Participant extends RegistrationData {
  name: string;
  email: string;
}

/** A registration as the transaction reads it, under the lock of its dialogue's places. */
interface RegistrationNow extends Participant {
  id: string;
  invitationId: string | null;
  state: RegistrationState;
}

/** What a transition decides on. */
interface Situation {
  dialogue: DialogueNow & { id: string };
  invitation: { id: string; state: string } | null;
  /** Who is invited, as the directory knows them. */
  person: { name: string; email: string } | null;
  registration: RegistrationNow | null;
}

/** Writes what goes with a registration (answers, an accepted privacy notice) in the transaction that writes it. */
export type Alongside = (manager: EntityManager, registrationId: string) => Promise<void>;

/** What became of it. */
export interface Outcome {
  registrationId: string;
  state: RegistrationState;
}

/** Registration columns that make a `RegistrationNow`. */
const REGISTRATION_NOW = `jsonb_build_object('id', r.id, 'invitationId', r.invitation_id, 'state', r.state, 'name', r.name,
  'email', r.email, 'honorific', r.honorific, 'functionalTitle', r.functional_title, 'affiliation', r.affiliation,
  'country', r.country, 'mechanismId', r.mechanism_id, 'capacity', r.capacity, 'attends', r.attends, 'language', r.language,
  'timeZone', r.time_zone, 'consentToBeListed', r.consent_to_be_listed)`;

/** Dialogue columns of a `Situation`. */
const DIALOGUE_NOW = `d.id, d.state, d.ends_at <= now() AS over`;

/**
 * What participants do about their own taking part. Every transition is one transaction: lock the places, read what is
 * so now, ask the rules, write; with the audit line and the ledger row of the mail that tells of it. Hints follow the commit.
 */
@Injectable()
export class RegistrationsService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly places: PlacesService,
    private readonly mailQueue: MailQueue,
  ) {}

  /**
   * An invited person accepts: creates their registration or takes up the one they had. Accepting again while
   * registered only changes the data; who registered by the open link has then answered the invitation, too.
   * @throws Problem 409 with the dialogue's standing when nobody can register now.
   */
  async accept(invitationId: string, data: RegistrationData, alongside?: Alongside): Promise<Outcome> {
    return this.registering(alongside, async (manager) => {
      const limits = await this.places.lock(manager, { invitationId });
      const situation = await this.ofInvitation(manager, invitationId);
      const { registration, person } = situation;
      assertOpen(situation);
      // Who asked by the open link without confirming the address may have been anybody.
      const trusted = registration?.state === 'unconfirmed' ? null : registration;
      const participant = { ...(trusted ?? person!), ...data };
      if (trusted && isActive(trusted.state)) {
        await this.answer(manager, situation, trusted);
        return this.rewrite(manager, situation, trusted, participant);
      }
      return this.take(manager, limits, situation, participant);
    });
  }

  /**
   * An invited person declines, with a reason or without. Whoever was registered withdraws by it.
   * @throws Problem 409 when the dialogue is cancelled or over.
   */
  async decline(invitationId: string, reason: string | null): Promise<void> {
    await this.transition(async (manager) => {
      const limits = await this.places.lock(manager, { invitationId });
      const situation = await this.ofInvitation(manager, invitationId);
      assertAnswerable(situation);
      await manager.query(
        `UPDATE invitations SET state = 'declined', answered_at = now(), decline_reason = $2 WHERE id = $1`,
        [invitationId, reason],
      );
      await audit(manager, {
        action: 'invitation.declined',
        dialogueId: situation.dialogue.id,
        subjectId: invitationId,
      });
      const mails = await this.leave(manager, limits, situation);
      return { result: undefined, mails };
    });
  }

  /**
   * Asks for a registration by the open link. The answer is the same whether the address is known or not: who is
   * unknown gets a mail to confirm the address with, who has a registration a mail with their link (design, idea 7).
   * @param mayMail whether one more mail may go to this address; when not, nothing is written and nothing is said.
   * @throws Problem 404 when there is no such dialogue, 409 when it takes no registrations by the open link now.
   */
  async request(
    slug: string,
    participant: Participant,
    mayMail: (address: string) => Promise<boolean>,
    alongside?: Alongside,
  ): Promise<void> {
    await this.assertOpenLink(slug);
    if (!(await mayMail(participant.email))) return;
    await this.transition(async (manager) => {
      const [asked] = await this.writeUnconfirmed(manager, slug, participant);
      if (asked) {
        await alongside?.(manager, asked.id);
        await audit(manager, {
          action: 'registration.requested',
          dialogueId: asked.dialogue_id,
          subjectId: asked.id,
        });
        return {
          result: undefined,
          mails: await queueRegistrationMails(manager, ADDRESS_CONFIRMATION, [asked.id]),
        };
      }
      const { ids } = await queueMails(
        manager,
        REGISTRATION_LINK,
        `SELECT r.dialogue_id, r.id, r.name, r.email, r.language,
                '${REGISTRATION_LINK.name}:' || r.id || ':' || to_char(now(), 'YYYYMMDDHH24MI'), '{}'::jsonb,
                ${usefulUntil('d')}
         FROM registrations r JOIN dialogues d ON d.id = r.dialogue_id
         WHERE d.slug = $1 AND r.email_key = $2 AND r.name_key = $3`,
        [slug, emailKey(participant.email), nameKey(participant.name)],
      );
      return { result: undefined, mails: ids };
    });
  }

  /**
   * The address of an open registration is confirmed, and the place is taken now. Confirming again changes nothing.
   * @throws Problem 409 with the dialogue's standing when nobody can register now.
   */
  async confirmAddress(registrationId: string): Promise<Outcome> {
    return this.transition(async (manager) => {
      const limits = await this.places.lock(manager, { registrationId });
      const situation = await this.ofRegistration(manager, registrationId);
      const registration = situation.registration!;
      if (registration.state !== 'unconfirmed') {
        return { result: { registrationId, state: registration.state }, mails: [] };
      }
      assertOpen(situation);
      return this.take(manager, limits, situation, registration);
    });
  }

  /**
   * Changes what someone tells about themselves. Nobody is mailed. When the dialogue is over, whoever took part can
   * still give or withdraw the consent to be listed in its record, and change nothing else.
   * @throws Problem 409 when the dialogue is cancelled or over, or the registration is withdrawn.
   */
  async change(registrationId: string, data: RegistrationData, alongside?: Alongside): Promise<Outcome> {
    return this.registering(alongside, async (manager) => {
      const situation = await this.ofRegistration(manager, registrationId);
      const registration = situation.registration!;
      const participant = { ...registration, ...data };
      const isOnlyConsent = changedFields(registration, participant).every(
        (field) => field === 'consentToBeListed',
      );
      if (!(isOnlyConsent && maySayWhetherListed(situation.dialogue, registration.state))) {
        assertAnswerable(situation);
      }
      if (registration.state === 'withdrawn') {
        throw new Problem(409, 'registration_withdrawn', 'It is withdrawn; register again to change it.');
      }
      return this.rewrite(manager, situation, registration, participant);
    });
  }

  /**
   * Takes the place that is offered, with the data as they are now. Accepting again only changes the data.
   * @throws Problem 409 `offer_lapsed` when nothing is offered any more, or with the dialogue's standing.
   */
  async acceptOffer(registrationId: string, data: RegistrationData, alongside?: Alongside): Promise<Outcome> {
    return this.registering(alongside, async (manager) => {
      await this.places.lock(manager, { registrationId });
      const situation = await this.ofRegistration(manager, registrationId);
      const registration = situation.registration!;
      assertAnswerable(situation);
      const participant = { ...registration, ...data };
      if (registration.state === 'confirmed') {
        return this.rewrite(manager, situation, registration, participant);
      }
      if (registration.state !== 'offered') {
        throw new Problem(409, 'offer_lapsed', 'No place is offered any more.');
      }
      await this.rewrite(manager, situation, registration, participant);
      await manager.query(
        `UPDATE registrations SET state = 'confirmed', confirmed_at = now(), offer_expires_at = NULL,
           transition_id = gen_random_uuid(), participation_count = participation_count + 1, version = version + 1
         WHERE id = $1`,
        [registrationId],
      );
      await audit(manager, {
        action: 'registration.confirmed',
        dialogueId: situation.dialogue.id,
        subjectId: registrationId,
      });
      const mails = await queueRegistrationMails(manager, CONFIRMATION, [registrationId], { promoted: true });
      return { result: { registrationId, state: 'confirmed' }, mails };
    });
  }

  /** Whoever withdrew registers again, and gets a place or a number on the waitlist like a newcomer. */
  async registerAgain(
    registrationId: string,
    data: RegistrationData,
    alongside?: Alongside,
  ): Promise<Outcome> {
    return this.registering(alongside, async (manager) => {
      const limits = await this.places.lock(manager, { registrationId });
      const situation = await this.ofRegistration(manager, registrationId);
      const registration = situation.registration!;
      assertOpen(situation);
      const participant = { ...registration, ...data };
      if (isActive(registration.state)) return this.rewrite(manager, situation, registration, participant);
      return this.take(manager, limits, situation, participant);
    });
  }

  /**
   * Withdraws; the first who waits moves up in the same transaction. Withdrawing again changes nothing.
   * @throws Problem 409 when the dialogue is cancelled or over.
   */
  async withdraw(registrationId: string): Promise<void> {
    await this.transition(async (manager) => {
      const limits = await this.places.lock(manager, { registrationId });
      const situation = await this.ofRegistration(manager, registrationId);
      assertAnswerable(situation);
      return { result: undefined, mails: await this.leave(manager, limits, situation) };
    });
  }

  /**
   * Withdraws in the caller's transaction, wherever the dialogue stands. It takes the locks itself: call it before
   * anything else is locked. Withdrawing again changes nothing.
   * @param tell whether the person is told by mail.
   * @returns ids of the mails to hint at after the commit, those of who moves up included.
   */
  async withdrawIn(
    manager: EntityManager,
    registrationId: string,
    { tell }: { tell: boolean },
  ): Promise<string[]> {
    const limits = await this.places.lock(manager, { registrationId });
    return this.leave(manager, limits, await this.ofRegistration(manager, registrationId), tell);
  }

  /** A transition of one registration, with what is written alongside it. */
  private registering(
    alongside: Alongside | undefined,
    work: (manager: EntityManager) => Promise<{ result: Outcome; mails: string[] }>,
  ): Promise<Outcome> {
    return this.transition(async (manager) => {
      const done = await work(manager);
      await alongside?.(manager, done.result.registrationId);
      return done;
    });
  }

  /** One transaction, and the hints after it. */
  private async transition<Result>(
    work: (manager: EntityManager) => Promise<{ result: Result; mails: string[] }>,
  ): Promise<Result> {
    const { result, mails } = await this.dataSource.transaction(work);
    this.mailQueue.hint(mails);
    return result;
  }

  /** A place or a number on the waitlist, the registration, the answered invitation: one statement; then audit and mail. */
  private async take(
    manager: EntityManager,
    limits: LockedLimit[],
    { dialogue, invitation, registration }: Situation,
    participant: Participant,
  ): Promise<{ result: Outcome; mails: string[] }> {
    const state = placeFor(limits).code === 'place' ? 'confirmed' : 'waitlisted';
    const [row]: { id: string }[] = await manager.query(
      `WITH counted AS (
         UPDATE places SET taken = taken + $18::int, next_waitlist_number = next_waitlist_number + 1 - $18::int
         WHERE id = ANY($19) RETURNING scope, next_waitlist_number - 1 AS number),
       answered AS (
         UPDATE invitations SET state = 'accepted', answered_at = now(), decline_reason = NULL WHERE id = $2)
       INSERT INTO registrations AS r (dialogue_id, invitation_id, honorific, name, name_key, functional_title, email,
         email_key, affiliation, country, mechanism_id, capacity, language, time_zone, consent_to_be_listed, attends, state,
         participation_count, confirmed_at, waitlist_number)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18::int,
         CASE WHEN $18::int = 1 THEN now() END,
         CASE WHEN $18::int = 0 THEN (SELECT number FROM counted WHERE scope = 'dialogue') END)
       ON CONFLICT ON CONSTRAINT registrations_address_and_name DO UPDATE SET
         invitation_id = coalesce(r.invitation_id, excluded.invitation_id), honorific = excluded.honorific,
         name = excluded.name, functional_title = excluded.functional_title, email = excluded.email,
         affiliation = excluded.affiliation, country = excluded.country, mechanism_id = excluded.mechanism_id,
         capacity = excluded.capacity, language = excluded.language, time_zone = excluded.time_zone,
         consent_to_be_listed = excluded.consent_to_be_listed, attends = excluded.attends, state = excluded.state,
         transition_id = gen_random_uuid(), participation_count = r.participation_count + excluded.participation_count,
         confirmed_at = excluded.confirmed_at, waitlist_number = excluded.waitlist_number, version = r.version + 1
       RETURNING id`,
      [
        dialogue.id,
        invitation?.id ?? registration?.invitationId ?? null,
        ...columns(participant),
        state,
        state === 'confirmed' ? 1 : 0,
        limits.map(({ id }) => id),
      ],
    );
    const { id } = row!;
    await audit(manager, { action: `registration.${state}`, dialogueId: dialogue.id, subjectId: id });
    const kind = state === 'confirmed' ? CONFIRMATION : WAITLISTED;
    const mails = await queueRegistrationMails(
      manager,
      kind,
      [id],
      state === 'confirmed' ? { promoted: false } : {},
    );
    return { result: { registrationId: id, state }, mails };
  }

  /** Marks the invitation of someone who is registered as accepted, unless it is already: one statement, and audit. */
  private async answer(
    manager: EntityManager,
    { dialogue, invitation }: Situation,
    registration: RegistrationNow,
  ): Promise<void> {
    if (!invitation || (invitation.state === 'accepted' && registration.invitationId)) return;
    await manager.query(
      `WITH linked AS (
         UPDATE registrations SET invitation_id = coalesce(invitation_id, $1) WHERE id = $2)
       UPDATE invitations SET state = 'accepted', answered_at = now(), decline_reason = NULL WHERE id = $1`,
      [invitation.id, registration.id],
    );
    await audit(manager, {
      action: 'invitation.accepted',
      dialogueId: dialogue.id,
      subjectId: invitation.id,
    });
  }

  /** Gives back what was taken, and moves up who waits. @returns ids of the mails. */
  private async leave(
    manager: EntityManager,
    limits: LockedLimit[],
    { dialogue, registration }: Situation,
    tell = true,
  ): Promise<string[]> {
    if (!registration || registration.state === 'withdrawn') return [];
    const wasConfirmed = registration.state === 'confirmed';
    await manager.query(
      `WITH counted AS (UPDATE places SET taken = taken - $2::int WHERE id = ANY($3)),
       answered AS (
         UPDATE invitations SET state = 'declined', answered_at = now() WHERE id = $4 AND state = 'accepted')
       UPDATE registrations SET state = 'withdrawn', confirmed_at = NULL, waitlist_number = NULL,
         transition_id = gen_random_uuid(), version = version + 1 WHERE id = $1`,
      [registration.id, wasConfirmed ? 1 : 0, limits.map(({ id }) => id), registration.invitationId],
    );
    await audit(manager, {
      action: 'registration.withdrawn',
      dialogueId: dialogue.id,
      subjectId: registration.id,
    });
    if (!isActive(registration.state)) return [];
    const mails = tell
      ? await queueRegistrationMails(manager, WITHDRAWAL, [registration.id], { was_confirmed: wasConfirmed })
      : [];
    if (!wasConfirmed) return mails;
    return [...mails, ...(await this.places.promote(manager, dialogue.id))];
  }

  private async rewrite(
    manager: EntityManager,
    { dialogue }: Situation,
    registration: RegistrationNow,
    participant: Participant,
  ): Promise<{ result: Outcome; mails: string[] }> {
    const result = { registrationId: registration.id, state: registration.state };
    const changed = changedFields(registration, participant);
    if (changed.length === 0) return { result, mails: [] };
    await manager.query(
      `UPDATE registrations SET honorific = $2, name = $3, name_key = $4, functional_title = $5, email = $6,
         email_key = $7, affiliation = $8, country = $9, mechanism_id = $10, capacity = $11, language = $12,
         time_zone = $13, consent_to_be_listed = $14, attends = $15, version = version + 1 WHERE id = $1`,
      [registration.id, ...columns(participant)],
    );
    await audit(manager, {
      action: 'registration.changed',
      dialogueId: dialogue.id,
      subjectId: registration.id,
      details: { fields: changed },
    });
    return { result, mails: [] };
  }

  /**
   * Reads under the lock, in a statement of its own: only such a one sees what was committed while we waited.
   * `FOR SHARE` holds the dialogue as it is, so that a cancellation sees every registration that came before it.
   */
  private async ofInvitation(manager: EntityManager, invitationId: string): Promise<Situation> {
    return readSituation(
      await manager.query(
        `SELECT ${DIALOGUE_NOW}, i.id AS invitation_id, i.state AS invitation_state, p.name AS person_name,
           p.email AS person_email, registration.now AS registration
         FROM invitations i JOIN dialogues d ON d.id = i.dialogue_id JOIN people p ON p.id = i.person_id
         LEFT JOIN LATERAL (
           SELECT ${REGISTRATION_NOW} AS now FROM registrations r WHERE r.dialogue_id = d.id
             AND (r.invitation_id = i.id OR (r.invitation_id IS NULL AND r.email_key = p.email_key AND r.name_key = p.name_key))
           ORDER BY r.invitation_id IS NULL LIMIT 1) AS registration ON true
         WHERE i.id = $1 FOR SHARE OF d`,
        [invitationId],
      ),
      'invitation',
    );
  }

  private async ofRegistration(manager: EntityManager, registrationId: string): Promise<Situation> {
    return readSituation(
      await manager.query(
        `SELECT ${DIALOGUE_NOW}, ${REGISTRATION_NOW} AS registration
         FROM registrations r JOIN dialogues d ON d.id = r.dialogue_id WHERE r.id = $1 FOR SHARE OF d`,
        [registrationId],
      ),
      'registration',
    );
  }

  private async assertOpenLink(slug: string): Promise<void> {
    const [dialogue]: { state: DialogueState; over: boolean; registration: string }[] =
      await this.dataSource.query(
        `SELECT state, ends_at <= now() AS over, registration FROM dialogues WHERE slug = $1 AND published_at IS NOT NULL`,
        [slug],
      );
    if (!dialogue) throw Problem.notFound('dialogue');
    if (dialogue.registration !== 'open') {
      throw new Problem(
        409,
        'registration_by_invitation',
        'This dialogue takes registrations by invitation only; use the link of your invitation.',
      );
    }
    assertOpen({ dialogue });
  }

  /** Writes an unconfirmed registration, unless they registered once and confirmed: then nothing, and no row is answered. */
  private writeUnconfirmed(
    manager: EntityManager,
    slug: string,
    participant: Participant,
  ): Promise<{ id: string; dialogue_id: string }[]> {
    return manager.query(
      `INSERT INTO registrations AS r (dialogue_id, invitation_id, honorific, name, name_key, functional_title, email,
         email_key, affiliation, country, mechanism_id, capacity, language, time_zone, consent_to_be_listed, attends, state)
       SELECT d.id, (
           SELECT i.id FROM invitations i JOIN people p ON p.id = i.person_id
           WHERE i.dialogue_id = d.id AND p.email_key = $7 AND p.name_key = $4
             AND NOT EXISTS (SELECT FROM registrations other WHERE other.invitation_id = i.id)),
         $2, $3, $4, $5, $6, $7, $8, $9, $10::uuid, $11, $12, $13, $14, $15, 'unconfirmed'
       FROM dialogues d WHERE d.slug = $1
       ON CONFLICT ON CONSTRAINT registrations_address_and_name DO UPDATE SET
         honorific = excluded.honorific, name = excluded.name, functional_title = excluded.functional_title,
         affiliation = excluded.affiliation, country = excluded.country, mechanism_id = excluded.mechanism_id,
         capacity = excluded.capacity, language = excluded.language, time_zone = excluded.time_zone,
         consent_to_be_listed = excluded.consent_to_be_listed, attends = excluded.attends, version = r.version + 1,
         -- The transition is in the mail's dedupe key: a storm of requests mails once a minute.
         transition_id = CASE WHEN EXISTS (
             SELECT FROM mails WHERE subject_id = r.id AND kind = '${ADDRESS_CONFIRMATION.name}'
               AND created_at > now() - interval '1 minute')
           THEN r.transition_id ELSE gen_random_uuid() END
       WHERE r.state = 'unconfirmed'
       RETURNING id, dialogue_id`,
      [slug, ...columns(participant)],
    );
  }
}

const DATA = [
  'honorific',
  'name',
  'functionalTitle',
  'email',
  'affiliation',
  'country',
  'mechanismId',
  'capacity',
  'language',
  'timeZone',
  'consentToBeListed',
  'attends',
] as const satisfies (keyof Participant)[];

function changedFields(before: Participant, after: Participant): (typeof DATA)[number][] {
  return DATA.filter((field) => before[field] !== after[field]);
}

/** In the order of the columns: honorific, name and its key, functional title, email and its key, … consent, attends. */
function columns(participant: Participant): unknown[] {
  return DATA.flatMap((field) => {
    const value = participant[field];
    if (field === 'name') return [value, nameKey(participant.name)];
    if (field === 'email') return [value, emailKey(participant.email)];
    return [value];
  });
}

/** Has a place, or waits for one. */
function isActive(state: RegistrationState): boolean {
  return state === 'confirmed' || state === 'waitlisted';
}

interface SituationRow {
  id: string;
  state: DialogueState;
  over: boolean;
  invitation_id?: string;
  invitation_state?: string;
  person_name?: string;
  person_email?: string;
  registration: RegistrationNow | null;
}

function readSituation([row]: SituationRow[], what: string): Situation {
  if (!row) throw Problem.notFound(what);
  return {
    dialogue: { id: row.id, state: row.state, over: row.over },
    invitation: row.invitation_id ? { id: row.invitation_id, state: row.invitation_state! } : null,
    person: row.person_name ? { name: row.person_name, email: row.person_email! } : null,
    registration: row.registration,
  };
}

function assertOpen({ dialogue }: { dialogue: DialogueNow }): void {
  if (!mayRegister(dialogue)) throw closed(dialogue);
}

function assertAnswerable({ dialogue }: { dialogue: DialogueNow }): void {
  if (!mayAnswer(dialogue)) throw closed(dialogue);
}

function closed(dialogue: DialogueNow): Problem {
  const why = standing(dialogue);
  if (why === 'open') throw new Error('It is open.');
  return new Problem(409, why, standingInWords[why]);
}
