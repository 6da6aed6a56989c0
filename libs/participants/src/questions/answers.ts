import type { DataSource, EntityManager } from 'typeorm';
import { audit, prepared, Problem } from '@app/platform';
import type { DelegationRole } from '../delegations/delegation.entity';
import type { CurrentNotice } from '../privacy/privacy-notice.rules';
import type { Attends } from '../registrations/registration.entity';
import { registrationOfInvited } from '../registrations/registered';
import type { KnownMechanism } from '../registrations/registration-data.rules';
import type { Question } from './question.entity';
import type { Answers, AskedOf, ReadAnswers } from './questions.rules';

/** Columns of `questions AS q` as a `Question`, for JSON. */
const QUESTION = `json_build_object('id', q.id, 'dialogueId', q.dialogue_id, 'code', q.code, 'position', q.position,
  'kind', q.kind, 'label', q.label, 'help', q.help, 'options', q.options, 'required', q.required, 'askedIf', q.asked_if,
  'sensitive', q.sensitive, 'purgeOn', q.purge_on, 'purgedAt', q.purged_at, 'fileTypes', q.file_types,
  'fileBytes', q.file_bytes)`;

/**
 * A question is asked until the day on which its answers are purged: whatever were answered later would be kept against
 * what was promised.
 */
const STILL_ASKED = `q.purged_at IS NULL AND (q.purge_on IS NULL OR q.purge_on > (now() AT TIME ZONE 'UTC')::date)`;

/** Whom a form asks: who registers anew, who is invited, who is registered. */
export type Asker = { dialogueId: string } | { invitationId: string } | { registrationId: string };

/** What someone is asked, and what was answered before. */
export interface Asking {
  dialogueId: string;
  /** How the dialogue is held. */
  venue: 'virtual' | 'in_person' | 'hybrid';
  /** The mechanisms that its organiser knows, by name. */
  mechanisms: KnownMechanism[];
  /** In their order; whether one is asked may depend on the answers. */
  questions: Question[];
  /** What they answered before; nothing of a registration whose address is not confirmed, which may be anybody's. */
  known: Answers;
  /** Their seat in a delegation. */
  role: DelegationRole | null;
  /** The privacy notice as it reads now; null when there is none. */
  notice: CurrentNotice | null;
  /** The version of it that they accepted. */
  acceptedNotice: number | null;
}

/** SQL of the `Asking` of who registers anew, who is invited or who is registered; its only parameter is the id. */
function askingBy(from: string, role: string): string {
  return `SELECT d.id AS "dialogueId", d.venue->>'kind' AS venue, ${role} AS role,
      coalesce((SELECT json_agg(json_build_object('id', m.id, 'code', m.code, 'name', m.name, 'nameKeys', m.name_keys)
        ORDER BY m.name, m.id) FROM mechanisms m WHERE m.organiser_id = d.organiser_id), '[]') AS mechanisms,
      coalesce((SELECT json_agg(${QUESTION} ORDER BY q.position) FROM questions q
        WHERE q.dialogue_id = d.id AND ${STILL_ASKED}), '[]') AS questions,
      coalesce((SELECT json_object_agg(q.code, a.value) FROM answers a JOIN questions q ON q.id = a.question_id
        WHERE a.registration_id = r.id), '{}') AS known,
      (SELECT json_build_object('version', n.version, 'texts', n.texts) FROM privacy_notices n
        WHERE n.dialogue_id = d.id ORDER BY n.version DESC LIMIT 1) AS notice,
      r.privacy_notice_version AS "acceptedNotice"
    FROM ${from}`;
}

/** SQL of an `Asking`; see `askingBy`. */
export const ASKING = {
  dialogueId: askingBy('dialogues d LEFT JOIN registrations r ON false WHERE d.id = $1', 'NULL'),
  // Accepting takes up what the person registered by the open link, too (`RegistrationsService.accept`).
  invitationId: askingBy(
    `invitations i JOIN dialogues d ON d.id = i.dialogue_id LEFT JOIN people p ON p.id = i.person_id
      LEFT JOIN LATERAL ${registrationOfInvited(`own.state <> 'unconfirmed' AND (own.invitation_id = i.id OR own.invitation_id IS NULL)`)} AS r ON true
      WHERE i.id = $1`,
    'i.role',
  ),
  registrationId: askingBy(
    'registrations r JOIN dialogues d ON d.id = r.dialogue_id WHERE r.id = $1',
    'r.role',
  ),
};

/** What a form asks of someone: one statement. @throws Problem 404 */
export async function askingOf(manager: EntityManager | DataSource, asker: Asker): Promise<Asking> {
  const [by, id] = Object.entries(asker)[0] as [keyof typeof ASKING, string];
  const [asking] = await prepared<Asking>(manager, ASKING[by], [id]);
  if (!asking) throw Problem.notFound('dialogue');
  return asking;
}

/** What conditions are about: of a dialogue that is not hybrid, everybody attends as it is held. */
export function askedOf({ venue, role }: Asking, attends: Attends | null): AskedOf {
  return { attends: venue === 'hybrid' ? attends : venue, role };
}

/**
 * Writes what was read, in the transaction in which the registration is written: what is no longer answered goes. The
 * questions are held as they are; what was asked before an edit and is no longer, is left out.
 */
export async function writeAnswers(
  manager: EntityManager,
  registrationId: string,
  { questions, dialogueId, known }: Pick<Asking, 'questions' | 'dialogueId' | 'known'>,
  { values, files }: Pick<ReadAnswers, 'values' | 'files'>,
): Promise<void> {
  if (questions.length === 0) return;
  const codes = Object.keys(values);
  const kinds = codes.map((code) => questions.find((question) => question.code === code)!.kind);
  await manager.query(
    `WITH held AS (
       SELECT q.id, given.value FROM questions q
       JOIN unnest($3::text[], $4::text[], $5::jsonb[]) AS given (code, kind, value)
         ON given.code = q.code AND given.kind = q.kind
       WHERE q.dialogue_id = $2 AND ${STILL_ASKED} ORDER BY q.id FOR KEY SHARE OF q),
     gone AS (
       DELETE FROM answers WHERE registration_id = $1 AND question_id <> ALL (SELECT id FROM held))
     INSERT INTO answers AS a (registration_id, question_id, value) SELECT $1, id, value FROM held
     ON CONFLICT (registration_id, question_id) DO UPDATE SET value = excluded.value, answered_at = now()
     WHERE a.value IS DISTINCT FROM excluded.value`,
    [registrationId, dialogueId, codes, kinds, codes.map((code) => JSON.stringify(values[code]))],
  );
  const sent = Object.entries(files);
  if (sent.length > 0) {
    await manager.query(
      `INSERT INTO answer_files (registration_id, question_id, name, media_type, content)
       SELECT a.registration_id, a.question_id, given.name, given.media_type, given.content
       FROM unnest($3::text[], $4::text[], $5::text[], $6::bytea[]) AS given (code, name, media_type, content)
       JOIN questions q ON q.dialogue_id = $2 AND q.code = given.code
       JOIN answers a ON a.question_id = q.id AND a.registration_id = $1
       ON CONFLICT (registration_id, question_id) DO UPDATE
         SET name = excluded.name, media_type = excluded.media_type, content = excluded.content`,
      [
        registrationId,
        dialogueId,
        sent.map(([code]) => code),
        sent.map(([, { name }]) => name),
        sent.map(([, { mediaType }]) => mediaType),
        sent.map(([, { content }]) => content),
      ],
    );
  }
  const changed = questions
    .map(({ code }) => code)
    .filter((code) => files[code] || JSON.stringify(values[code]) !== JSON.stringify(known[code]));
  if (changed.length > 0) {
    await audit(manager, {
      action: 'registration.answered',
      dialogueId,
      subjectId: registrationId,
      details: { questions: changed },
    });
  }
}

/**
 * Answers by registration and code; of a file its name. Whoever has none is not among them.
 * @param sensitive whether those to sensitive questions are among them: ask `ownDialogue` for `seesSensitive` first, and
 *   write `auditSensitiveRead`.
 */
export async function answersOf(
  manager: EntityManager | DataSource,
  registrationIds: readonly string[],
  { sensitive }: { sensitive: boolean },
): Promise<Map<string, Answers>> {
  const rows: { id: string; answers: Answers }[] = await manager.query(
    `SELECT a.registration_id AS id, jsonb_object_agg(q.code, a.value) AS answers
     FROM answers a JOIN questions q ON q.id = a.question_id
     WHERE a.registration_id = ANY($1::uuid[]) AND ($2::boolean OR NOT q.sensitive) GROUP BY a.registration_id`,
    [registrationIds, sensitive],
  );
  return new Map(rows.map(({ id, answers }) => [id, answers]));
}

/** The columns of lists with answers: codes in their order, and of them those that are kept from who asks. */
export async function answerColumns(
  manager: EntityManager | DataSource,
  dialogueId: string,
  { sensitive }: { sensitive: boolean },
): Promise<{ codes: string[]; sensitiveCodes: string[]; withheld: string[] }> {
  const rows: { code: string; sensitive: boolean }[] = await manager.query(
    `SELECT code, sensitive FROM questions WHERE dialogue_id = $1 ORDER BY position`,
    [dialogueId],
  );
  const codes = (which: (row: { sensitive: boolean }) => boolean) =>
    rows.filter(which).map(({ code }) => code);
  return {
    codes: codes((row) => sensitive || !row.sensitive),
    sensitiveCodes: sensitive ? codes((row) => row.sensitive) : [],
    withheld: sensitive ? [] : codes((row) => row.sensitive),
  };
}

/** Writes that someone read sensitive answers, of one registration or of a list; which, and never what. */
export async function auditSensitiveRead(
  manager: EntityManager,
  read: {
    dialogueId: string;
    registrationId?: string;
    questions: string[];
    how: 'view' | 'list' | 'export' | 'file';
  },
): Promise<void> {
  if (read.questions.length === 0) return;
  await audit(manager, {
    action: 'answers.sensitive_read',
    dialogueId: read.dialogueId,
    subjectId: read.registrationId ?? null,
    details: { questions: read.questions, how: read.how },
  });
}
