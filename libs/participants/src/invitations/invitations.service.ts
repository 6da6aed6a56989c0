import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { ownDialogue, ownDialogueOf } from '@app/dialogues';
import { queueMails, UnitOfWork } from '@app/mail';
import { audit, Problem } from '@app/platform';
import { queueJoinLink } from '../links/join-links.service';
import { INVITATION, REGISTRATION_LINK } from '../mail-kinds';
import { isRegisteredAlready } from '../registrations/registered';
import { standing, standingInWords } from '../registrations/registration.rules';
import { usefulUntil } from '../registrations/registration-mails';
import type { RegistrationState } from '../registrations/registration.entity';
import type { InvitationState } from './invitation.entity';

/** Whom to write to: everyone who is prepared, some of them, or people of the directory. One of the three is said. */
export interface Addressees {
  to?: 'prepared';
  invitationIds?: string[];
  personIds?: string[];
}

/** An invitation as its organiser sees it. */
export interface InvitationRow {
  id: string;
  state: InvitationState;
  sent_at: Date | null;
  answered_at: Date | null;
  decline_reason: string | null;
  created_at: string;
  person_id: string;
  honorific: string | null;
  name: string;
  email: string;
  affiliation: string | null;
  mechanism: string | null;
  language: string;
  registration_id: string | null;
  registration_state: RegistrationState | null;
}

/** How many invitations stand where. */
export type InvitationCounts = Record<InvitationState, number>;

/** Invitations: who is asked, and by which link. */
@Injectable()
export class InvitationsService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly unitOfWork: UnitOfWork,
  ) {}

  /**
   * Sends the invitations that are prepared: all, or those of the addressees; people of the directory who are not on
   * the list yet are put on it. However many, it is three statements. Who was written to before is not written to again,
   * nor is who is registered already.
   * @param held the mails wait in the ledger until they are released, to be looked at before the first goes.
   * @returns how many mails were queued, and how many were left out as registered already.
   * @throws Problem 409 with the dialogue's standing unless it is published and not over; 422 for an unknown id, and
   * `addressees_missing` unless it is said whom: a call without a body must not write to everyone.
   */
  async send(
    organiserId: string,
    dialogueId: string,
    to: Addressees,
    held = false,
  ): Promise<{ queued: number; alreadyRegistered: number }> {
    return this.unitOfWork.run(async (manager) => {
      const dialogue = await ownDialogue(manager, organiserId, dialogueId, 'manage', 'FOR SHARE');
      if ([to.to, to.invitationIds, to.personIds].filter((said) => said !== undefined).length !== 1) {
        throw Problem.field(
          'to',
          'addressees_missing',
          'Say whom to write to, by one of these: to ("prepared": everyone who is on the list and was not written to yet), invitation_ids, person_ids.',
        );
      }
      const why = standing(dialogue);
      if (why !== 'open') {
        throw new Problem(
          409,
          why,
          why === 'dialogue_draft'
            ? 'The dialogue is a draft; publish it, then send the invitations.'
            : standingInWords[why],
        );
      }
      const invitationIds = await this.addressed(manager, dialogue.directoryOf, dialogueId, to);
      // Whoever registered by the open link before is on no list of the silent either: they have answered.
      const [{ alreadyRegistered }]: [{ alreadyRegistered: number }] = await manager.query(
        `WITH meant AS (
           SELECT i.id, ${isRegisteredAlready('p')} AS registered FROM invitations i JOIN people p ON p.id = i.person_id
           WHERE i.dialogue_id = $1 AND i.state = 'prepared' AND ($2::uuid[] IS NULL OR i.id = ANY($2))),
         sent AS (
           UPDATE invitations SET state = 'sent', sent_at = now()
           WHERE state = 'prepared' AND id IN (SELECT id FROM meant WHERE NOT registered))
         SELECT count(*) FILTER (WHERE registered)::int AS "alreadyRegistered" FROM meant`,
        [dialogueId, invitationIds ?? null],
      );
      // now() is the instant of this transaction, so these are exactly the rows it has just marked.
      const which = `i.dialogue_id = $1 AND i.sent_at = now()`;
      const queued = await queueInvitations(manager, which, [dialogueId], held);
      if (queued > 0) {
        const details = { queued, ...(held && { held }) };
        await audit(manager, { action: 'invitations.sent', dialogueId, details });
      }
      return { queued, alreadyRegistered };
    });
  }

  /**
   * Makes a new personal link of an invitation and mails it. The old one no longer opens anything.
   * @throws Problem 409 when nobody wrote to them yet, when they have answered, or with the dialogue's standing; the old
   * link stays then.
   */
  async renewLink(organiserId: string, invitationId: string): Promise<void> {
    await this.unitOfWork.run(async (manager) => {
      const { dialogueId, state } = await this.revoke(manager, organiserId, invitationId);
      const why = standing(await ownDialogue(manager, organiserId, dialogueId, 'manage'));
      if (why !== 'open') throw new Problem(409, why, standingInWords[why]);
      if (state === 'prepared') {
        throw new Problem(409, 'invitation_not_sent', 'This invitation was not sent yet; send it instead.');
      }
      if (state !== 'sent') throw new Problem(409, 'invitation_answered', answeredInWords[state]);
      await queueInvitations(manager, 'i.id = $1', [invitationId]);
    });
  }

  /** Revokes the personal link of an invitation; whoever has it finds nothing there any more. */
  async revokeLink(organiserId: string, invitationId: string): Promise<void> {
    await this.dataSource.transaction((manager) => this.revoke(manager, organiserId, invitationId));
  }

  /**
   * Makes a new personal link of a registration and mails it, with the updated calendar entry where that has a link to join,
   * which is revoked, too. The old ones no longer open anything.
   * @throws Problem 409 when its address is not confirmed, or the dialogue is cancelled or over; the old link stays then.
   */
  async renewRegistrationLink(organiserId: string, registrationId: string): Promise<void> {
    await this.unitOfWork.run(async (manager) => {
      const { dialogueId, state } = await this.revokeRegistration(manager, organiserId, registrationId);
      const why = standing(await ownDialogue(manager, organiserId, dialogueId, 'manage'));
      // While a new date is looked for, they can still withdraw and change their data.
      if (why !== 'open' && why !== 'dialogue_postponed') throw new Problem(409, why, standingInWords[why]);
      if (state === 'unconfirmed') {
        throw new Problem(
          409,
          'registration_unconfirmed',
          'The address of this registration is not confirmed yet; let them register again by the open link, which mails them a new request to confirm it.',
        );
      }
      await queueMails(
        manager,
        REGISTRATION_LINK,
        `SELECT r.dialogue_id, r.id, r.name, r.email, r.language,
                '${REGISTRATION_LINK.name}:' || r.id || ':generation:' || r.link_generation, '{}'::jsonb,
                ${usefulUntil('d')}
         FROM registrations r JOIN dialogues d ON d.id = r.dialogue_id WHERE r.id = $1`,
        [registrationId],
      );
    });
  }

  /**
   * Revokes the personal link of a registration, and with it the link to join: who has that in a calendar is mailed the
   * updated entry, and nothing else.
   */
  async revokeRegistrationLink(organiserId: string, registrationId: string): Promise<void> {
    await this.unitOfWork.run(async (manager) => {
      await this.revokeRegistration(manager, organiserId, registrationId);
      await queueJoinLink(manager, registrationId);
    });
  }

  /** A page of a dialogue's invitations in the order in which they were made; one row more than `limit` when there are more. */
  async list(
    organiserId: string,
    dialogueId: string,
    page: { limit: number; after?: string[]; state?: InvitationState },
  ): Promise<{ rows: InvitationRow[]; counts: InvitationCounts }> {
    await ownDialogue(this.dataSource, organiserId, dialogueId, 'view');
    const [madeAfter, idAfter] = page.after ?? [null, null];
    const rows: InvitationRow[] = await this.dataSource.query(
      `SELECT i.id, i.state, i.sent_at, i.answered_at, i.decline_reason, i.created_at::text, i.person_id, p.honorific,
         p.name, p.email, p.affiliation, m.code AS mechanism, p.language, r.id AS registration_id,
         r.state AS registration_state
       FROM invitations i JOIN people p ON p.id = i.person_id LEFT JOIN mechanisms m ON m.id = p.mechanism_id
       LEFT JOIN registrations r ON r.invitation_id = i.id
       WHERE i.dialogue_id = $1 AND ($2::text IS NULL OR i.state = $2)
         AND ($3::timestamptz IS NULL OR (i.created_at, i.id) > ($3, $4::uuid))
       ORDER BY i.created_at, i.id LIMIT $5`,
      [dialogueId, page.state ?? null, madeAfter, idAfter, page.limit + 1],
    );
    const [counts]: InvitationCounts[] = await this.dataSource.query(
      `SELECT count(*) FILTER (WHERE state = 'prepared')::int AS prepared, count(*) FILTER (WHERE state = 'sent')::int AS sent,
         count(*) FILTER (WHERE state = 'accepted')::int AS accepted, count(*) FILTER (WHERE state = 'declined')::int AS declined,
         count(*) FILTER (WHERE state = 'removed')::int AS removed
       FROM invitations WHERE dialogue_id = $1`,
      [dialogueId],
    );
    return { rows, counts: counts! };
  }

  /** Ids of the invitations that are meant; undefined: all. */
  private async addressed(
    manager: EntityManager,
    directoryOf: string,
    dialogueId: string,
    { invitationIds, personIds }: Addressees,
  ): Promise<string[] | undefined> {
    if (personIds) {
      const people: { id: string }[] = await manager.query(
        `SELECT id FROM people WHERE organiser_id = $1 AND id = ANY($2)`,
        [directoryOf, personIds],
      );
      assertAllThere(
        'person_ids',
        personIds,
        people.map(({ id }) => id),
      );
      await manager.query(
        `INSERT INTO invitations (dialogue_id, person_id) SELECT $1, unnest($2::uuid[])
         ON CONFLICT ON CONSTRAINT invitations_person DO NOTHING`,
        [dialogueId, personIds],
      );
      const rows: { id: string }[] = await manager.query(
        `SELECT id FROM invitations WHERE dialogue_id = $1 AND person_id = ANY($2)`,
        [dialogueId, personIds],
      );
      return rows.map(({ id }) => id);
    }
    if (!invitationIds) return undefined;
    const rows: { id: string }[] = await manager.query(
      `SELECT id FROM invitations WHERE dialogue_id = $1 AND id = ANY($2)`,
      [dialogueId, invitationIds],
    );
    assertAllThere(
      'invitation_ids',
      invitationIds,
      rows.map(({ id }) => id),
    );
    return invitationIds;
  }

  private async revoke(
    manager: EntityManager,
    organiserId: string,
    invitationId: string,
  ): Promise<{ dialogueId: string; state: InvitationState }> {
    await ownDialogueOf(manager, organiserId, 'invitation', invitationId, 'manage');
    const [[revoked]]: [{ dialogueId: string; state: InvitationState }[], number] = await manager.query(
      `UPDATE invitations SET link_generation = link_generation + 1 WHERE id = $1
       RETURNING dialogue_id AS "dialogueId", state`,
      [invitationId],
    );
    if (!revoked) throw Problem.notFound('invitation');
    await audit(manager, {
      action: 'invitation.link_revoked',
      dialogueId: revoked.dialogueId,
      subjectId: invitationId,
    });
    return revoked;
  }

  private async revokeRegistration(
    manager: EntityManager,
    organiserId: string,
    registrationId: string,
  ): Promise<{ dialogueId: string; state: RegistrationState }> {
    await ownDialogueOf(manager, organiserId, 'registration', registrationId, 'manage');
    const [[revoked]]: [{ dialogueId: string; state: RegistrationState }[], number] = await manager.query(
      `UPDATE registrations SET link_generation = link_generation + 1 WHERE id = $1 AND erased_at IS NULL
       RETURNING dialogue_id AS "dialogueId", state`,
      [registrationId],
    );
    if (!revoked) throw Problem.notFound('registration');
    await audit(manager, {
      action: 'registration.link_revoked',
      dialogueId: revoked.dialogueId,
      subjectId: registrationId,
    });
    return revoked;
  }
}

/** Why an invitation that is answered gets no new link, and what to do instead. */
const answeredInWords = {
  accepted: 'This invitation was accepted; make a new link of the registration instead.',
  removed: 'They were taken off the list of their delegation; nominate or invite them again instead.',
  declined:
    'This invitation was declined, and nobody is asked twice; whoever changes their mind can accept by the link they have.',
};

/** One mail for each of these invitations; useful until the dialogue starts. @returns how many. */
function queueInvitations(
  manager: EntityManager,
  which: string,
  parameters: unknown[],
  held = false,
): Promise<number> {
  return queueMails(
    manager,
    INVITATION,
    `SELECT i.dialogue_id, i.id, p.name, p.email, p.language,
            '${INVITATION.name}:' || i.id || ':' || i.link_generation, '{}'::jsonb, d.starts_at
     FROM invitations i JOIN people p ON p.id = i.person_id JOIN dialogues d ON d.id = i.dialogue_id WHERE ${which}`,
    parameters,
    held,
  );
}

function assertAllThere(field: string, asked: string[], found: string[]): void {
  const there = new Set(found);
  const missing = asked.filter((id) => !there.has(id));
  if (missing.length === 0) return;
  throw Problem.field(
    field,
    'unknown_id',
    `${field} holds ${missing.length === 1 ? 'an id' : `${missing.length} ids`} that are not there: ${missing.slice(0, 5).join(', ')}.`,
  );
}
