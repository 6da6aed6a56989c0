import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { ownDialogueOf, type DialogueState } from '@app/dialogues';
import { queueMails, UnitOfWork } from '@app/mail';
import { audit, ownKey, Problem } from '@app/platform';
import { ERASED } from '../mail-kinds';
import { keepRemovals } from '../registrations/changed-address';
import type { RegistrationState } from '../registrations/registration.entity';
import { takesPart } from '../registrations/registration.rules';
import { PlacesService } from '../places/places.service';
import { RegistrationsService } from '../registrations/registrations.service';
import { eraseData, eraseTraces, forgetSubstitutes, type Erased } from './erase-data';
import { eraseFromNote, eraseNames, erasePersonFromNotes } from './note-names';
import { PersonalCodes, type ProvenCode } from './personal-codes.service';

/** For how long the last mails are tried, in days; then their addresses go all the same. */
const LAST_MAIL_DAYS = 3;

/** Has or wants a place, so that erasing begins with withdrawing. */
const WITHDRAWS: readonly RegistrationState[] = [
  'unconfirmed',
  'awaiting_approval',
  'waitlisted',
  'offered',
  'confirmed',
  'under_review',
];

/**
 * Erases what is held about a person and keeps what is counted (docs/decisions/0011). Whoever still takes part withdraws
 * by it, in the same transaction, and the place goes to the next. They get one last mail, whose ledger row then forgets them.
 */
@Injectable()
export class ErasuresService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly places: PlacesService,
    private readonly registrations: RegistrationsService,
    private readonly codes: PersonalCodes,
    private readonly unitOfWork: UnitOfWork,
  ) {}

  /** A participant erases their own data, with the code that was mailed to them. @throws Problem 422 `code_wrong` */
  async byPerson(registrationId: string, code: ProvenCode): Promise<void> {
    await this.erase(registrationId, (manager) => this.codes.use(manager, code));
  }

  /** An owner of the dialogue erases a registration; again changes nothing. @throws Problem 404, 403 `role_insufficient` */
  async registration(organiserId: string, registrationId: string): Promise<void> {
    await ownDialogueOf(this.dataSource, organiserId, 'registration', registrationId, 'own');
    await this.erase(registrationId, async (manager) => {
      await ownDialogueOf(manager, organiserId, 'registration', registrationId, 'own');
    });
  }

  /**
   * An owner of the dialogue erases who was named as a substitute and never registered, and who has no page of their own
   * to do it. What nobody decided on is dropped; again changes nothing.
   * @throws Problem 404, 403 `role_insufficient`; 409 `substitute_registered`: then it is the registration to erase.
   */
  async substitute(organiserId: string, substitutionId: string): Promise<void> {
    await this.dataSource.transaction(async (manager) => {
      await ownDialogueOf(manager, organiserId, 'substitution', substitutionId, 'own');
      const [named]: { dialogueId: string; substituteId: string | null }[] = await manager.query(
        `SELECT dialogue_id AS "dialogueId", substitute_id AS "substituteId" FROM substitutions WHERE id = $1
         FOR NO KEY UPDATE`,
        [substitutionId],
      );
      if (!named) throw Problem.notFound('substitution');
      if (named.substituteId !== null) {
        throw new Problem(
          409,
          'substitute_registered',
          `The substitute has a registration. Erase that: POST /v1/registrations/${named.substituteId}/erasure.`,
        );
      }
      if ((await forgetSubstitutes(manager, [substitutionId])) === 0) return;
      await audit(manager, {
        action: 'substitution.erased',
        dialogueId: named.dialogueId,
        subjectId: substitutionId,
      });
    });
  }

  /**
   * An owner of the dialogue erases a name from its published note, whose person may have no registration any more, or
   * never had one: a guest who spoke, or everybody once the retention has passed. Again changes nothing.
   * @throws Problem 404, 403 `role_insufficient`
   */
  async noteName(organiserId: string, nameId: string): Promise<void> {
    await this.dataSource.transaction(async (manager) => {
      const { dialogueId } = await ownDialogueOf(manager, organiserId, 'name', nameId, 'own');
      if ((await eraseNames(manager, [nameId])) === 0) return;
      await audit(manager, { action: 'note.name_erased', dialogueId, subjectId: nameId });
    });
  }

  /**
   * Removes a person from the organiser's own directory, and erases their invitations, registrations, mails as focal point
   * and proposals as substitute in every dialogue of it, whoever registered there by the open link under the same address
   * and name included: also in dialogues that others made of its own or lead by now, as the data are the directory's. Each
   * registration is a transaction of its own: when one fails, asking again goes on with the rest.
   * @throws Problem 404 when it is not in their directory
   */
  async person(organiserId: string, personId: string): Promise<void> {
    const [found]: { person: boolean }[] = await this.dataSource.query(
      `SELECT true AS person FROM people WHERE id = $1 AND organiser_id = $2`,
      [personId, organiserId],
    );
    if (!found) throw Problem.notFound('person');
    const about: { registration_id: string }[] = await this.dataSource.query(
      `SELECT r.id AS registration_id FROM invitations i
         JOIN registrations r ON r.invitation_id = i.id AND r.erased_at IS NULL WHERE i.person_id = $1
       UNION SELECT r.id FROM people p JOIN dialogues d ON d.organiser_id = p.organiser_id
         JOIN registrations r ON r.dialogue_id = d.id AND r.email_key = p.email_key
           AND ${ownKey('r.name_key')} = ${ownKey('p.name_key')}
         WHERE p.id = $1
       ORDER BY registration_id`,
      [personId],
    );
    // Before their registrations, since the last of those takes the entry along by which the names are found.
    await this.dataSource.transaction((manager) => erasePersonFromNotes(manager, personId));
    for (const { registration_id } of about) {
      await this.erase(registration_id);
    }
    await this.dataSource.transaction(async (manager) => {
      await erasePersonFromNotes(manager, personId);
      const invitations: { id: string }[] = await manager.query(
        `SELECT id FROM invitations WHERE person_id = $1 ORDER BY id`,
        [personId],
      );
      await eraseTraces(manager, personId);
      await manager.query(
        `UPDATE delegations SET focal_point_id = NULL, link_generation = link_generation + 1 WHERE focal_point_id = $1`,
        [personId],
      );
      for (const { id } of invitations) {
        await eraseData(manager, { invitationId: id });
      }
      await manager.query(`DELETE FROM people WHERE id = $1`, [personId]);
      await audit(manager, { action: 'person.erased', subjectId: personId });
    });
  }

  private async erase(
    registrationId: string,
    alongside?: (manager: EntityManager) => Promise<void>,
  ): Promise<Erased | null> {
    return this.unitOfWork.run(async (manager) => {
      // Whether there is a place to give back is read under the lock: they may be coming to one at this moment.
      await this.places.lock(manager, { registrationId });
      const [now]: {
        dialogue_id: string;
        state: RegistrationState;
        dialogue_state: DialogueState;
        over: boolean;
        erased: boolean;
      }[] = await manager.query(
        `SELECT r.dialogue_id, r.state, d.state AS dialogue_state, d.ends_at <= now() AS over,
           r.erased_at IS NOT NULL AS erased
         FROM registrations r JOIN dialogues d ON d.id = r.dialogue_id WHERE r.id = $1 FOR SHARE OF d`,
        [registrationId],
      );
      if (!now) throw Problem.notFound('registration');
      if (now.erased) {
        // Data that went by retention left the published note as it was; that it is to go as well is asked for now.
        const names = await eraseFromNote(manager, registrationId);
        if (names > 0) {
          await audit(manager, {
            action: 'registration.erased',
            dialogueId: now.dialogue_id,
            subjectId: registrationId,
            details: { note_names: names },
          });
        }
        return null;
      }
      // Who took part, or would have, is counted as they were.
      const isStillOn =
        now.dialogue_state !== 'cancelled' && (now.dialogue_state === 'postponed' || !now.over);
      const withdraws = isStillOn && WITHDRAWS.includes(now.state);
      if (withdraws) await this.registrations.withdrawIn(manager, registrationId, { tell: false });
      await alongside?.(manager);
      const wasConfirmed = withdraws && takesPart(now.state);
      await this.queueLastMail(manager, registrationId, withdraws, wasConfirmed);
      await keepRemovals(manager, registrationId, LAST_MAIL_DAYS);
      const erased = await eraseData(manager, { registrationId });
      const names = await eraseFromNote(manager, registrationId);
      await audit(manager, {
        action: 'registration.erased',
        dialogueId: now.dialogue_id,
        subjectId: registrationId,
        details: { ...erased, note_names: names },
      });
      return erased;
    });
  }

  /** Written from its ledger row alone, since nothing else will know the address. */
  private async queueLastMail(
    manager: EntityManager,
    registrationId: string,
    withdrawn: boolean,
    wasConfirmed: boolean,
  ): Promise<void> {
    await queueMails(
      manager,
      ERASED,
      `SELECT r.dialogue_id, r.id, concat_ws(' ', r.honorific, r.name), r.email, r.language,
         '${ERASED.name}:' || r.id,
         -- A mail that would have taken the entry out of their calendar, and waits still, is not sent any more.
         jsonb_build_object('withdrawn', $2::boolean, 'was_confirmed', $3::boolean OR EXISTS (SELECT FROM mails waits
           WHERE waits.subject_id = r.id AND waits.state IN ('queued', 'deferred', 'held')
             AND waits.parameters ->> 'was_confirmed' = 'true')),
         now() + make_interval(days => ${LAST_MAIL_DAYS})
       FROM registrations r WHERE r.id = $1 AND r.email <> ''`,
      [registrationId, withdrawn, wasConfirmed],
    );
    await manager.query(`UPDATE mails SET forget_recipient = true WHERE dedupe_key = $1`, [
      `${ERASED.name}:${registrationId}`,
    ]);
  }
}
