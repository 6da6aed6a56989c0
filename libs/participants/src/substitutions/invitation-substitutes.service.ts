import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { DialogueState } from '@app/dialogues';
import { queueMails, UnitOfWork } from '@app/mail';
import { audit, count, emailKey, nameKey, ownKey, Problem, sql } from '@app/platform';
import { INVITATION } from '../mail-kinds';
import { PlacesService } from '../places/places.service';
import { isRegisteredAlready } from '../registrations/registered';
import { mayRegister, standing, standingInWords } from '../registrations/registration.rules';
import type { SubstituteData, SubstitutionMode } from './substitution.rules';

/** Someone who was invited and holds no seat, under the lock of the dialogue's places. */
interface Invitee {
  id: string;
  dialogueId: string;
  directoryOf: string;
  state: string;
  /** Whether they take part, wait, or were refused: then it is the registration that they give up. */
  isRegistered: boolean;
  mode: SubstitutionMode;
  dialogueState: DialogueState;
  over: boolean;
}

/**
 * Someone who was invited and never registered declines and names who is invited instead (domain.md, Before 3). There is
 * no seat to pass on, so the substitute is invited like anybody else, for the same delegation and role.
 */
@Injectable()
export class InvitationSubstitutes {
  constructor(
    private readonly places: PlacesService,
    private readonly unitOfWork: UnitOfWork,
  ) {}

  /**
   * Declines, and invites the substitute at once: only where the dialogue leaves substitutes to delegates.
   * @throws Problem 404, 409 `substitution_closed`, `no_seat_to_give`, `substitute_registered` or the dialogue's standing
   */
  async declineFor(invitationId: string, substitute: SubstituteData): Promise<void> {
    await this.unitOfWork.run(async (manager) => {
      await this.places.lock(manager, { invitationId });
      const invitee = await this.invitee(manager, invitationId);
      assertMay(invitee);
      const substituteInvitationId = await this.invite(manager, invitee, substitute);
      await manager.query(
        `UPDATE invitations SET state = 'declined', answered_at = now(), decline_reason = NULL WHERE id = $1`,
        [invitee.id],
      );
      await audit(manager, {
        action: 'invitation.declined',
        dialogueId: invitee.dialogueId,
        subjectId: invitee.id,
        details: { substitute_invitation_id: substituteInvitationId },
      });
      await queueMails(
        manager,
        INVITATION,
        `SELECT i.dialogue_id, i.id, p.name, p.email, p.language,
                '${INVITATION.name}:' || i.id || ':' || i.link_generation, '{}'::jsonb, d.starts_at
         FROM invitations i JOIN people p ON p.id = i.person_id JOIN dialogues d ON d.id = i.dialogue_id
         WHERE i.id = $1`,
        [substituteInvitationId],
      );
    });
  }

  private async invitee(manager: EntityManager, invitationId: string): Promise<Invitee> {
    const [invitee]: Invitee[] = await manager.query(
      `SELECT i.id, i.dialogue_id AS "dialogueId", d.organiser_id AS "directoryOf", i.state,
         ${isRegisteredAlready('p')} AS "isRegistered",
         d.substitution AS mode, d.state AS "dialogueState", d.ends_at <= now() AS over
       FROM invitations i JOIN people p ON p.id = i.person_id JOIN dialogues d ON d.id = i.dialogue_id
       WHERE i.id = $1 FOR SHARE OF d`,
      [invitationId],
    );
    if (!invitee) throw Problem.notFound('invitation');
    return invitee;
  }

  /** The substitute in the directory, unless they are there, and their invitation. @returns its id */
  private async invite(
    manager: EntityManager,
    invitee: Invitee,
    substitute: SubstituteData,
  ): Promise<string> {
    const keys = [nameKey(substitute.name), emailKey(substitute.email)];
    const [registered]: unknown[] = await manager.query(
      `SELECT 1 FROM registrations WHERE dialogue_id = $1 AND ${ownKey('name_key')} = $2 AND email_key = $3
         AND state NOT IN ('withdrawn', 'unconfirmed')`,
      [invitee.dialogueId, ...keys],
    );
    await count(
      manager,
      sql`INSERT INTO people (organiser_id, honorific, name, name_key, functional_title, email, email_key, affiliation, country,
         mechanism_id, language, time_zone)
       SELECT ${invitee.directoryOf}, ${substitute.honorific}, ${substitute.name}, ${keys[0]}, ${substitute.functionalTitle},
         ${substitute.email}, ${keys[1]}, leaver.affiliation, leaver.country, leaver.mechanism_id, ${substitute.language},
         d.time_zone
       FROM invitations i JOIN people leaver ON leaver.id = i.person_id JOIN dialogues d ON d.id = i.dialogue_id
       WHERE i.id = ${invitee.id}
       ON CONFLICT ON CONSTRAINT people_address_and_name DO NOTHING`,
    );
    // Whoever has an invitation of their own answers that one; who was taken off can be asked anew.
    const [invited]: { id: string }[] = await manager.query(
      `INSERT INTO invitations (dialogue_id, person_id, delegation_id, role, state, sent_at)
       SELECT leaver.dialogue_id, p.id, leaver.delegation_id, leaver.role, 'sent', now()
       FROM invitations leaver JOIN people p ON p.organiser_id = $2 AND p.name_key = $3 AND p.email_key = $4
       WHERE leaver.id = $1
       ON CONFLICT ON CONSTRAINT invitations_person DO UPDATE SET delegation_id = excluded.delegation_id,
         role = excluded.role, state = 'sent', sent_at = now(), answered_at = NULL, decline_reason = NULL
         WHERE invitations.state = 'removed'
       RETURNING id`,
      [invitee.id, invitee.directoryOf, ...keys],
    );
    if (registered || !invited) {
      throw new Problem(
        409,
        'substitute_registered',
        'This person is invited or registered already; name somebody else.',
      );
    }
    return invited.id;
  }
}

/** @throws Problem 409 */
function assertMay({ mode, state, isRegistered, dialogueState, over }: Invitee): void {
  const dialogue = { state: dialogueState, over };
  if (!mayRegister(dialogue)) {
    const why = standing(dialogue);
    if (why !== 'open') throw new Problem(409, why, standingInWords[why]);
  }
  if (mode !== 'free') {
    throw new Problem(
      409,
      'substitution_closed',
      'In this dialogue only who is registered can name a substitute; decline, and say in the reason who could come.',
    );
  }
  if (isRegistered || state === 'declined' || state === 'removed') {
    throw new Problem(409, 'no_seat_to_give', 'This invitation is answered; nothing was changed.');
  }
}
