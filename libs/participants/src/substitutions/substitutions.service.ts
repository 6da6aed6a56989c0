import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { ownDialogue, ownDialogueOf, type DialogueState, type Right } from '@app/dialogues';
import { queueMails, UnitOfWork } from '@app/mail';
import { audit, context, emailKey, nameKey, one, ownKey, Problem, sql, valuesOf } from '@app/platform';
import { SUBSTITUTE, SUBSTITUTED, SUBSTITUTION_REFUSED } from '../mail-kinds';
import { PlacesService } from '../places/places.service';
import { mayAnswer, standing, standingInWords, takesPart } from '../registrations/registration.rules';
import { queueRegistrationMails, usefulUntil } from '../registrations/registration-mails';
import type { RegistrationState } from '../registrations/registration.entity';
import { queueProposalMails } from './proposal-mails';
import { maySubstitute, type SubstituteData, type SubstitutionMode } from './substitution.rules';
import type { Substitution } from './substitution.entity';

/** A substitution as whoever decides on it sees it. */
export interface SubstitutionRow {
  id: string;
  registration_id: string;
  substitute_id: string | null;
  state: Substitution['state'];
  /** Who can't come, and the seat: delegation and role in it. */
  leaver_honorific: string | null;
  leaver_name: string;
  delegation_id: string | null;
  role: string | null;
  honorific: string | null;
  name: string;
  functional_title: string | null;
  email: string;
  language: string;
  reason: string | null;
  created_at: Date;
  decided_at: Date | null;
}

/** What someone's own page shows of their substitution. */
export interface OwnSubstitution {
  /** Whether they may name a substitute now. */
  may: boolean;
  /** Whether it has to be approved first. */
  needsApproval: boolean;
  /** Whom they named and nobody has decided on. */
  proposed: { name: string } | null;
  /** Who can't come and named them, where they are a substitute. */
  standsInFor: { name: string } | null;
  /** Who comes in their place. */
  replacedBy: { name: string } | null;
}

/** Approve it, or refuse it with the reason that the delegate is told. */
export type SubstitutionDecision = { approve: true } | { approve: false; reason: string };

/** Who can't come, under the lock of the dialogue's places. */
interface Leaver {
  id: string;
  dialogueId: string;
  invitationId: string | null;
  state: RegistrationState;
  isSubstitute: boolean;
  mode: SubstitutionMode;
  dialogueState: DialogueState;
  over: boolean;
}

const ROW = `s.id, s.registration_id, s.substitute_id, s.state, r.honorific AS leaver_honorific, r.name AS leaver_name,
  r.delegation_id, r.role, s.honorific, s.name, s.functional_title, s.email, s.language, s.reason, s.created_at,
  s.decided_at`;

/**
 * A delegate who can't come names who comes instead (domain.md, Before 3). The seat, the role and the speaking slots
 * follow; what the delegate told about themselves does not. The substitute's registration holds the leaver's place from
 * the first moment, so no counter changes and nobody moves up meanwhile.
 */
@Injectable()
export class SubstitutionsService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly places: PlacesService,
    private readonly unitOfWork: UnitOfWork,
  ) {}

  /**
   * A delegate names a substitute: at once theirs the place where the dialogue leaves it to delegates, else proposed, and
   * told to who decides.
   * Naming another one drops who was proposed before.
   * @throws Problem 409 `substitution_closed`, `substitute_registered` or the dialogue's standing.
   */
  async propose(registrationId: string, substitute: SubstituteData): Promise<'approved' | 'proposed'> {
    return this.unitOfWork.run(async (manager) => {
      await this.places.lock(manager, { registrationId });
      const leaver = await this.leaver(manager, registrationId);
      this.assertMay(leaver);
      await assertNotRegistered(manager, leaver.dialogueId, substitute);
      await manager.query(
        `UPDATE substitutions SET state = 'dropped', decided_at = now()
         WHERE registration_id = $1 AND state = 'proposed'`,
        [leaver.id],
      );
      const proposed = valuesOf({
        dialogue_id: leaver.dialogueId,
        registration_id: leaver.id,
        honorific: substitute.honorific,
        name: substitute.name,
        functional_title: substitute.functionalTitle,
        email: substitute.email,
        language: substitute.language,
      });
      const made = await one<{ id: string }>(
        manager,
        sql`INSERT INTO substitutions ${proposed} RETURNING id`,
      );
      const { id } = made!;
      await audit(manager, {
        action: 'substitution.proposed',
        dialogueId: leaver.dialogueId,
        subjectId: id,
        details: { registration_id: leaver.id },
      });
      if (leaver.mode === 'approved') {
        await queueProposalMails(manager, id);
        return 'proposed';
      }
      await this.carryOut(manager, leaver, id, substitute);
      return 'approved';
    });
  }

  /** A page of a dialogue's substitutions, the newest first; one row more than `limit` when there are more. */
  async list(
    organiserId: string,
    dialogueId: string,
    page: { limit: number; after?: string[]; state?: Substitution['state'] },
  ): Promise<SubstitutionRow[]> {
    await mayDecide((right) => ownDialogue(this.dataSource, organiserId, dialogueId, right));
    const [before, idBefore] = page.after ?? [null, null];
    return this.dataSource.query(
      `SELECT ${ROW} FROM substitutions s JOIN registrations r ON r.id = s.registration_id
       WHERE s.dialogue_id = $1 AND ($2::text IS NULL OR s.state = $2)
         AND ($3::timestamptz IS NULL OR (date_trunc('milliseconds', s.created_at), s.id) < ($3, $4::uuid))
       ORDER BY date_trunc('milliseconds', s.created_at) DESC, s.id DESC LIMIT $5`,
      [dialogueId, page.state ?? null, before, idBefore, page.limit + 1],
    );
  }

  /** Those of a delegation on which nobody has decided, the oldest first: for its focal point. */
  async proposedIn(delegationId: string): Promise<SubstitutionRow[]> {
    return this.dataSource.query(
      `SELECT ${ROW} FROM substitutions s JOIN registrations r ON r.id = s.registration_id
       WHERE r.delegation_id = $1 AND s.state = 'proposed' ORDER BY s.created_at, s.id LIMIT 200`,
      [delegationId],
    );
  }

  /**
   * An organiser decides.
   * @throws Problem 404, 403 `role_insufficient`, 409 `substitution_decided` or why it can't be carried out any more.
   */
  async decide(
    organiserId: string,
    substitutionId: string,
    decision: SubstitutionDecision,
  ): Promise<SubstitutionRow> {
    return this.unitOfWork.run(async (manager) => {
      await mayDecide((right) => ownDialogueOf(manager, organiserId, 'substitution', substitutionId, right));
      return this.settle(manager, substitutionId, decision);
    });
  }

  /**
   * The focal point of the delegate's delegation decides. Whoever calls it has proved the focal point's link.
   * @throws Problem 404 when it is of no member of this delegation, 409 as `decide`.
   */
  async decideByFocalPoint(
    delegationId: string,
    substitutionId: string,
    decision: SubstitutionDecision,
  ): Promise<SubstitutionRow> {
    return this.unitOfWork.run(async (manager) => {
      const [own]: unknown[] = await manager.query(
        `SELECT 1 FROM substitutions s JOIN registrations r ON r.id = s.registration_id
         WHERE s.id = $1 AND r.delegation_id = $2`,
        [substitutionId, delegationId],
      );
      if (!own) throw Problem.notFound('substitution');
      return this.settle(manager, substitutionId, decision);
    });
  }

  /** What the page of this registration shows. */
  async own(registrationId: string): Promise<OwnSubstitution> {
    const [row]: (Omit<Leaver, 'dialogueId' | 'invitationId'> & {
      proposed: string | null;
      leaver: string | null;
      replacement: string | null;
    })[] = await this.dataSource.query(
      `SELECT r.id, r.state, r.substitutes_for IS NOT NULL AS "isSubstitute", d.substitution AS mode,
         d.state AS "dialogueState", d.ends_at <= now() AS over,
         (SELECT name FROM substitutions WHERE registration_id = r.id AND state = 'proposed') AS proposed,
         CASE WHEN r.state NOT IN ('withdrawn', 'refused') THEN leaver.name END AS leaver,
         CASE WHEN r.state = 'withdrawn' THEN (
           SELECT name FROM registrations WHERE substitutes_for = r.id AND state NOT IN ('withdrawn', 'refused')
             AND erased_at IS NULL ORDER BY created_at DESC LIMIT 1) END AS replacement
       FROM registrations r JOIN dialogues d ON d.id = r.dialogue_id
       LEFT JOIN registrations leaver ON leaver.id = r.substitutes_for AND leaver.erased_at IS NULL
       WHERE r.id = $1`,
      [registrationId],
    );
    if (!row) throw Problem.notFound('registration');
    const may = maySubstitute({
      ...row,
      answerable: mayAnswer({ state: row.dialogueState, over: row.over }),
    });
    return {
      may,
      needsApproval: row.mode === 'approved',
      proposed: may && row.proposed !== null ? { name: row.proposed } : null,
      standsInFor: row.leaver === null ? null : { name: row.leaver },
      replacedBy: row.replacement === null ? null : { name: row.replacement },
    };
  }

  private async settle(
    manager: EntityManager,
    substitutionId: string,
    decision: SubstitutionDecision,
  ): Promise<SubstitutionRow> {
    const [of]: { registrationId: string }[] = await manager.query(
      'SELECT registration_id AS "registrationId" FROM substitutions WHERE id = $1',
      [substitutionId],
    );
    if (!of) throw Problem.notFound('substitution');
    await this.places.lock(manager, of);
    const leaver = await this.leaver(manager, of.registrationId);
    // Read under the lock: of two who decide at once the second is told.
    const [proposal]: (SubstituteData & { state: Substitution['state'] })[] = await manager.query(
      `SELECT state, honorific, name, functional_title AS "functionalTitle", email, language
       FROM substitutions WHERE id = $1 FOR UPDATE`,
      [substitutionId],
    );
    if (!proposal || proposal.state !== 'proposed') {
      throw new Problem(
        409,
        'substitution_decided',
        `This substitution is ${proposal?.state ?? 'gone'} already; read it again.`,
      );
    }
    await (decision.approve
      ? this.approve(manager, leaver, substitutionId, proposal)
      : this.refuse(manager, leaver, substitutionId, decision.reason));
    const [settled]: [SubstitutionRow] = await manager.query(
      `SELECT ${ROW} FROM substitutions s JOIN registrations r ON r.id = s.registration_id WHERE s.id = $1`,
      [substitutionId],
    );
    return settled;
  }

  private async approve(
    manager: EntityManager,
    leaver: Leaver,
    substitutionId: string,
    substitute: SubstituteData,
  ): Promise<void> {
    this.assertMay({ ...leaver, mode: 'approved' });
    await assertNotRegistered(manager, leaver.dialogueId, substitute);
    await this.carryOut(manager, leaver, substitutionId, substitute);
  }

  private async refuse(
    manager: EntityManager,
    leaver: Leaver,
    substitutionId: string,
    reason: string,
  ): Promise<void> {
    await manager.query(
      `UPDATE substitutions SET state = 'refused', reason = $2, decided_by = $3, decided_at = now() WHERE id = $1`,
      [substitutionId, reason, actor()],
    );
    await audit(manager, {
      action: 'substitution.refused',
      dialogueId: leaver.dialogueId,
      subjectId: substitutionId,
      details: { registration_id: leaver.id },
    });
    await queueMails(
      manager,
      SUBSTITUTION_REFUSED,
      `SELECT r.dialogue_id, r.id, r.name, r.email, r.language,
              '${SUBSTITUTION_REFUSED.name}:' || r.id || ':' || $2::text,
              jsonb_build_object('substitution_id', $2::text), ${usefulUntil('d')}
       FROM registrations r JOIN dialogues d ON d.id = r.dialogue_id WHERE r.id = $1`,
      [leaver.id, substitutionId],
    );
  }

  /** The leaver leaves and the substitute is offered the very same place: one statement, then audit and both mails. */
  private async carryOut(
    manager: EntityManager,
    leaver: Leaver,
    substitutionId: string,
    substitute: SubstituteData,
  ): Promise<void> {
    // Whoever registered once and withdrew, or never confirmed the address, takes up that registration, as everywhere.
    const nameOf = nameKey(substitute.name);
    const emailOf = emailKey(substitute.email);
    const taken = await one<{ id: string }>(
      manager,
      sql`WITH departed AS (
         UPDATE registrations SET state = 'withdrawn', confirmed_at = NULL, offer_expires_at = NULL,
           -- Whoever was offered the seat as a substitute and passes it on never had it, and can't come back to it.
           delegation_id = CASE WHEN state = 'offered' THEN NULL ELSE delegation_id END,
           role = CASE WHEN state = 'offered' THEN NULL ELSE role END,
           transition_id = gen_random_uuid(), version = version + 1 WHERE id = ${leaver.id} RETURNING id),
       answered AS (
         UPDATE invitations SET state = 'declined', answered_at = now()
         WHERE id = ${leaver.invitationId} AND state IN ('accepted', 'sent')),
       substitute AS (
         INSERT INTO registrations AS r (dialogue_id, invitation_id, honorific, name, name_key, functional_title, email,
           email_key, affiliation, country, mechanism_id, capacity, language, time_zone, delegation_id, role, attends,
           substitutes_for, state)
         SELECT leaver.dialogue_id, (
             SELECT i.id FROM invitations i JOIN people p ON p.id = i.person_id
             WHERE i.dialogue_id = leaver.dialogue_id AND p.email_key = ${emailOf} AND p.name_key = ${nameOf}
               AND NOT EXISTS (SELECT FROM registrations other WHERE other.invitation_id = i.id)),
           ${substitute.honorific}, ${substitute.name}, ${nameOf}, ${substitute.functionalTitle}, ${substitute.email},
           ${emailOf}, leaver.affiliation, leaver.country, leaver.mechanism_id, leaver.capacity, ${substitute.language},
           d.time_zone, leaver.delegation_id, leaver.role, leaver.attends, leaver.id, 'offered'
         FROM registrations leaver JOIN dialogues d ON d.id = leaver.dialogue_id
         WHERE leaver.id = ${leaver.id}
         ON CONFLICT ON CONSTRAINT registrations_address_and_name DO UPDATE SET
           invitation_id = coalesce(r.invitation_id, excluded.invitation_id), honorific = excluded.honorific,
           name = excluded.name, functional_title = excluded.functional_title, email = excluded.email,
           affiliation = excluded.affiliation, country = excluded.country, mechanism_id = excluded.mechanism_id,
           capacity = excluded.capacity, language = excluded.language, delegation_id = excluded.delegation_id,
           role = excluded.role, attends = excluded.attends, substitutes_for = excluded.substitutes_for,
           state = excluded.state, confirmed_at = NULL, waitlist_number = NULL, offer_expires_at = NULL,
           transition_id = gen_random_uuid(), version = r.version + 1
         RETURNING id)
       UPDATE substitutions SET state = 'approved', substitute_id = (SELECT id FROM substitute), decided_by = ${actor()},
         decided_at = now() WHERE id = ${substitutionId}
       RETURNING substitute_id AS id`,
    );
    await audit(manager, {
      action: 'substitution.approved',
      dialogueId: leaver.dialogueId,
      subjectId: substitutionId,
      details: { registration_id: leaver.id, substitute_id: taken!.id },
    });
    const parameters = { substitution_id: substitutionId };
    await queueRegistrationMails(manager, SUBSTITUTED, [leaver.id], {
      ...parameters,
      was_confirmed: takesPart(leaver.state),
    });
    await queueRegistrationMails(manager, SUBSTITUTE, [taken!.id], parameters);
  }

  /** Read under the lock, in a statement of its own, see `RegistrationsService`. @throws Problem 404 */
  private async leaver(manager: EntityManager, registrationId: string): Promise<Leaver> {
    const [leaver]: Leaver[] = await manager.query(
      `SELECT r.id, r.dialogue_id AS "dialogueId", r.invitation_id AS "invitationId", r.state,
         r.substitutes_for IS NOT NULL AS "isSubstitute", d.substitution AS mode, d.state AS "dialogueState",
         d.ends_at <= now() AS over
       FROM registrations r JOIN dialogues d ON d.id = r.dialogue_id WHERE r.id = $1 FOR SHARE OF d`,
      [registrationId],
    );
    if (!leaver) throw Problem.notFound('registration');
    return leaver;
  }

  /** @throws Problem 409 */
  private assertMay(leaver: Leaver): void {
    const dialogue = { state: leaver.dialogueState, over: leaver.over };
    if (!mayAnswer(dialogue)) {
      const why = standing(dialogue);
      if (why !== 'open') throw new Problem(409, why, standingInWords[why]);
    }
    if (!maySubstitute({ ...leaver, answerable: true })) {
      throw leaver.mode === 'closed'
        ? new Problem(409, 'substitution_closed', 'This dialogue takes no substitutes; withdraw instead.')
        : new Problem(
            409,
            'no_seat_to_give',
            `The registration is ${leaver.state}; only who is confirmed can name a substitute.`,
          );
    }
  }
}

/** Managing a dialogue and approving registrations each give the right. @throws Problem 404, 403 `role_insufficient` */
async function mayDecide(ask: (right: Right) => Promise<unknown>): Promise<void> {
  try {
    await ask('manage');
  } catch (error) {
    if (!(error instanceof Problem && error.status === 403)) throw error;
    await ask('approve');
  }
}

/**
 * Whoever takes part, waits or was refused here can't be a substitute as well. No more is told than that: who names
 * them learns nothing of their answer.
 * @throws Problem 409 `substitute_registered`
 */
async function assertNotRegistered(
  manager: EntityManager,
  dialogueId: string,
  substitute: SubstituteData,
): Promise<void> {
  const [known]: unknown[] = await manager.query(
    `SELECT 1 FROM registrations WHERE dialogue_id = $1 AND email_key = $2 AND ${ownKey('name_key')} = $3
       AND state NOT IN ('withdrawn', 'unconfirmed')`,
    [dialogueId, emailKey(substitute.email), nameKey(substitute.name)],
  );
  if (!known) return;
  throw new Problem(
    409,
    'substitute_registered',
    'This person has answered for themselves in this dialogue; name somebody else.',
  );
}

function actor(): string {
  return context.getStore()?.actor ?? 'system';
}
