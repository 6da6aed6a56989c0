import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { audit, Problem } from '@app/platform';
import { PersonalCodes, type ProvenCode } from './personal-codes.service';

/**
 * Everything that is held about somebody for one dialogue, as they get it (docs/decisions/0011). Instants are ISO 8601,
 * UTC; what is not there is null or an empty list.
 */
export interface PersonalData {
  /** Raised when a reader of the former shape would misread it; a new member alone raises nothing. */
  format: 'plenary-personal-data/1';
  made_at: string;
  dialogue: { title: string; slug: string; starts_at: string; ends_at: string; time_zone: string };
  registration: Record<string, unknown> & { name: string; email: string; state: string };
  /** Which notice they accepted, when, and what it said by language. */
  privacy_notice: { version: number; accepted_at: string; texts: Record<string, string> | null } | null;
  /** In the order of the questions; a file by name, type and size, not its content. */
  answers: {
    question: string;
    label: Record<string, string>;
    value: unknown;
    answered_at: string;
    file: { name: string; media_type: string; bytes: number } | null;
  }[];
  invitation: Record<string, unknown> | null;
  /** Their entry in the organiser's directory, by which they were invited. */
  directory: Record<string, unknown> | null;
  /** Who decided is not told; what and why is. */
  approvals: { round: number; decision: string; reason: string | null; decided_at: string }[];
  attendance: Record<string, unknown> | null;
  /** `named`: they named a substitute; `substitute`: they are one. */
  substitutions: Record<string, unknown>[];
  /** Every mail to them that the ledger knows, with its state. */
  mails: {
    kind: string;
    state: string;
    recipient: string;
    language: string;
    queued_at: string;
    sent_at: string | null;
  }[];
  /**
   * What the published note for file says that they said, under a name that may mean them. A draft is the rapporteur's,
   * and anybody can register under the name of somebody in it.
   */
  interventions: { session: string; capacity: string; text: string; reply: string | null }[];
  /** How the published note names them, in its text and in its annex; stays there when their data are removed in time. */
  note_names: {
    in_annex: boolean;
    honorific: string | null;
    name: string;
    functional_title: string | null;
    affiliation: string | null;
    role: string | null;
    mechanism: string | null;
    country: string | null;
    body: string | null;
  }[];
  /** What happened to the registration and the invitation, and when. */
  trace: { action: string; happened_at: string }[];
}

/** `a` as members of a JSON object, of row `row`. */
const members = (row: string, columns: string[]): string =>
  columns.map((column) => `'${column}', ${row}.${column}`).join(', ');

const PERSON = ['honorific', 'name', 'functional_title', 'email', 'affiliation', 'country'];
const READER = ['capacity', 'language', 'time_zone'];

/** Gives people what is held about them. */
@Injectable()
export class PersonalDataService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly codes: PersonalCodes,
  ) {}

  /**
   * Everything held about a person for the dialogue of this registration, and uses the code up.
   * @throws Problem 422 `code_wrong`, 404 when the data are erased.
   */
  async file(registrationId: string, code: ProvenCode): Promise<PersonalData> {
    return this.dataSource.transaction(async (manager) => {
      await this.codes.use(manager, code);
      const [found]: { dialogue_id: string; data: PersonalData }[] = await manager.query(
        `SELECT r.dialogue_id, jsonb_build_object('format', 'plenary-personal-data/1', 'made_at', now(),
           'dialogue', jsonb_build_object(${members('d', ['title', 'slug', 'starts_at', 'ends_at', 'time_zone'])}),
           'registration', jsonb_build_object(${members('r', [
             'id',
             ...PERSON,
             ...READER,
             'role',
             'attends',
             'consent_to_be_listed',
             'state',
             'confirmed_at',
             'waitlist_number',
             'offer_expires_at',
             'created_at',
           ])}, 'mechanism', (SELECT name FROM mechanisms m WHERE m.id = r.mechanism_id),
             'delegation', (SELECT coalesce(m.name, l.organisation) FROM delegations l
               LEFT JOIN mechanisms m ON m.id = l.mechanism_id WHERE l.id = r.delegation_id)),
           'privacy_notice', CASE WHEN r.privacy_notice_version IS NOT NULL THEN jsonb_build_object(
             'version', r.privacy_notice_version, 'accepted_at', r.privacy_notice_accepted_at,
             'texts', (SELECT texts FROM privacy_notices n WHERE n.dialogue_id = d.id AND n.version = r.privacy_notice_version)) END,
           'answers', coalesce((SELECT jsonb_agg(jsonb_build_object('question', q.code, 'label', q.label, 'value', a.value,
               'answered_at', a.answered_at, 'file', CASE WHEN f.name IS NOT NULL THEN jsonb_build_object('name', f.name,
                 'media_type', f.media_type, 'bytes', octet_length(f.content)) END) ORDER BY q.position)
             FROM answers a JOIN questions q ON q.id = a.question_id
             LEFT JOIN answer_files f ON f.registration_id = a.registration_id AND f.question_id = a.question_id
             WHERE a.registration_id = r.id), '[]'),
           'invitation', CASE WHEN i.id IS NOT NULL THEN jsonb_build_object(${members('i', [
             'id',
             'state',
             'role',
             'sent_at',
             'answered_at',
             'decline_reason',
             'created_at',
           ])}) END,
           'directory', CASE WHEN p.id IS NOT NULL THEN jsonb_build_object(${members('p', [
             ...PERSON,
             ...READER,
             'created_at',
           ])}, 'mechanism', (SELECT name FROM mechanisms m WHERE m.id = p.mechanism_id)) END,
           'approvals', coalesce((SELECT jsonb_agg(jsonb_build_object(${members('v', ['round', 'decision', 'reason', 'decided_at'])})
               ORDER BY v.round, v.decided_at) FROM approvals v WHERE v.registration_id = r.id), '[]'),
           'attendance', (SELECT jsonb_build_object(${members('w', ['arrived_at', 'left_at', 'noted_at', 'noted_how'])})
             FROM attendances w WHERE w.registration_id = r.id),
           'substitutions', coalesce((SELECT jsonb_agg(jsonb_build_object('as',
                 CASE WHEN s.registration_id = r.id THEN 'named' ELSE 'substitute' END,
                 ${members('s', ['honorific', 'name', 'functional_title', 'email', 'language', 'state', 'reason', 'created_at', 'decided_at'])})
               ORDER BY s.created_at)
             FROM substitutions s WHERE r.id IN (s.registration_id, s.substitute_id)), '[]'),
           'mails', coalesce((SELECT jsonb_agg(jsonb_build_object('kind', m.kind, 'state', m.state, 'recipient', m.recipient,
               'language', m.language, 'queued_at', m.created_at, 'sent_at', m.sent_at) ORDER BY m.id)
             FROM mails m WHERE m.subject_id IN (r.id, i.id)), '[]'),
           'interventions', coalesce((SELECT jsonb_agg(jsonb_build_object('session', s.title, 'capacity', x.capacity,
               'text', x.text, 'reply', x.reply) ORDER BY s.position, x.position)
             FROM notes n JOIN interventions x ON x.note_id = n.id JOIN agenda_sessions s ON s.id = x.session_id
             JOIN note_names k ON k.id = x.name_id
             WHERE n.dialogue_id = d.id AND r.id = ANY (k.registration_ids)), '[]'),
           'note_names', coalesce((SELECT jsonb_agg(jsonb_build_object(${members('k', [
             'in_annex',
             'honorific',
             'name',
             'functional_title',
             'affiliation',
             'role',
             'mechanism',
             'country',
             'body',
           ])}) ORDER BY k.position)
             FROM notes n JOIN note_names k ON k.note_id = n.id
             -- One that may mean several people is nobody's by proof, nor that of somebody invited theirs who came without.
             WHERE n.dialogue_id = d.id AND k.registration_ids = ARRAY[r.id]
               AND (k.person_id IS NULL OR i.id IS NOT NULL)), '[]'),
           'trace', coalesce((SELECT jsonb_agg(jsonb_build_object('action', e.action, 'happened_at', e.happened_at) ORDER BY e.id)
             FROM audit_entries e WHERE e.dialogue_id = d.id AND e.subject_id IN (r.id, i.id)), '[]')) AS data
         FROM registrations r JOIN dialogues d ON d.id = r.dialogue_id LEFT JOIN invitations i ON i.id = r.invitation_id
         LEFT JOIN people p ON p.id = i.person_id
         WHERE r.id = $1 AND r.erased_at IS NULL`,
        [registrationId],
      );
      if (!found) throw Problem.notFound('registration');
      await audit(manager, {
        action: 'personal_data.given',
        dialogueId: found.dialogue_id,
        subjectId: registrationId,
      });
      return found.data;
    });
  }
}
