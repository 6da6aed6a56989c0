import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { ownDialogueOf, type DialogueState } from '@app/dialogues';
import { queueMails, UnitOfWork } from '@app/mail';
import {
  auditEach,
  emailKey,
  isAddress,
  nameKey,
  oneLine,
  plainAddress,
  Problem,
  type FieldProblem,
} from '@app/platform';
import { INVITATION } from '../mail-kinds';
import { PlacesService } from '../places/places.service';
import {
  MOST_CHARACTERS,
  nameProblem,
  readRegistration,
  type RegistrationData,
  type RegistrationInput,
} from '../registrations/registration-data.rules';
import { standing, standingInWords } from '../registrations/registration.rules';
import { RegistrationsService } from '../registrations/registrations.service';
import { DELEGATION_ROLES, type DelegationRole } from './delegation.entity';
import { isNominated, seatsOver, type Seats, type SeatsOver } from './delegation.rules';
import { loadDelegations, loadNominees, type Nominee } from './delegations.reader';

/** One person who is nominated, as it was typed. */
export interface NominationInput extends Pick<
  RegistrationInput,
  'honorific' | 'name' | 'functional_title' | 'email' | 'affiliation' | 'country' | 'language'
> {
  role?: string | null;
  /** Id of the nominee whose seat they take. */
  replaces?: string | null;
}

/** Who acts: an organiser of the dialogue, or the focal point by their link. */
export type Nominator = { organiserId: string } | 'focal_point';

/** What became of a submission; when it is not done, nothing of it is. */
export type NominationOutcome =
  | { done: true; invitationIds: string[]; removed: number }
  | { done: false; code: 'seats_exceeded'; over: SeatsOver; seats: Seats }
  | { done: false; code: 'invalid_fields'; errors: FieldProblem[] };

/** The most people in one submission. */
export const MOST_NOMINEES = 200;

/** A delegation under lock, with what decides on a submission. */
interface Held {
  id: string;
  dialogueId: string;
  directoryOf: string;
  mechanismId: string | null;
  seats: Seats;
  /** What a nominee is written with who did not say otherwise: language and zone of their focal point. */
  language: string;
  timeZone: string;
  nominees: Nominee[];
}

/** Someone to be nominated, as it is written. */
interface Row {
  role: DelegationRole | null;
  replaces: string | null;
  name: string;
  email: string;
  data: RegistrationData;
}

/** In what a person who is nominated is already part of the dialogue. */
interface Standing {
  email_key: string;
  name_key: string;
  invitation_id: string | null;
  invitation_state: string | null;
  delegation_id: string | null;
  registration_state: string | null;
}

/**
 * Nominating people for the seats of a delegation, and taking them off again: by the focal point until nominations close,
 * by organisers as long as the dialogue takes registrations. Each submission is one transaction under the lock order of
 * places, and is done as a whole or not at all.
 */
@Injectable()
export class NominationsService {
  constructor(
    private readonly places: PlacesService,
    private readonly registrations: RegistrationsService,
    private readonly unitOfWork: UnitOfWork,
  ) {}

  /**
   * Nominates people, each in a free seat or in place of a nominee. Each gets a personal link by mail. Who is in the
   * directory under this address and name is used as they are there.
   * @throws Problem 404, 409 `nominations_closed` or the dialogue's standing, 403
   */
  async nominate(by: Nominator, delegationId: string, inputs: NominationInput[]): Promise<NominationOutcome> {
    return this.unitOfWork.run(async (manager) => {
      const held = await this.hold(manager, by, delegationId);
      const { rows, errors } = read(inputs, held);
      errors.push(...(await this.known(manager, held, rows)));
      if (errors.length > 0) return { done: false, code: 'invalid_fields', errors } as const;
      const replaced = new Set(rows.flatMap(({ replaces }) => replaces ?? []));
      const staying = held.nominees.filter(({ id, state }) => isNominated(state) && !replaced.has(id));
      const over = seatsOver(
        held.seats,
        [...staying, ...rows].map(({ role }) => role),
      );
      if (over) return { done: false, code: 'seats_exceeded', over, seats: held.seats } as const;
      const gone = held.nominees.filter(({ id }) => replaced.has(id));
      await this.takeOff(manager, held, gone);
      const invitationIds = await this.invite(manager, held, rows, by);
      return { done: true, invitationIds, removed: gone.length } as const;
    });
  }

  /**
   * Takes nominees off again: their link opens nothing any more, and a registration of theirs is withdrawn, with a mail.
   * @param ids as `Nominee` has them; who is not among the nominees (any more), or has declined, is passed over.
   * @throws Problem 404, 409 `nominations_closed` or the dialogue's standing, 403
   */
  async remove(by: Nominator, delegationId: string, ids: string[]): Promise<{ removed: number }> {
    return this.unitOfWork.run(async (manager) => {
      const held = await this.hold(manager, by, delegationId);
      const gone = held.nominees.filter(({ id, state }) => ids.includes(id) && isNominated(state));
      await this.takeOff(manager, held, gone);
      return { removed: gone.length };
    });
  }

  /** Locks in the order of places: their rows, the dialogue, the delegation; and reads what a submission is judged by. */
  private async hold(manager: EntityManager, by: Nominator, delegationId: string): Promise<Held> {
    const [found]: { dialogueId: string }[] = await manager.query(
      `SELECT dialogue_id AS "dialogueId" FROM delegations WHERE id = $1`,
      [delegationId],
    );
    if (!found) throw Problem.notFound('delegation');
    if (by !== 'focal_point') {
      await ownDialogueOf(manager, by.organiserId, 'delegation', delegationId, 'manage');
    }
    await this.places.lock(manager, found);
    const [dialogue]: { state: DialogueState; over: boolean; directoryOf: string }[] = await manager.query(
      `SELECT state, ends_at <= now() AS over, organiser_id AS "directoryOf" FROM dialogues WHERE id = $1 FOR SHARE`,
      [found.dialogueId],
    );
    const [delegation] = await loadDelegations(manager, { ids: [delegationId] }, 'FOR UPDATE OF d');
    if (!dialogue || !delegation) throw Problem.notFound('delegation');
    const why = standing(dialogue);
    if (why !== 'open') throw new Problem(409, why, standingInWords[why]);
    const [{ closed, language, timeZone }]: [{ closed: boolean; language: string; timeZone: string }] =
      await manager.query(
        `SELECT ${CLOSED} AS closed, coalesce(p.language, d.working_languages[1]) AS language,
           coalesce(p.time_zone, d.time_zone) AS "timeZone"
         FROM delegations l JOIN dialogues d ON d.id = l.dialogue_id LEFT JOIN people p ON p.id = l.focal_point_id
         WHERE l.id = $1`,
        [delegationId],
      );
    if (closed && by === 'focal_point') {
      throw new Problem(409, 'nominations_closed', 'Nominations are closed; write to the secretariat.');
    }
    return {
      id: delegationId,
      dialogueId: found.dialogueId,
      directoryOf: dialogue.directoryOf,
      mechanismId: delegation.mechanism?.id ?? null,
      seats: { total: delegation.seats, byRole: delegation.seatsByRole },
      language,
      timeZone,
      nominees: (await loadNominees(manager, [delegationId])).get(delegationId) ?? [],
    };
  }

  /** Who of these is invited or registered already: they are told of, never moved. */
  private async known(manager: EntityManager, held: Held, rows: (Row | null)[]): Promise<FieldProblem[]> {
    const named = rows.flatMap((row) =>
      row ? [{ email: emailKey(row.email), name: nameKey(row.name) }] : [],
    );
    if (named.length === 0) return [];
    const standings: Standing[] = await manager.query(
      `SELECT given.email_key, given.name_key, i.id AS invitation_id, i.state AS invitation_state, i.delegation_id,
         r.state AS registration_state
       FROM unnest($3::text[], $4::text[]) AS given (email_key, name_key)
       LEFT JOIN people p ON p.organiser_id = $1 AND p.email_key = given.email_key AND p.name_key = given.name_key
       LEFT JOIN invitations i ON i.person_id = p.id AND i.dialogue_id = $2
       LEFT JOIN registrations r ON r.dialogue_id = $2 AND r.email_key = given.email_key AND r.name_key = given.name_key`,
      [held.directoryOf, held.dialogueId, named.map(({ email }) => email), named.map(({ name }) => name)],
    );
    const byKey = new Map(standings.map((row) => [`${row.email_key}\n${row.name_key}`, row]));
    const seen = new Set<string>();
    return rows.flatMap((row, index): FieldProblem[] => {
      if (!row) return [];
      const key = `${emailKey(row.email)}\n${nameKey(row.name)}`;
      const code = seen.has(key) ? 'named_twice' : whyNot(byKey.get(key), held.id);
      seen.add(key);
      return code ? [wrong(index, 'name', code)] : [];
    });
  }

  /** Puts them into the directory unless they are there, invites them to their seats, and queues their mails. @returns the ids of the invitations. */
  private async invite(manager: EntityManager, held: Held, rows: Row[], by: Nominator): Promise<string[]> {
    if (rows.length === 0) return [];
    if (by === 'focal_point') await assertNoStorm(manager, held, rows.length);
    const given = rows.map((row, number) => ({
      number,
      role: row.role,
      name: row.name,
      name_key: nameKey(row.name),
      email: row.email,
      email_key: emailKey(row.email),
      honorific: row.data.honorific,
      functional_title: row.data.functionalTitle,
      affiliation: row.data.affiliation,
      country: row.data.country,
      language: row.data.language,
    }));
    await manager.query(
      `INSERT INTO people (organiser_id, honorific, name, name_key, functional_title, email, email_key, affiliation,
         country, mechanism_id, language, time_zone)
       SELECT $1, honorific, name, name_key, functional_title, email, email_key, affiliation, country, $2, language, $3
       FROM jsonb_to_recordset($4) AS given (honorific text, name text, name_key text, functional_title text, email text,
         email_key text, affiliation text, country text, language text)
       ORDER BY email_key, name_key
       ON CONFLICT ON CONSTRAINT people_address_and_name DO NOTHING`,
      [held.directoryOf, held.mechanismId, held.timeZone, JSON.stringify(given)],
    );
    // Whoever was taken off before is asked anew; the link was raised then, so this is another mail.
    const invited: { id: string }[] = await manager.query(
      `WITH given AS (
         SELECT p.id AS person_id, given.role, given.number
         FROM jsonb_to_recordset($4) AS given (number integer, role text, name_key text, email_key text)
         JOIN people p ON p.organiser_id = $1 AND p.email_key = given.email_key AND p.name_key = given.name_key),
       invited AS (
         INSERT INTO invitations (dialogue_id, person_id, delegation_id, role, state, sent_at)
         SELECT $2, person_id, $3, role, 'sent', now() FROM given
         ON CONFLICT ON CONSTRAINT invitations_person DO UPDATE SET delegation_id = excluded.delegation_id,
           role = excluded.role, state = 'sent', sent_at = now(), answered_at = NULL, decline_reason = NULL
         RETURNING id, person_id)
       SELECT invited.id FROM invited JOIN given USING (person_id) ORDER BY given.number`,
      [held.directoryOf, held.dialogueId, held.id, JSON.stringify(given)],
    );
    const invitationIds = invited.map(({ id }) => id);
    await queueMails(
      manager,
      INVITATION,
      `SELECT i.dialogue_id, i.id, p.name, p.email, p.language,
              '${INVITATION.name}:' || i.id || ':' || i.link_generation, $2::jsonb, d.starts_at
       FROM invitations i JOIN people p ON p.id = i.person_id JOIN dialogues d ON d.id = i.dialogue_id
       WHERE i.id = ANY($1)`,
      [invitationIds, { nominated_by: by === 'focal_point' ? 'focal_point' : 'organiser' }],
    );
    await auditEach(manager, invitationIds, {
      action: 'nomination.made',
      dialogueId: held.dialogueId,
      details: { delegation_id: held.id },
    });
    return invitationIds;
  }

  private async takeOff(manager: EntityManager, held: Held, gone: Nominee[]): Promise<void> {
    if (gone.length === 0) return;
    for (const { registrationId, state } of gone) {
      if (!registrationId || !isNominated(state)) continue;
      await this.registrations.withdrawIn(manager, registrationId, { tell: true });
    }
    await manager.query(
      `WITH removed AS (
         UPDATE invitations SET state = 'removed', answered_at = coalesce(answered_at, now()),
           link_generation = link_generation + 1 WHERE id = ANY($1))
       UPDATE registrations SET link_generation = link_generation + 1, delegation_id = NULL, role = NULL
       WHERE id = ANY($2)`,
      [
        gone.flatMap(({ invitationId }) => invitationId ?? []),
        gone.flatMap(({ registrationId }) => registrationId ?? []),
      ],
    );
    await auditEach(
      manager,
      gone.map(({ id }) => id),
      { action: 'nomination.removed', dialogueId: held.dialogueId, details: { delegation_id: held.id } },
    );
  }
}

/** SQL of whether nominations for delegation `l` in dialogue `d` are closed by the database's clock. */
export const CLOSED = `(coalesce(l.nominations_close_at, d.starts_at) <= now() OR d.starts_at <= now())`;

/** Why a person is not nominated; undefined: nothing stands against it. */
function whyNot(known: Standing | undefined, delegationId: string): string | undefined {
  if (!known) return undefined;
  const { invitation_state: invitation, registration_state: registration } = known;
  if (invitation && invitation !== 'removed') {
    if (known.delegation_id !== delegationId) return 'already_invited';
    return invitation === 'declined' ? 'already_declined' : 'already_nominated';
  }
  return registration && !['withdrawn', 'unconfirmed'].includes(registration)
    ? 'already_registered'
    : undefined;
}

const words: Record<string, string> = {
  required: 'is needed.',
  too_long: `has more than ${MOST_CHARACTERS} characters; shorten it.`,
  email_invalid: 'is no address to which a mail can be sent; write it as name@organisation.example.',
  name_has_link: 'has a web address or an @ in it. Write the name alone, with a space after each dot.',
  role_unknown: `is one of ${DELEGATION_ROLES.join(', ')}.`,
  nominee_unknown: 'is no nominee of this delegation, or not any more.',
  replaced_twice: 'is replaced by somebody else in this submission already.',
  named_twice: 'stands in this submission twice.',
  already_nominated: 'is nominated for this delegation already.',
  already_declined:
    'was nominated and declined; whoever changes their mind can accept by the link they have.',
  already_invited:
    'is invited to this dialogue already; ask the secretariat if they are to come with this delegation.',
  already_registered:
    'is registered for this dialogue already; ask the secretariat if they are to come with this delegation.',
};

function wrong(index: number, field: string, code: string): FieldProblem {
  const path = `nominees.${index}.${field}`;
  return { field: path, code, detail: `${path} ${words[code] ?? 'is not right.'}` };
}

/** Reads a submission; a row with something wrong is null. */
function read(inputs: NominationInput[], held: Held): { rows: Row[]; errors: FieldProblem[] } {
  const errors: FieldProblem[] = [];
  const replaced = new Set<string>();
  const known: RegistrationData = {
    honorific: null,
    functionalTitle: null,
    affiliation: null,
    country: null,
    mechanismId: held.mechanismId,
    capacity: null,
    attends: null,
    language: held.language,
    timeZone: held.timeZone,
    consentToBeListed: 'never',
  };
  const rows = inputs.map((input, index): Row => {
    const name = oneLine(input.name) ?? '';
    const email = plainAddress(input.email ?? '');
    const problem = name ? nameProblem(name) : 'required';
    if (problem) errors.push(wrong(index, 'name', problem));
    if (!email) errors.push(wrong(index, 'email', 'required'));
    else if (!isAddress(email)) errors.push(wrong(index, 'email', 'email_invalid'));
    const role = (input.role || null) as DelegationRole | null;
    if (role && !DELEGATION_ROLES.includes(role)) errors.push(wrong(index, 'role', 'role_unknown'));
    const replaces = input.replaces || null;
    if (replaces && !held.nominees.some(({ id, state }) => id === replaces && isNominated(state))) {
      errors.push(wrong(index, 'replaces', 'nominee_unknown'));
    } else if (replaces && replaced.has(replaces)) errors.push(wrong(index, 'replaces', 'replaced_twice'));
    if (replaces) replaced.add(replaces);
    // The affiliation is asked of the person themselves; here it may be left out.
    const { honorific, functional_title, affiliation, country, language } = input;
    const { data, errors: others } = readRegistration(
      {
        honorific,
        functional_title,
        country,
        affiliation: oneLine(affiliation) ? affiliation : undefined,
        language: language || undefined,
      },
      known,
      [],
    );
    errors.push(...others.map(({ field, code, detail }) => ({ ...wrong(index, field, code), detail })));
    return { role, replaces, name, email, data };
  });
  return { rows, errors };
}

/** Mails to nominees that a focal point can cause in a day, for each seat; a few more so that one seat is not too strict. */
const MAILS_A_SEAT = 5;
const MAILS_BESIDE = 10;

/**
 * A link may be forwarded, and each nomination is a mail in the secretariat's name to an address of someone's choice.
 * @throws Problem 429 `too_many_nominations`
 */
async function assertNoStorm(manager: EntityManager, held: Held, more: number): Promise<void> {
  const [{ mailed }]: [{ mailed: number }] = await manager.query(
    `SELECT count(*)::int AS mailed FROM invitations i JOIN mails m ON m.subject_id = i.id
     WHERE i.delegation_id = $1 AND m.kind = '${INVITATION.name}' AND m.created_at > now() - interval '1 day'`,
    [held.id],
  );
  if (mailed + more <= held.seats.total * MAILS_A_SEAT + MAILS_BESIDE) return;
  throw new Problem(
    429,
    'too_many_nominations',
    'Too many people were nominated and taken off again for this delegation today. Wait until tomorrow, or ask the secretariat.',
  );
}
