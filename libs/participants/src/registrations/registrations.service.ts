import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { ownDialogueOf, type DialogueState } from '@app/dialogues';
import { queueMails, UnitOfWork, type MailKind } from '@app/mail';
import {
  actorNow,
  assigned,
  audit,
  count,
  emailKey,
  empty,
  join,
  many,
  nameKey,
  ownKey,
  prepared,
  preparedAtLast,
  Problem,
  raw,
  sql,
  Turns,
  type FieldProblem,
} from '@app/platform';
import {
  ADDRESS_CONFIRMATION,
  AWAITING_APPROVAL,
  CONFIRMATION,
  REGISTRATION_LINK,
  UNDER_REVIEW,
  WITHDRAWAL,
} from '../mail-kinds';
import {
  afterwards,
  givingBack,
  placeFor,
  taking,
  together,
  type Limit,
  type LimitChange,
  type Seat,
} from '../places/places.rules';
import { changePlaces, PlacesService } from '../places/places.service';
import { knownMechanisms } from '../imports/imports.service';
import type { OwnInvitation } from '../links/personal-links.service';
import {
  DATA,
  firstState,
  newcomer,
  stored,
  writeNewcomers,
  type FirstState,
  type Newcomer,
} from './newcomers';
import type { KnownMechanism, RegistrationData } from './registration-data.rules';
import {
  afterMattering,
  holdsPlace,
  isActive,
  mattersForApproval,
  mayAnswer,
  mayRegister,
  maySayWhetherListed,
  standing,
  standingInWords,
  takesPart,
  type DialogueNow,
} from './registration.rules';
import { takeOverSpeakingSlots } from '../substitutions/speaking-slots';
import { queueForNewAddress } from './changed-address';
import { queueRegistrationMails, usefulUntil } from './registration-mails';
import type { RegistrationState } from './registration.entity';
import {
  lockForInvitation,
  lockForInvitations,
  lockForRegistration,
  seated,
  situationOfRegistration,
  type Participant,
  type Person,
  type RegistrationNow,
  type Situation,
} from './situation';

/** Writes what goes with a registration (answers, an accepted privacy notice) in the transaction that writes it. */
export type Alongside = (manager: EntityManager, registrationId: string) => Promise<void>;

/** What became of it. */
export interface Outcome {
  registrationId: string;
  state: RegistrationState;
  /** The registration that was written anew, as its personal link is composed; none when one that stands was changed. */
  written?: { id: string; linkGeneration: number };
}

/** Someone who accepts, with nothing written alongside. */
interface Acceptance {
  invitation: Pick<OwnInvitation, 'id' | 'dialogueId'>;
  data: RegistrationData;
  actor: string;
  origin: string | null;
}

/** How many who accept at the same moment are written in one transaction, for which others wait. */
const MOST_AT_ONCE = 50;

/**
 * What participants do about their own taking part. Every transition is one transaction: lock the places, read what is
 * so now, ask the rules, write; with the audit line and the ledger row of the mail that tells of it.
 */
@Injectable()
export class RegistrationsService {
  private readonly accepting = new Turns<Acceptance, Outcome>(
    (asked) => this.acceptTogether(asked),
    ({ invitation, data }) => this.acceptAlone(invitation.id, data),
    MOST_AT_ONCE,
  );

  constructor(
    private readonly dataSource: DataSource,
    private readonly places: PlacesService,
    private readonly unitOfWork: UnitOfWork,
  ) {}

  /**
   * An invited person accepts: creates their registration or takes up the one they had. Accepting again while
   * registered only changes the data; who registered by the open link has then answered the invitation, too. Who accepts
   * at the same moment for the same dialogue is written together.
   * @throws Problem 409 with the dialogue's standing when nobody can register now, `registration_refused`,
   * `invitation_removed`
   */
  async accept(
    invitation: Pick<OwnInvitation, 'id' | 'dialogueId'>,
    data: RegistrationData,
    alongside?: Alongside,
  ): Promise<Outcome> {
    if (alongside) return this.acceptAlone(invitation.id, data, alongside);
    return this.accepting.take(invitation.dialogueId, { invitation, data, ...actorNow() });
  }

  /**
   * An invited person declines, with a reason or without. Whoever was registered withdraws by it.
   * @throws Problem 409 when the dialogue is cancelled or over.
   */
  async decline(invitationId: string, reason: string | null): Promise<void> {
    await this.unitOfWork.run(async (manager) => {
      const situation = await lockForInvitation(manager, invitationId);
      assertAnswerable(situation);
      await manager.query(
        `UPDATE invitations SET state = 'declined', answered_at = now(), decline_reason = $2
         WHERE id = $1 AND state <> 'removed'`,
        [invitationId, reason],
      );
      await audit(manager, {
        action: 'invitation.declined',
        dialogueId: situation.dialogue.id,
        subjectId: invitationId,
      });
      await this.leave(manager, situation);
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
    participant: Person,
    mayMail: (address: string) => Promise<boolean>,
    alongside?: Alongside,
  ): Promise<void> {
    await this.assertOpenLink(slug);
    if (!(await mayMail(participant.email))) return;
    await this.unitOfWork.runAlike(async (manager) => {
      // Whoever is known costs as much work as who is not, to the statement: what is written for them is taken back.
      await manager.query('SAVEPOINT asked');
      const [asked] = await this.writeUnconfirmed(manager, slug, participant);
      const isKnown = asked?.is_known ?? true;
      if (asked) await alongside?.(manager, asked.id);
      await queueRegistrationMails(manager, ADDRESS_CONFIRMATION, asked ? [asked.id] : []);
      await manager.query(isKnown ? 'ROLLBACK TO SAVEPOINT asked' : 'RELEASE SAVEPOINT asked');
      await audit(manager, {
        action: 'registration.requested',
        dialogueId: asked?.dialogue_id,
        subjectId: isKnown ? null : asked!.id,
      });
      await queueMails(
        manager,
        REGISTRATION_LINK,
        `SELECT r.dialogue_id, r.id, r.name, r.email, r.language,
                '${REGISTRATION_LINK.name}:' || r.id || ':' || to_char(now(), 'YYYYMMDDHH24MI'), '{}'::jsonb,
                ${usefulUntil('d')}
         FROM registrations r JOIN dialogues d ON d.id = r.dialogue_id
         WHERE d.slug = $1 AND r.email_key = $2 AND r.name_key = $3 AND r.state <> 'unconfirmed'`,
        [slug, emailKey(participant.email), nameKey(participant.name)],
      );
    });
  }

  /**
   * The address of an open registration is confirmed, and the place is taken now. Confirming again changes nothing.
   * @throws Problem 409 with the dialogue's standing when nobody can register now.
   */
  async confirmAddress(registrationId: string): Promise<Outcome & { isConfirmedNow: boolean }> {
    let isConfirmedNow = false;
    const outcome = await this.unitOfWork.run(async (manager): Promise<Outcome> => {
      const situation = await lockForRegistration(manager, registrationId);
      const { registration } = situation;
      isConfirmedNow = registration.state === 'unconfirmed';
      if (!isConfirmedNow) return { registrationId, state: registration.state };
      assertOpen(situation);
      assertNotRemoved(situation);
      return this.take(manager, situation, seated(situation, registration), true);
    });
    return { ...outcome, isConfirmedNow };
  }

  /**
   * Changes what someone tells about themselves; in a dialogue with approval, what matters goes back for approval. When
   * the dialogue is over, whoever took part can still give or withdraw the consent to be listed in its record, and
   * change nothing else.
   * @throws Problem 409 when the dialogue is cancelled or over, the registration is withdrawn or refused, or there is no
   * room where they would like to move (`places_full`).
   */
  async change(registrationId: string, data: RegistrationData, alongside?: Alongside): Promise<Outcome> {
    return this.registering(alongside, async (manager) => {
      const situation = await lockForRegistration(manager, registrationId);
      const { registration } = situation;
      const isOnlyConsent = changedFields(registration, { ...registration, ...data }).every(
        (field) => field === 'consentToBeListed',
      );
      if (isOnlyConsent && maySayWhetherListed(situation.dialogue, registration.state)) {
        return this.rewrite(manager, situation, registration, { ...registration, ...data });
      }
      assertAnswerable(situation);
      assertStands(registration.state);
      const participant = seated(situation, { ...registration, ...data });
      return this.rewrite(manager, situation, registration, participant);
    });
  }

  /**
   * An organiser corrects a registration: the person's data, their name and address, their role in the delegation. Under
   * the same rules as the person's own change, but also when the dialogue is over, for its record.
   * @param read reads the correction over what is so now, once the registration is locked.
   * @throws Problem 403, 404, 409 `registration_exists` (somebody else is registered with that name and address),
   * `places_full`, 412, 422
   */
  async correct(
    organiserId: string,
    registrationId: string,
    read: (
      now: RegistrationNow,
      asksAttends: boolean,
      mechanisms: KnownMechanism[],
    ) => Pick<Participant, keyof Person | 'role'>,
    expectedVersion?: number,
  ): Promise<Outcome> {
    const work = this.unitOfWork.run(async (manager) => {
      await this.places.lock(manager, { registrationId });
      const { directoryOf } = await ownDialogueOf(
        manager,
        organiserId,
        'registration',
        registrationId,
        'manage',
      );
      const situation = await situationOfRegistration(manager, registrationId);
      const { registration, dialogue, delegationAttends } = situation;
      if (expectedVersion !== undefined && expectedVersion !== registration.version) {
        throw Problem.changedMeanwhile();
      }
      const asksAttends = dialogue.isHybrid && delegationAttends === null;
      const corrected = read(registration, asksAttends, await knownMechanisms(manager, directoryOf));
      return this.rewrite(manager, situation, registration, {
        ...seated(situation, corrected),
        role: corrected.role,
      });
    });
    return onlyOnce(work);
  }

  /**
   * Takes the place that is offered, with the data as they are now. Accepting again only changes the data.
   * @throws Problem 409 `offer_lapsed` when nothing is offered any more, or with the dialogue's standing.
   */
  async acceptOffer(registrationId: string, data: RegistrationData, alongside?: Alongside): Promise<Outcome> {
    return this.registering(alongside, async (manager) => {
      await this.places.lock(manager, { registrationId });
      const situation = await situationOfRegistration(manager, registrationId);
      const { registration } = situation;
      assertAnswerable(situation);
      const participant = seated(situation, { ...registration, ...data });
      if (takesPart(registration.state)) {
        return this.rewrite(manager, situation, registration, participant);
      }
      if (registration.state !== 'offered' || registration.offerIsOver) {
        throw new Problem(409, 'offer_lapsed', 'No place is offered any more.');
      }
      // A substitute has the seat of somebody who was approved, and is not approved by it: as a change of name.
      const isSubstitute = registration.substitutesFor !== null;
      const state = isSubstitute && situation.dialogue.approvalsNeeded > 0 ? 'under_review' : 'confirmed';
      // Whoever declined an invitation, or was taken off, answers it anew as a substitute: they are of this delegation now.
      const ofDelegation = isSubstitute
        ? sql`, ${assigned({ delegation_id: participant.delegationId, role: participant.role })}`
        : empty;
      await count(
        manager,
        sql`WITH answered AS (
            UPDATE invitations SET state = 'accepted', answered_at = now(), decline_reason = NULL ${ofDelegation}
            WHERE id = ${registration.invitationId} AND state <> 'accepted' AND (${isSubstitute}::boolean OR state <> 'removed'))
          UPDATE registrations SET state = ${state}, confirmed_at = now(), offer_expires_at = NULL,
            transition_id = gen_random_uuid(), participation_count = participation_count + 1,
            approval_round = approval_round + ${state === 'under_review' ? 1 : 0}, version = version + 1
          WHERE id = ${registrationId}`,
      );
      await audit(manager, {
        action: `registration.${state}`,
        dialogueId: situation.dialogue.id,
        subjectId: registrationId,
      });
      // What a substitute tells first is no change of what was approved.
      const outcome = await this.rewrite(
        manager,
        situation,
        { ...registration, state },
        participant,
        !isSubstitute,
      );
      if (isSubstitute) await takeOverSpeakingSlots(manager, registrationId);
      // A change that matters was told of where it was written; nothing else tells of a substitute under review.
      if (outcome.state !== state) return outcome;
      await (state === 'confirmed'
        ? queueRegistrationMails(manager, CONFIRMATION, [registrationId], { promoted: !isSubstitute })
        : queueRegistrationMails(manager, UNDER_REVIEW, [registrationId], { substitute: true }));
      return outcome;
    });
  }

  /**
   * Whoever withdrew registers again, and gets a place or a number on the waitlist like a newcomer. Whoever was taken off
   * their delegation has none of its seats any more: an open dialogue takes them as it takes anybody.
   * @throws Problem 409 with the dialogue's standing when nobody can register now, `registration_refused`,
   * `invitation_removed`
   */
  async registerAgain(
    registrationId: string,
    data: RegistrationData,
    alongside?: Alongside,
  ): Promise<Outcome> {
    return this.registering(alongside, async (manager) => {
      const situation = await lockForRegistration(manager, registrationId);
      const { registration } = situation;
      assertOpen(situation);
      const participant = seated(situation, { ...registration, ...data });
      if (isActive(registration.state)) return this.rewrite(manager, situation, registration, participant);
      assertNotRemoved(situation);
      return this.take(manager, situation, participant, !alongside);
    });
  }

  /**
   * Withdraws, or declines a place that is offered; the first who waits and fits moves up in the same transaction.
   * Withdrawing again changes nothing.
   * @throws Problem 409 when the dialogue is cancelled or over.
   */
  async withdraw(registrationId: string): Promise<void> {
    await this.unitOfWork.run(async (manager) => {
      const situation = await lockForRegistration(manager, registrationId);
      assertAnswerable(situation);
      await this.leave(manager, situation);
    });
  }

  /**
   * Withdraws in the caller's unit of work, wherever the dialogue stands. It takes the locks itself: call it before
   * anything else is locked. Withdrawing again changes nothing.
   * @param tell whether the person is notified by mail; those who move up are notified in any case.
   */
  async withdrawIn(
    manager: EntityManager,
    registrationId: string,
    { tell }: { tell: boolean },
  ): Promise<void> {
    await this.leave(manager, await lockForRegistration(manager, registrationId), tell);
  }

  private async acceptAlone(
    invitationId: string,
    data: RegistrationData,
    alongside?: Alongside,
  ): Promise<Outcome> {
    return this.registering(alongside, async (manager) => {
      const situation = await lockForInvitation(manager, invitationId);
      const { person, invitation } = situation;
      assertOpen(situation);
      if (invitation.state === 'removed') throw removed();
      const known = trusted(situation);
      const participant = seated(situation, { ...(known ?? person!), ...data });
      if (known && isActive(known.state)) {
        await this.answer(manager, situation, known);
        return this.rewrite(manager, situation, known, participant);
      }
      return this.take(manager, situation, participant, !alongside);
    });
  }

  /**
   * Several accept for one dialogue: judged one after another, in the order in which they came, each on what those before
   * them left, and written in one transaction.
   * @returns what became of each; undefined of who is no newcomer or is refused something, and is to be served alone.
   */
  private async acceptTogether(asked: Acceptance[]): Promise<(Outcome | undefined)[]> {
    const { dialogueId } = asked[0]!.invitation;
    return this.unitOfWork.run(async (manager) => {
      const ids = asked.map(({ invitation }) => invitation.id);
      const situations = await lockForInvitations(manager, dialogueId, ids);
      const newcomers = new Map<FirstState, { index: number; who: Newcomer }[]>();
      let changes: LimitChange[] = [];
      asked.forEach(({ invitation, data, actor, origin }, index) => {
        const situation = situations.get(invitation.id);
        // Twice in one turn, as by two clicks: the second finds a registration, once it is served alone.
        situations.delete(invitation.id);
        if (!situation || !mayRegister(situation.dialogue) || situation.invitation.state === 'removed')
          return;
        const known = trusted(situation);
        // Whoever comes back after having withdrawn stands in the same line.
        if (known && known.state !== 'withdrawn') return;
        const participant = seated(situation, { ...(known ?? situation.person!), ...data });
        const limits = afterwards(situation.limits, changes);
        const state = firstState(situation.dialogue.approvalsNeeded, placeFor(limits, participant));
        if (state === 'confirmed') changes = together([...changes, ...taking(limits, participant)]);
        const who = { participant, invitationId: invitation.id, actor, origin };
        newcomers.set(state, [...(newcomers.get(state) ?? []), { index, who }]);
      });
      const outcomes: (Outcome | undefined)[] = asked.map(() => undefined);
      for (const [state, those] of newcomers) {
        const registered = await writeNewcomers(
          manager,
          dialogueId,
          state,
          those.map(({ who }) => who),
          changes,
        );
        // Two invitations of one name and address: nobody is written, and each is served alone.
        if (registered.length < those.length) throw registeredAlready();
        registered.forEach((written, position) => {
          outcomes[those[position]!.index] = { registrationId: written.id, state, written };
        });
      }
      return outcomes;
    });
  }

  /** A transition of one registration, with what is written alongside it. */
  private registering(
    alongside: Alongside | undefined,
    work: (manager: EntityManager) => Promise<Outcome>,
  ): Promise<Outcome> {
    return this.unitOfWork.run(async (manager) => {
      const outcome = await work(manager);
      await alongside?.(manager, outcome.registrationId);
      return outcome;
    });
  }

  /**
   * A place, a number on the waitlist or a wait for approval; see `writeNewcomers`.
   * @param isLast whether nothing is written after it: then it ends the transaction.
   */
  private async take(
    manager: EntityManager,
    { dialogue, invitation, registration, limits }: Situation,
    participant: Participant,
    isLast: boolean,
  ): Promise<Outcome> {
    if (registration?.state === 'refused') throw refused();
    const state = firstState(dialogue.approvalsNeeded, placeFor(limits, participant));
    const [written] = await writeNewcomers(
      manager,
      dialogue.id,
      state,
      [newcomer(participant, invitation?.id ?? registration?.invitationId ?? null)],
      state === 'confirmed' ? taking(limits, participant) : [],
      isLast ? preparedAtLast : prepared,
    );
    if (!written) throw registeredAlready();
    return { registrationId: written.id, state, written };
  }

  /** Marks the invitation of someone who is registered as accepted, unless it is already: one statement, and audit. */
  private async answer(
    manager: EntityManager,
    { dialogue, invitation }: Situation,
    registration: RegistrationNow,
  ): Promise<void> {
    if (!invitation || (invitation.state === 'accepted' && registration.invitationId)) return;
    await manager.query(
      // Whoever comes to the seat of a nomination by it is registered by that one from then on.
      `WITH linked AS (
         UPDATE registrations SET invitation_id = CASE WHEN delegation_id IS NULL THEN $1 ELSE coalesce(invitation_id, $1) END
         WHERE id = $2)
       UPDATE invitations SET state = 'accepted', answered_at = now(), decline_reason = NULL WHERE id = $1`,
      [invitation.id, registration.id],
    );
    await audit(manager, {
      action: 'invitation.accepted',
      dialogueId: dialogue.id,
      subjectId: invitation.id,
    });
  }

  /** Gives back what was taken, and moves up who waits. */
  private async leave(
    manager: EntityManager,
    { dialogue, registration, limits }: Situation,
    tell = true,
  ): Promise<void> {
    if (!registration || ['withdrawn', 'refused'].includes(registration.state)) return;
    const hadPlace = holdsPlace(registration.state);
    const freed = hadPlace ? givingBack(limits, registration) : [];
    await count(
      manager,
      sql`WITH counted AS (${changePlaces(freed)}),
       answered AS (
         UPDATE invitations i SET state = 'declined', answered_at = now() FROM registrations r
         WHERE r.id = ${registration.id} AND r.state <> 'unconfirmed'
           AND (i.id = ${registration.invitationId} AND i.state IN ('accepted', 'sent')
           -- Nor is it still to be answered by whoever had registered without it.
           OR i.dialogue_id = r.dialogue_id AND i.state = 'sent' AND EXISTS (SELECT FROM people p
             WHERE p.id = i.person_id AND p.email_key = r.email_key
               AND ${raw(ownKey('p.name_key'))} = ${raw(ownKey('r.name_key'))}))),
       dropped AS (
         UPDATE substitutions SET state = 'dropped', decided_at = now()
         WHERE registration_id = ${registration.id} AND state = 'proposed')
       UPDATE registrations SET state = 'withdrawn', confirmed_at = NULL, waitlist_number = NULL,
         offer_expires_at = NULL, transition_id = gen_random_uuid(), version = version + 1,
         -- A substitute who declines never had the seat, and can't come back to it.
         delegation_id = CASE WHEN state = 'offered' AND substitutes_for IS NOT NULL THEN NULL ELSE delegation_id END,
         role = CASE WHEN state = 'offered' AND substitutes_for IS NOT NULL THEN NULL ELSE role END
       WHERE id = ${registration.id}`,
    );
    await audit(manager, {
      action: 'registration.withdrawn',
      dialogueId: dialogue.id,
      subjectId: registration.id,
    });
    if (!isActive(registration.state)) return;
    if (tell) {
      await queueRegistrationMails(manager, WITHDRAWAL, [registration.id], {
        was_confirmed: takesPart(registration.state),
      });
    }
    if (hadPlace) await this.places.promote(manager, dialogue.id);
  }

  /**
   * Writes changed data; moves a held place to where they attend now, and sends back for approval what matters.
   * @throws Problem 409 `places_full`, `offer_open`, `registration_exists`
   */
  private async rewrite(
    manager: EntityManager,
    { dialogue, limits }: Situation,
    registration: RegistrationNow,
    participant: Participant,
    mayMatter = true,
  ): Promise<Outcome> {
    const fields = changedFields(registration, participant);
    if (fields.length === 0) return { registrationId: registration.id, state: registration.state };
    const matters =
      mayMatter &&
      dialogue.approvalsNeeded > 0 &&
      mayAnswer(dialogue) &&
      isActive(registration.state) &&
      mattersForApproval(registration, participant);
    const state = matters ? afterMattering(registration.state) : registration.state;
    if (state === null) {
      throw new Problem(
        409,
        'offer_open',
        'A place is offered to them as they were approved. Name, mechanism, capacity and role can be changed once they have taken it.',
      );
    }
    const isMoved = fields.some((field) => SEAT.includes(field));
    const moved =
      isMoved && holdsPlace(registration.state) ? movedSeat(limits, registration, participant) : [];
    const { name_key: key, ...is } = stored(participant);
    await count(
      manager,
      // One truth about the role: a nomination says the role of whoever came by it.
      sql`WITH counted AS (${changePlaces(moved)}),
        nominated AS (
          UPDATE invitations SET role = ${participant.role}
          WHERE id = ${registration.invitationId} AND delegation_id = ${participant.delegationId}
            AND role IS DISTINCT FROM ${participant.role})
        UPDATE registrations r SET
          -- One that was set aside stays so as long as the one beside which it was is there.
          name_key = CASE WHEN ${raw(ownKey('r.name_key'))} = ${key} AND r.email_key = ${is.email_key} AND EXISTS (
              SELECT FROM registrations beside WHERE beside.dialogue_id = r.dialogue_id
                AND beside.email_key = ${is.email_key} AND beside.name_key = ${key}) THEN r.name_key ELSE ${key} END,
          ${assigned({ ...is, delegation_id: participant.delegationId, role: participant.role, state })},
          transition_id = CASE WHEN state = ${state} THEN transition_id ELSE gen_random_uuid() END,
          approval_round = approval_round + ${matters ? 1 : 0}, version = version + 1
        WHERE id = ${registration.id}`,
    );
    await audit(manager, {
      action: 'registration.changed',
      dialogueId: dialogue.id,
      subjectId: registration.id,
      details: { fields, ...(state !== registration.state && { state }) },
    });
    if (isMoved) await this.places.promote(manager, dialogue.id);
    if (fields.includes('email')) await queueForNewAddress(manager, registration.id, registration);
    // What told of the state before is overtaken, and says nothing any more (`staleTransition`).
    const kind = state === registration.state ? null : BACK_FOR_APPROVAL[state];
    if (kind) {
      const parameters: Record<string, boolean> = kind === UNDER_REVIEW ? { substitute: false } : {};
      await queueRegistrationMails(manager, kind, [registration.id], parameters);
    }
    return { registrationId: registration.id, state };
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

  /**
   * Writes an unconfirmed registration. For whoever registered once and confirmed, one under no name, which the caller
   * takes back: so both are one work.
   */
  private writeUnconfirmed(
    manager: EntityManager,
    slug: string,
    participant: Person,
  ): Promise<{ id: string; dialogue_id: string; is_known: boolean }[]> {
    const { name_key: key, ...is } = stored(participant);
    return many(
      manager,
      sql`WITH known AS (
         SELECT FROM registrations k JOIN dialogues d ON d.id = k.dialogue_id
         WHERE d.slug = ${slug} AND k.email_key = ${is.email_key} AND k.name_key = ${key} AND k.state <> 'unconfirmed')
       INSERT INTO registrations AS r (dialogue_id, invitation_id, name_key, state, ${raw(Object.keys(is).join(', '))})
       SELECT d.id, (
           SELECT i.id FROM invitations i JOIN people p ON p.id = i.person_id
           WHERE i.dialogue_id = d.id AND p.email_key = ${is.email_key} AND p.name_key = ${key} AND i.state <> 'removed'
             AND NOT EXISTS (SELECT FROM registrations other WHERE other.invitation_id = i.id)),
         CASE WHEN EXISTS (SELECT FROM known) THEN gen_random_uuid()::text ELSE ${key} END, 'unconfirmed',
         ${join(Object.values(is))}
       FROM dialogues d WHERE d.slug = ${slug}
       ON CONFLICT ON CONSTRAINT registrations_address_and_name DO UPDATE SET
         honorific = excluded.honorific, name = excluded.name, functional_title = excluded.functional_title,
         affiliation = excluded.affiliation, country = excluded.country, mechanism_id = excluded.mechanism_id,
         capacity = excluded.capacity, language = excluded.language, time_zone = excluded.time_zone,
         consent_to_be_listed = excluded.consent_to_be_listed, attends = excluded.attends, version = r.version + 1,
         -- The transition is in the mail's dedupe key: a storm of requests mails once a minute.
         transition_id = CASE WHEN EXISTS (
             SELECT FROM mails WHERE subject_id = r.id AND kind = ${ADDRESS_CONFIRMATION.name}
               AND created_at > now() - interval '1 minute')
           THEN r.transition_id ELSE gen_random_uuid() END
       WHERE r.state = 'unconfirmed'
       RETURNING id, dialogue_id, EXISTS (SELECT FROM known) AS is_known`,
    );
  }
}

/** What decides which limits concern someone. */
const SEAT: string[] = ['attends', 'delegationId', 'role'] satisfies (keyof Seat)[];

function changedFields(before: Participant, after: Participant): string[] {
  return [...DATA, 'delegationId' as const, 'role' as const].filter(
    (field) => before[field] !== after[field],
  );
}

/** What tells of a change that has to be approved. */
const BACK_FOR_APPROVAL: Partial<Record<RegistrationState, MailKind>> = {
  awaiting_approval: AWAITING_APPROVAL,
  under_review: UNDER_REVIEW,
};

/** What moving to another seat changes. @throws Problem 409 `places_full` */
function movedSeat(limits: Limit[], from: Seat, to: Seat): LimitChange[] {
  const back = givingBack(limits, from);
  const without = afterwards(limits, back);
  const verdict = placeFor(without, to);
  if (verdict.code === 'full') {
    const errors = verdict.limits.flatMap(({ scope }): FieldProblem[] => {
      const field = scope === 'attendance' ? 'attends' : scope === 'role' ? 'role' : null;
      return field ? [{ field, code: 'full', detail: `${field}: there is no place left.` }] : [];
    });
    throw new Problem(
      409,
      'places_full',
      `There is no place left there (${verdict.limits.map(({ scope }) => scope).join(', ')}). They keep the place that they have; nothing was changed.`,
      errors,
    );
  }
  return together([...back, ...taking(without, to)]);
}

/** @throws Problem 409 when somebody else is registered with the same name and address. */
async function onlyOnce<Result>(written: Promise<Result>): Promise<Result> {
  try {
    return await written;
  } catch (error) {
    const { code, constraint } = (error as { driverError?: { code?: string; constraint?: string } })
      .driverError ?? { code: '' };
    if (code !== '23505' || constraint !== 'registrations_address_and_name') throw error;
    throw registeredAlready();
  }
}

function registeredAlready(): Problem {
  return new Problem(
    409,
    'registration_exists',
    'Somebody with this name and address is registered already. Withdraw one of the two, or give another name or address.',
  );
}

/** @throws Problem 409 when there is nothing to change: they withdrew, or were refused. */
function assertStands(state: RegistrationState): void {
  if (state === 'refused') throw refused();
  if (state === 'withdrawn') {
    throw new Problem(409, 'registration_withdrawn', 'It is withdrawn; register again to change it.');
  }
}

function refused(): Problem {
  return new Problem(
    409,
    'registration_refused',
    'This registration was not accepted. Only the organisers can reconsider it.',
  );
}

/** @throws Problem 409 when only who is invited can register, and they are so no more. */
function assertNotRemoved({ dialogue, invitation }: Situation): void {
  if (dialogue.isByInvitation && invitation?.state === 'removed') throw removed();
}

function removed(): Problem {
  return new Problem(409, 'invitation_removed', 'They are no longer nominated for their delegation.');
}

function assertOpen({ dialogue }: { dialogue: DialogueNow }): void {
  if (!mayRegister(dialogue)) throw closed(dialogue);
}

function assertAnswerable({ dialogue }: { dialogue: DialogueNow }): void {
  if (!mayAnswer(dialogue)) throw closed(dialogue);
}

/** The registration of somebody invited; not of who asked by the open link without confirming the address: that may be anybody. */
function trusted({ registration }: Situation): RegistrationNow | null {
  return registration?.state === 'unconfirmed' ? null : registration;
}

function closed(dialogue: DialogueNow): Problem {
  const why = standing(dialogue);
  if (why === 'open') throw new Error('It is open.');
  return new Problem(409, why, standingInWords[why]);
}
