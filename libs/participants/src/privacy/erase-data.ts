import type { EntityManager } from 'typeorm';
import { emailKey, nameKey, ownKey } from '@app/platform';
import { CALENDAR_REMOVAL, ERASED, PURGED } from '../mail-kinds';
import { listWithout, type KeptList, type Named } from './list-without.rules';

/** Whose data: of one registration, of an invitation that nobody registered on, or of a whole dialogue. */
export type ErasureScope = { registrationId: string } | { invitationId: string } | { dialogueId: string };

/** How many of each kind of thing lost what was personal in it. */
export interface Erased {
  registrations: number;
  invitations: number;
  /** Answers to questions, those with a file included. */
  answers: number;
  files: number;
  substitutions: number;
  /** Mails whose ledger row lost name and address. */
  mails: number;
  /** Lists that were read in. */
  imports: number;
  /** Entries of the directory that nothing else used. */
  people: number;
}

/** SQL of the scope: which registrations `r` and which invitations `i`, by `$1`. */
interface Conditions {
  id: string;
  registrations: string;
  invitations: string;
  /** Which mails `m`. */
  mails: string;
  /** Which entries `p` of the directory may go with it, when nothing else uses them. */
  people: string;
}

/**
 * SQL of which mails `m` go after an erasure, and forget their reader by themselves once they are sent: those that tell of it,
 * and those that it let go to a former address (`keepRemovals`).
 */
const GOES_ALL_THE_SAME = `(m.kind IN ('${ERASED.name}', '${PURGED.name}')
  OR m.kind = '${CALENDAR_REMOVAL.name}' AND m.forget_recipient)`;

/** SQL that begins to take the reader out of rows `m` of the ledger. */
const MAIL_FORGETS = `UPDATE mails m SET
    recipient = CASE WHEN m.state = 'sending' THEN m.recipient ELSE '' END,
    recipient_name = CASE WHEN m.state = 'sending' THEN m.recipient_name ELSE '' END,
    parameters = '{}', content_hash = NULL, forget_recipient = m.state = 'sending',
    answer = CASE WHEN m.state IN ('queued', 'deferred', 'held') THEN 'The data of its reader were erased.' END,
    claimed_by = CASE WHEN m.state = 'sending' THEN m.claimed_by END,
    state = CASE WHEN m.state IN ('queued', 'deferred', 'held') THEN 'stale' ELSE m.state END
  -- One that is on the line now has to have its outcome recorded; it forgets its reader then.
  WHERE m.recipient <> '' AND NOT ${GOES_ALL_THE_SAME}`;

/**
 * SQL that takes the reader out of what came back for these mails `m`: servers quote the address in what they say. That the
 * address bounced is forgotten with it.
 */
function returnsForget(mails: string): string {
  return `WITH lifted AS (DELETE FROM address_suppressions s USING mails m WHERE m.id = s.mail_id AND ${mails})
    UPDATE mail_returns b SET diagnostic = NULL FROM mails m WHERE m.id = b.mail_id AND b.diagnostic IS NOT NULL AND ${mails}`;
}

/** SQL that begins to take whoever was named out of substitutions `s`. */
const SUBSTITUTE_GOES = `UPDATE substitutions s SET honorific = NULL, name = '', email = '', functional_title = NULL,
    reason = NULL, state = CASE WHEN s.state = 'proposed' THEN 'dropped' ELSE s.state END,
    decided_at = CASE WHEN s.state = 'proposed' THEN now() ELSE s.decided_at END`;

function conditions(scope: ErasureScope): Conditions {
  if ('dialogueId' in scope) {
    return {
      id: scope.dialogueId,
      registrations: 'r.dialogue_id = $1',
      invitations: 'i.dialogue_id = $1',
      mails: 'm.dialogue_id = $1',
      // What stood in the directory before there was a dialogue was not kept for it.
      people: 'p.created_at >= (SELECT created_at FROM dialogues WHERE id = $1)',
    };
  }
  if ('registrationId' in scope) {
    return {
      id: scope.registrationId,
      registrations: 'r.id = $1',
      invitations: 'i.id = (SELECT invitation_id FROM registrations WHERE id = $1)',
      mails: '(m.subject_id = $1 OR m.subject_id = (SELECT invitation_id FROM registrations WHERE id = $1))',
      people: 'true',
    };
  }
  return {
    id: scope.invitationId,
    registrations: 'r.invitation_id = $1',
    invitations: 'i.id = $1',
    mails: '(m.subject_id = $1 OR m.subject_id = (SELECT id FROM registrations WHERE invitation_id = $1))',
    people: 'true',
  };
}

/**
 * What an erasure in this scope would take away, without doing it: one statement.
 * Counted in the same words as `eraseData` counts; an entry of the directory that is in use elsewhere is not counted.
 */
export async function countData(manager: EntityManager, scope: { dialogueId: string }): Promise<Erased> {
  const of = conditions(scope);
  const [counts]: Erased[] = await manager.query(
    `SELECT
       (SELECT count(*)::int FROM registrations r WHERE ${of.registrations} AND r.erased_at IS NULL) AS registrations,
       (SELECT count(*)::int FROM invitations i WHERE ${of.invitations} AND i.person_id IS NOT NULL) AS invitations,
       (SELECT count(*)::int FROM answers a JOIN registrations r ON r.id = a.registration_id WHERE ${of.registrations}) AS answers,
       (SELECT count(*)::int FROM answer_files f JOIN registrations r ON r.id = f.registration_id WHERE ${of.registrations}) AS files,
       (SELECT count(*)::int FROM substitutions s WHERE s.dialogue_id = $1 AND s.email <> '') AS substitutions,
       (SELECT count(*)::int FROM mails m WHERE ${of.mails} AND m.recipient <> '' AND NOT ${GOES_ALL_THE_SAME}) AS mails,
       (SELECT count(*)::int FROM imports WHERE dialogue_id = $1 AND (rows <> '[]' OR source IS NOT NULL OR undo IS NOT NULL)) AS imports,
       (SELECT count(*)::int FROM people p WHERE ${of.people}
         AND (EXISTS (SELECT FROM invitations i WHERE i.person_id = p.id AND ${of.invitations})
           OR EXISTS (SELECT FROM delegations l WHERE l.focal_point_id = p.id AND l.dialogue_id = $1))
         AND NOT EXISTS (SELECT FROM invitations other WHERE other.person_id = p.id AND other.dialogue_id <> $1)
         AND NOT EXISTS (SELECT FROM delegations other WHERE other.focal_point_id = p.id AND other.dialogue_id <> $1)) AS people`,
    [of.id],
  );
  return counts!;
}

/**
 * Takes away what is personal, and keeps what is counted: states, instants, attendance, the order of the waitlist, and
 * that a mail of a kind went out (docs/decisions/0011). One statement for each kind of thing, however many there are.
 * Not from a published note: retention never touches that, and an erasure does it beside this (`note-names.ts`).
 * Withdraw who still has a place before; links no longer open anything after.
 */
export async function eraseData(manager: EntityManager, scope: ErasureScope): Promise<Erased> {
  const of = conditions(scope);
  const isDialogue = 'dialogueId' in scope;
  const count = async (sql: string): Promise<number> => {
    const [, touched]: [unknown, number] = await manager.query(sql, [of.id]);
    return touched;
  };
  const named = isDialogue ? [] : await readNamed(manager, of);
  const substitutions = isDialogue
    ? await count(`${SUBSTITUTE_GOES} WHERE s.email <> '' AND s.dialogue_id = $1`)
    : await eraseSubstitutes(manager, of, named);
  const imports = isDialogue
    ? await count(
        `UPDATE imports SET rows = '[]', source = NULL, undo = NULL, file_name = NULL
         WHERE dialogue_id = $1 AND (rows <> '[]' OR source IS NOT NULL OR undo IS NOT NULL)`,
      )
    : await eraseFromImports(manager, of, named);
  const [{ files }]: [{ files: number }] = await manager.query(
    `SELECT count(*)::int AS files FROM answer_files f JOIN registrations r ON r.id = f.registration_id WHERE ${of.registrations}`,
    [of.id],
  );
  const answers = await count(
    `DELETE FROM answers a USING registrations r WHERE r.id = a.registration_id AND ${of.registrations}`,
  );
  await count(
    `UPDATE approvals v SET reason = NULL FROM registrations r
     WHERE r.id = v.registration_id AND v.reason IS NOT NULL AND ${of.registrations}`,
  );
  await count(
    `DELETE FROM personal_codes c USING registrations r WHERE r.id = c.registration_id AND ${of.registrations}`,
  );
  const mails = await count(`${MAIL_FORGETS} AND ${of.mails}`);
  await count(returnsForget(of.mails));
  // Focal points first: an entry of the directory may be both, and goes when the last that uses it lets go.
  let people = isDialogue
    ? await releasePeople(
        manager,
        of,
        `UPDATE delegations l SET focal_point_id = NULL, link_generation = l.link_generation + 1
         FROM delegations was WHERE was.id = l.id AND was.dialogue_id = $1 AND was.focal_point_id IS NOT NULL
         RETURNING was.focal_point_id AS person_id`,
        `l.dialogue_id <> $1`,
        'true',
      )
    : 0;
  const [{ invitations }]: [{ invitations: number }] = await manager.query(
    `SELECT count(*)::int AS invitations FROM invitations i WHERE ${of.invitations} AND i.person_id IS NOT NULL`,
    [of.id],
  );
  people += await releasePeople(
    manager,
    of,
    `UPDATE invitations i SET person_id = NULL, decline_reason = NULL, link_generation = i.link_generation + 1,
       state = CASE WHEN i.state IN ('prepared', 'sent') AND NOT ${isDialogue} THEN 'removed' ELSE i.state END
     FROM invitations was WHERE was.id = i.id AND i.person_id IS NOT NULL AND ${of.invitations}
     RETURNING was.person_id`,
    'true',
    `NOT (${of.invitations})`,
  );
  const registrations = await count(
    `UPDATE registrations r SET erased_at = now(), honorific = NULL, name = '', name_key = r.id::text,
       functional_title = NULL, email = '', email_key = '', affiliation = NULL, country = NULL, capacity = NULL,
       language = d.working_languages[1], time_zone = d.time_zone, consent_to_be_listed = 'never',
       link_generation = r.link_generation + 1, version = r.version + 1
     FROM dialogues d WHERE d.id = r.dialogue_id AND r.erased_at IS NULL AND ${of.registrations}`,
  );
  return { registrations, invitations, answers, files, substitutions, mails, imports, people };
}

/**
 * Lets go of people of the directory, and removes those whom nothing else uses.
 * @param letGo returns `person_id` of each.
 * @param delegations which delegations `l` still count as use.
 * @param invitations which invitations `i` still count as use.
 */
async function releasePeople(
  manager: EntityManager,
  of: Conditions,
  letGo: string,
  delegations: string,
  invitations: string,
): Promise<number> {
  const [row]: { people: number }[] = await manager.query(
    `WITH let_go AS (${letGo}),
     gone AS (
       DELETE FROM people p USING (SELECT DISTINCT person_id FROM let_go) AS used
       WHERE p.id = used.person_id AND ${of.people}
         AND NOT EXISTS (SELECT FROM invitations i WHERE i.person_id = p.id AND ${invitations})
         AND NOT EXISTS (SELECT FROM delegations l WHERE l.focal_point_id = p.id AND ${delegations})
       RETURNING p.id)
     SELECT count(*)::int AS people FROM gone`,
    [of.id],
  );
  return row!.people;
}

/** How they are called in what they are about: as registered and as in the directory. */
function readNamed(manager: EntityManager, of: Conditions): Promise<Named[]> {
  return manager.query(
    `SELECT r.email_key, ${ownKey('r.name_key')} AS name_key, i.person_id FROM registrations r LEFT JOIN invitations i ON i.id = r.invitation_id
     WHERE ${of.registrations} AND r.erased_at IS NULL
     UNION SELECT p.email_key, ${ownKey('p.name_key')}, p.id FROM invitations i JOIN people p ON p.id = i.person_id WHERE ${of.invitations}`,
    [of.id],
  );
}

/** Takes somebody out of substitutions: as who named a substitute, as one, and as who was named and never registered. */
async function eraseSubstitutes(
  manager: EntityManager,
  of: Conditions,
  named: readonly Named[],
): Promise<number> {
  const rows: { id: string; email: string; name: string; isTheirs: boolean }[] = await manager.query(
    `SELECT s.id, s.email, s.name, EXISTS (SELECT FROM registrations r WHERE ${of.registrations}
       AND r.id IN (s.registration_id, s.substitute_id)) AS "isTheirs"
     FROM substitutions s WHERE s.email <> '' AND s.dialogue_id IN (
       SELECT r.dialogue_id FROM registrations r WHERE ${of.registrations}
       UNION SELECT i.dialogue_id FROM invitations i WHERE ${of.invitations})`,
    [of.id],
  );
  return forgetSubstitutes(
    manager,
    rows.filter((row) => row.isTheirs || named.some((who) => isCalled(row, who))).map(({ id }) => id),
  );
}

/** Takes whoever was named as substitute out of these substitutions; what nobody decided on is dropped. @returns how many */
export async function forgetSubstitutes(manager: EntityManager, ids: string[]): Promise<number> {
  if (ids.length === 0) return 0;
  const [, touched]: [unknown, number] = await manager.query(
    `${SUBSTITUTE_GOES} WHERE s.email <> '' AND s.id = ANY($1)`,
    [ids],
  );
  return touched;
}

/**
 * Takes a person of the directory out of what names them and belongs to no invitation or registration of theirs: mails to
 * them as focal point, of a delegation that they lead or led, and substitutions in which they were named and never came.
 * Names and addresses are compared as everywhere, by their keys, which the database can't make.
 */
export async function eraseTraces(manager: EntityManager, personId: string): Promise<void> {
  const [who]: Named[] = await manager.query(
    `SELECT email_key, ${ownKey('name_key')} AS name_key, id AS person_id FROM people WHERE id = $1`,
    [personId],
  );
  if (!who) return;
  const substitutes: { id: string; email: string; name: string }[] = await manager.query(
    `SELECT s.id, s.email, s.name FROM substitutions s JOIN dialogues d ON d.id = s.dialogue_id
     JOIN people p ON p.organiser_id = d.organiser_id WHERE p.id = $1 AND s.email <> ''`,
    [personId],
  );
  await forgetSubstitutes(
    manager,
    substitutes.filter((row) => isCalled(row, who)).map(({ id }) => id),
  );
  const mails: { id: string; email: string; name: string; leads: boolean }[] = await manager.query(
    `SELECT m.id, m.recipient AS email, m.recipient_name AS name, l.focal_point_id IS NOT DISTINCT FROM p.id AS leads
     FROM people p JOIN dialogues d ON d.organiser_id = p.organiser_id JOIN mails m ON m.dialogue_id = d.id
     LEFT JOIN substitutions s ON s.id = m.subject_id LEFT JOIN registrations r ON r.id = s.registration_id
     JOIN delegations l ON l.id = coalesce(r.delegation_id, m.subject_id)
     WHERE p.id = $1 AND m.recipient <> ''`,
    [personId],
  );
  // Who was renamed since the mail leads the delegation at the same address.
  const theirs = mails.filter(
    (mail) => isCalled(mail, who) || (mail.leads && emailKey(mail.email) === who.email_key),
  );
  const ids = theirs.map(({ id }) => id);
  await manager.query(`${MAIL_FORGETS} AND m.id = ANY($1::bigint[])`, [ids]);
  await manager.query(returnsForget('m.id = ANY($1::bigint[])'), [ids]);
}

/** Whether it is their address and name, both: a mission may share its address. */
function isCalled({ email, name }: { email: string; name: string }, who: Named): boolean {
  return emailKey(email) === who.email_key && nameKey(name) === who.name_key;
}

/**
 * Takes somebody out of the lists that were read in for their dialogue: their rows, wherever those stand, and remarks
 * of other rows that name them. A few lists of a dialogue at a time, so they are read.
 */
async function eraseFromImports(
  manager: EntityManager,
  of: Conditions,
  named: readonly Named[],
): Promise<number> {
  const lists: (KeptList & { id: string })[] = await manager.query(
    `SELECT id, rows, source, undo FROM imports WHERE dialogue_id IN (
       SELECT r.dialogue_id FROM registrations r WHERE ${of.registrations}
       UNION SELECT i.dialogue_id FROM invitations i WHERE ${of.invitations}) ORDER BY id FOR UPDATE`,
    [of.id],
  );
  let touched = 0;
  for (const { id, ...list } of lists) {
    const rest = listWithout(list, named);
    if (JSON.stringify(rest) === JSON.stringify(list)) continue;
    touched++;
    await manager.query(
      `UPDATE imports SET rows = $2::jsonb, source = $3::jsonb, undo = $4::jsonb WHERE id = $1`,
      [
        id,
        ...[rest.rows, rest.source, rest.undo].map((part) => (part === null ? null : JSON.stringify(part))),
      ],
    );
  }
  return touched;
}
