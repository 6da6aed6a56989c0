import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import ICAL from 'ical.js';
import type { ComposedMail, Stale } from '@app/mail';
import { startNotifications, type TestNotifications } from '../support/notifications';

const uuid = (number: number) => `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;
const DIALOGUE = uuid(1);
const NOTE = uuid(2);
const TRANSITION = uuid(4);
const SUBSTITUTION = uuid(6);
const LEAVER = uuid(7);
const EARLIER_TRANSITION = uuid(5);
const RULE = uuid(6);
/** The delegation for which readers are nominated, and its focal point. */
const DELEGATION = uuid(7);
const FOCAL_POINT = uuid(8);
const STAMP = '2059-11-20T08:30:00Z';

/** One reader for each language, each in a zone of their own and none of them the host's. */
const READERS = {
  en: { number: 10, honorific: 'H.E.', name: 'Katarina Medved', zone: 'Asia/Jakarta' },
  fr: { number: 20, honorific: null, name: 'Nadia Benkirane', zone: 'Africa/Tunis' },
  ar: { number: 30, honorific: 'سعادة السفير', name: 'محمد رفعت الحلبي', zone: 'Asia/Riyadh' },
  es: { number: 40, honorific: 'Excma. Sra.', name: 'Lucía Ibáñez Quiroga', zone: 'America/Bogota' },
  ru: { number: 50, honorific: null, name: 'Наталья Сергеевна Орлова', zone: 'Europe/Moscow' },
  zh: { number: 60, honorific: '女士', name: '李明华', zone: 'Asia/Shanghai' },
};
type ReaderLanguage = keyof typeof READERS;
const LANGUAGES = Object.keys(READERS) as ReaderLanguage[];

const ONLINE = { kind: 'virtual', platform: 'Kudo', join_url: 'https://meet.example/gcm-arab-iscm' };

const PREVIOUS = {
  previous_starts_at: '2060-01-21T09:00:00.000Z',
  previous_ends_at: '2060-01-21T11:00:00.000Z',
  previous_time_zone: 'Africa/Cairo',
  previous_venue_kind: 'in_person',
  previous_platform: null,
  previous_room: 'Salle XIX',
};

/** What is so when a mail of each kind is sent, and what the ledger says of it. */
const SITUATIONS: Record<
  string,
  {
    /** The kind; the name of the situation when not given. */
    kind?: string;
    about?: 'invitation' | 'substitution' | 'registration' | 'sign-in link' | 'organiser' | 'delegation';
    /** Whether mails of the dialogue came back, and the reader manages it. */
    bounced?: boolean;
    /** Whether they were nominated for a delegation. */
    nominee?: boolean;
    /** Whether they were taken off the delegation again. */
    removed?: boolean;
    /** Where the substitution stands; refused unless it says so. */
    proposal?: string;
    /** When nominations for the reader's delegation close; ahead unless it says so. */
    nominationsCloseAt?: string;
    registration?: string;
    /** Until when a place is held for them. */
    offerExpires?: string;
    dialogue?: string;
    /** Where it is; online unless it says so. */
    venue?: object;
    attends?: 'in_person' | 'virtual';
    parameters?: Record<string, unknown>;
    key?: (id: string) => string;
    /** A mail about it went to the address before. */
    writtenTo?: boolean;
    /** Whether the address that the mail was queued for is still that of the registration. */
    toOwnAddress?: boolean;
    /** Mails of the dialogue wait since they could not be written. */
    unwritten?: boolean;
  }
> = {
  'sign-in': { about: 'sign-in link', key: (id) => `sign-in:${id}` },
  'role-given': {
    about: 'organiser',
    parameters: { dialogue: DIALOGUE },
    key: (id) => `role-given:${id}:${uuid(3)}`,
  },
  'role-given-in-process': {
    kind: 'role-given',
    about: 'organiser',
    parameters: { process: uuid(9) },
    key: (id) => `role-given:${id}:${uuid(3)}`,
  },
  invitation: { about: 'invitation', key: (id) => `invitation:${id}:1` },
  'invitation-nominated': {
    kind: 'invitation',
    about: 'invitation',
    nominee: true,
    parameters: { nominated_by: 'focal_point' },
    key: (id) => `invitation:${id}:1`,
  },
  chaser: { about: 'invitation', key: (id) => `chaser:${id}:1:${RULE}` },
  'chaser-nominated': {
    kind: 'chaser',
    about: 'invitation',
    nominee: true,
    key: (id) => `chaser:${id}:1:${RULE}`,
  },
  'invitation-change': {
    about: 'invitation',
    parameters: { what: 'time', ...PREVIOUS },
    key: (id) => `invitation-change:${id}:2`,
  },
  'invitation-change-postponement': {
    kind: 'invitation-change',
    about: 'invitation',
    dialogue: 'postponed',
    parameters: { what: 'postponement', ...PREVIOUS },
    key: (id) => `invitation-change:${id}:2`,
  },
  'nomination-request': { about: 'delegation', key: (id) => `nomination-request:${id}:1` },
  'nomination-chaser': { about: 'delegation', key: (id) => `nomination-chaser:${id}:1:${RULE}` },
  silence: { about: 'delegation', key: (id) => `silence:${id}:1:${RULE}` },
  'delegation-change': {
    about: 'delegation',
    parameters: { what: 'both', ...PREVIOUS },
    key: (id) => `delegation-change:${id}:1:2`,
  },
  'delegation-change-closed': {
    kind: 'delegation-change',
    about: 'delegation',
    nominationsCloseAt: '2020-01-15T16:00Z',
    parameters: { what: 'place', ...PREVIOUS },
    key: (id) => `delegation-change:${id}:1:2`,
  },
  'delegation-change-postponement': {
    kind: 'delegation-change',
    about: 'delegation',
    dialogue: 'postponed',
    parameters: { what: 'postponement', ...PREVIOUS },
    key: (id) => `delegation-change:${id}:1:2`,
  },
  'delegation-cancellation': {
    about: 'delegation',
    dialogue: 'cancelled',
    parameters: PREVIOUS,
    key: (id) => `delegation-cancellation:${id}:1:2`,
  },
  'invitation-cancellation': {
    about: 'invitation',
    dialogue: 'cancelled',
    parameters: PREVIOUS,
    key: (id) => `invitation-cancellation:${id}:2`,
  },
  confirmation: { parameters: { promoted: false } },
  'confirmation-in-person': {
    kind: 'confirmation',
    parameters: { promoted: false },
    venue: {
      kind: 'hybrid',
      room: 'Hall 3',
      platform: 'Kudo',
      join_url: 'https://meet.example/gcm-arab-iscm',
    },
    attends: 'in_person',
  },
  'confirmation-promoted': { kind: 'confirmation', parameters: { promoted: true } },
  waitlisted: { registration: 'waitlisted' },
  'awaiting-approval': { registration: 'awaiting_approval' },
  'under-review': { registration: 'under_review', parameters: { substitute: false } },
  'under-review-substitute': {
    kind: 'under-review',
    registration: 'under_review',
    parameters: { substitute: true },
  },
  refusal: {
    registration: 'refused',
    parameters: { reason: 'Each ministry is represented by one person.', was_confirmed: false },
  },
  'refusal-after-change': {
    kind: 'refusal',
    registration: 'refused',
    parameters: { reason: 'Each ministry is represented by one person.', was_confirmed: true },
  },
  offer: { registration: 'offered', offerExpires: '2060-01-20T15:00Z' },
  'offer-lapsed': { registration: 'withdrawn' },
  'approvals-waiting': {
    about: 'organiser',
    registration: 'awaiting_approval',
    key: (id) => `approvals-waiting:${DIALOGUE}:${id}:2060-01-10`,
  },
  'calendar-reply': { key: (id) => `calendar-reply:${id}:1:2` },
  undelivered: {
    about: 'organiser',
    bounced: true,
    parameters: { first: '1', last: '999999' },
    key: (id) => `undelivered:${DIALOGUE}:${id}:999999`,
  },
  unwritten: {
    about: 'organiser',
    unwritten: true,
    key: (id) => `unwritten:${DIALOGUE}:${id}:2060-01-10`,
  },
  'calendar-removal': {
    writtenTo: true,
    parameters: { join_generation: 1 },
    key: (id) => `calendar-removal:${id}:3`,
  },
  'registration-link-address': {
    kind: 'registration-link',
    toOwnAddress: true,
    key: (id) => `registration-link:${id}:address:3`,
  },
  withdrawal: { registration: 'withdrawn', parameters: { was_confirmed: true } },
  'withdrawal-removed': {
    kind: 'withdrawal',
    registration: 'withdrawn',
    nominee: true,
    removed: true,
    parameters: { was_confirmed: true },
  },
  'address-confirmation': { registration: 'unconfirmed' },
  'registration-link': {},
  'registration-link-new': {
    kind: 'registration-link',
    key: (id) => `registration-link:${id}:generation:1`,
  },
  'join-link': { key: (id) => `join-link:${id}:1` },
  reminder: {
    parameters: { before: 'P1D', starts_at: '2060-01-28T09:00:00+00:00' },
    key: (id) => `reminder:${id}:1:2:P1D`,
  },
  change: { parameters: { what: 'time', ...PREVIOUS }, key: (id) => `change:${id}:2` },
  'change-place-offered': {
    kind: 'change',
    registration: 'offered',
    parameters: { what: 'place', ...PREVIOUS },
    key: (id) => `change:${id}:2`,
  },
  'change-place-waitlisted': {
    kind: 'change',
    registration: 'waitlisted',
    parameters: { what: 'place', ...PREVIOUS },
    key: (id) => `change:${id}:2`,
  },
  postponement: { dialogue: 'postponed', parameters: PREVIOUS, key: (id) => `postponement:${id}:2` },
  cancellation: { dialogue: 'cancelled', parameters: PREVIOUS, key: (id) => `cancellation:${id}:2` },
  summary: { key: (id) => `summary:${id}:${NOTE}` },
  code: { key: (id) => `code:${id}` },
  erased: { parameters: { withdrawn: true }, key: (id) => `erased:${id}` },
  'erased-after': { kind: 'erased', parameters: { withdrawn: false }, key: (id) => `erased:${id}` },
  purged: {
    about: 'organiser',
    parameters: {
      days: 90,
      registrations: 40,
      invitations: 112,
      answers: 2,
      files: 1,
      mails: 301,
      imports: 1,
      people: 0,
    },
    key: (id) => `purged:${DIALOGUE}:${id}:20600501120000000000`,
  },
  'purged-now': {
    kind: 'purged',
    about: 'organiser',
    parameters: {
      days: null,
      registrations: 1,
      invitations: 0,
      answers: 0,
      files: 0,
      mails: 3,
      imports: 0,
      people: 11,
    },
    key: (id) => `purged:${DIALOGUE}:${id}:20600501120000000001`,
  },
  substituted: {
    registration: 'withdrawn',
    parameters: { was_confirmed: true, substitution_id: SUBSTITUTION },
  },
  substitute: { registration: 'offered', parameters: { substitution_id: SUBSTITUTION } },
  'substitution-proposed': {
    about: 'substitution',
    proposal: 'proposed',
    parameters: { delegation_id: 'own', link_generation: 1 },
    key: (id) => `substitution-proposed:${id}:${uuid(3)}`,
  },
  'substitution-proposed-to-organiser': {
    kind: 'substitution-proposed',
    about: 'substitution',
    proposal: 'proposed',
    parameters: { organiser_id: 'own' },
    key: (id) => `substitution-proposed:${id}:${uuid(3)}`,
  },
  'substitution-refused': {
    parameters: { substitution_id: SUBSTITUTION },
    key: (id) => `substitution-refused:${id}:${SUBSTITUTION}`,
  },
};

/** Compares with a file that people read; `UPDATE_GOLDEN=1` writes it anew. */
async function expectGolden(name: string, content: string): Promise<void> {
  const file = join(__dirname, '../golden/mails', name);
  if (process.env.UPDATE_GOLDEN) {
    await mkdir(join(file, '..'), { recursive: true });
    await writeFile(file, content);
  }
  expect(content).toBe(await readFile(file, 'utf8'));
}

let system: TestNotifications;

beforeAll(async () => {
  system = await startNotifications();
  const { dataSource } = system;
  await dataSource.query(
    `INSERT INTO organisers (id, email, email_key, name, language, time_zone)
     SELECT ('00000000-0000-4000-8000-0000000001' || lpad(n::text, 2, '0'))::uuid, language || '@agency.example',
       language || '@agency.example', name, language, zone
     FROM unnest($1::int[], $2::text[], $3::text[], $4::text[]) AS reader (n, language, name, zone)`,
    [
      LANGUAGES.map((language) => READERS[language].number),
      LANGUAGES,
      LANGUAGES.map((language) => READERS[language].name),
      LANGUAGES.map((language) => READERS[language].zone),
    ],
  );
  // Far ahead, so that it has not started when this is run, whenever that is; in winter, when no rule for summer time matters.
  await dataSource.query(
    `INSERT INTO dialogues (id, organiser_id, slug, title, purpose, starts_at_local, ends_at_local, time_zone, starts_at,
       ends_at, venue, hosts, working_languages, documents, registration, state, cancellation_reason, schedule_revision)
     VALUES ($1, '00000000-0000-4000-8000-000000000110', 'mechanisms', 'Dialogue with inter-state consultation mechanisms',
       'Prepare the mechanisms'' contribution to the regional review conference.', '2060-01-28T11:00', '2060-01-28T13:00',
       'Africa/Cairo', '2060-01-28T09:00Z', '2060-01-28T11:00Z',
       '{"kind": "virtual", "platform": "Kudo", "join_url": "https://meet.example/gcm-arab-iscm"}',
       '{International Organization for Migration,Economic and Social Commission for Western Asia}', '{en,ar,fr}',
       '[{"title": "Guidance note for the mechanisms", "url": "https://docs.example/guidance-note.pdf"}]', 'invitation',
       'published', 'The conference was moved to the autumn.', 2)`,
    [DIALOGUE],
  );
  await dataSource.query(
    `WITH welcome AS (INSERT INTO agenda_sessions (dialogue_id, position, title, minutes) VALUES ($1, 1, 'Welcoming remarks', 20)
         RETURNING id),
       scene AS (INSERT INTO agenda_sessions (dialogue_id, position, title, minutes, moderator, moderator_key)
         VALUES ($1, 2, 'Scene setting', 25, 'Anahit Sargsyan', 'anahit sargsyan') RETURNING id),
       discussion AS (INSERT INTO agenda_sessions (dialogue_id, position, title, minutes, moderator, moderator_key, guiding_questions)
         VALUES ($1, 3, 'Open discussion: whole of government, whole of society', 75, 'محمد رفعت الحلبي', 'محمد رفعت الحلبي',
           '{"Which objectives do your regional plans already carry out, and how far are they?","Where are the main gaps?"}'))
     INSERT INTO agenda_items (session_id, position, title, minutes, speakers, speaker_keys)
     SELECT id, 1, 'Opening', 20, '{Patrizia Godenzi,Mahasen El-Tahhan}'::text[], '{patrizia godenzi,mahasen el-tahhan}'::text[] FROM welcome
     UNION ALL SELECT id, 1, 'The regional review: process and dates', 25, '{Katarina Medved}', '{katarina medved}' FROM scene`,
    [DIALOGUE],
  );
  await dataSource.query(
    `INSERT INTO notes (id, dialogue_id, published_at, published) VALUES ($1, $2, now(), $3)`,
    [
      NOTE,
      DIALOGUE,
      {
        title: 'Dialogue with inter-state consultation mechanisms',
        starts_at: '2060-01-28T09:00:00.000Z',
        ends_at: '2060-01-28T11:00:00.000Z',
        time_zone: 'Africa/Cairo',
        venue: { kind: 'virtual', platform: 'Kudo', room: null },
        hosts: [
          'International Organization for Migration',
          'Economic and Social Commission for Western Asia',
        ],
        working_languages: ['en', 'ar', 'fr'],
        introduction: 'The mechanisms met to prepare their contribution.\n\nEight of them took part.',
        sessions: [
          { interventions: [{ commitment: { kind: 'written input', text: 'A document', due: null } }] },
        ],
        way_forward: 'The note is sent to all participants. The conference meets in February.',
      },
    ],
  );
  await system.dataSource.query(
    `UPDATE dialogues SET answers_due_at_local = '2060-01-20T18:00', answers_due_at = '2060-01-20T16:00Z'`,
  );
  await system.dataSource.query(
    `INSERT INTO people (id, organiser_id, honorific, name, name_key, email, email_key, language, time_zone)
     SELECT id, '00000000-0000-4000-8000-000000000110', honorific, name, lower(name), email, email, 'fr', 'Africa/Rabat'
     FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[]) AS person (id, honorific, name, email)`,
    [[FOCAL_POINT], ['Dr.'], ['Salma Idrissi'], ['salma@rabat.example']],
  );
  const delegation = (id: string, focalPoint: string) =>
    system.dataSource.query(
      `WITH delegation AS (
         INSERT INTO delegations (id, dialogue_id, organisation, focal_point_id, nominations_close_at_local,
           nominations_close_at, invited_at)
         VALUES ($1, $2, 'Rabat Process', $3, '2060-01-15T18:00', '2060-01-15T16:00Z', now()))
       INSERT INTO places (dialogue_id, scope, delegation_id, role, places)
       VALUES ($2, 'delegation', $1, NULL, 5), ($2, 'role', $1, 'head_of_delegation', 1), ($2, 'role', $1, 'observer', 0)`,
      [id, DIALOGUE, focalPoint],
    );
  await delegation(DELEGATION, FOCAL_POINT);
  for (const language of LANGUAGES) {
    const { number, honorific, name, zone } = READERS[language];
    const email = `reader-${language}@ministry.example`;
    await dataSource.query(
      `INSERT INTO people (id, organiser_id, honorific, name, name_key, email, email_key, language, time_zone)
       VALUES ($1, '00000000-0000-4000-8000-000000000110', $2, $3, lower($3), $4, $4, $5, $6)`,
      [uuid(number), honorific, name, email, language, zone],
    );
    await dataSource.query(
      `INSERT INTO invitations (id, dialogue_id, person_id, state) VALUES ($1, $2, $3, 'sent')`,
      [uuid(number + 1), DIALOGUE, uuid(number)],
    );
    await delegation(uuid(number + 4), uuid(number));
    // Two of the five seats have a nominee, neither of whom has answered.
    await dataSource.query(
      `WITH p AS (
         INSERT INTO people (organiser_id, honorific, name, name_key, email, email_key, language, time_zone)
         SELECT '00000000-0000-4000-8000-000000000110', honorific, name, lower(name), $3 || '@rabat.example', $3 || '@rabat.example',
           'fr', 'Africa/Rabat'
         FROM (VALUES ('Ms.', 'Anahit Sargsyan'), (NULL, 'يوسف المنصوري')) AS person (honorific, name) RETURNING id, honorific)
       INSERT INTO invitations (dialogue_id, person_id, state, sent_at, delegation_id, role)
       SELECT $1, id, 'sent', now(), $2, CASE WHEN honorific IS NULL THEN 'adviser' ELSE 'head_of_delegation' END FROM p`,
      [DIALOGUE, uuid(number + 4), `nominee-${language}`],
    );
    await dataSource.query(
      `INSERT INTO registrations (id, dialogue_id, honorific, name, name_key, email, email_key, language, time_zone, state,
         transition_id, participation_count, confirmed_at)
       VALUES ($1, $2, $3, $4, lower($4), $5, $5, $6, $7, 'confirmed', $8, 1, now())`,
      [uuid(number + 2), DIALOGUE, honorific, name, email, language, zone, TRANSITION],
    );
    await dataSource.query(
      `INSERT INTO personal_codes (id, registration_id, code_hash, expires_at) VALUES ($1, $1, '', '2060-01-01T12:15Z')`,
      [uuid(number + 2)],
    );
    await dataSource.query(
      `INSERT INTO sign_in_links (id, organiser_id, expires_at) VALUES ($1, $2, '2060-01-01T12:15Z')`,
      [uuid(number + 3), uuid(100 + number)],
    );
    await dataSource.query(
      `INSERT INTO dialogue_roles (dialogue_id, organiser_id, roles, sees_sensitive) VALUES ($1, $2, '{rapporteur,approver}', true)`,
      [DIALOGUE, uuid(100 + number)],
    );
    await dataSource.query(
      `WITH process AS (INSERT INTO processes (id, title) VALUES ($1, 'Regional review') ON CONFLICT DO NOTHING)
       INSERT INTO process_roles (process_id, organiser_id, roles) VALUES ($1, $2, '{owner}')`,
      [uuid(9), uuid(100 + number)],
    );
  }
  await dataSource.query(
    `WITH leaver AS (
       INSERT INTO registrations (id, dialogue_id, honorific, name, name_key, email, email_key, language, time_zone, state)
       VALUES ($1, $2, 'Ms.', 'Anahit Sargsyan', 'anahit sargsyan', 'leaver@ministry.example', 'leaver@ministry.example',
         'en', 'Asia/Yerevan', 'withdrawn') RETURNING id)
     INSERT INTO substitutions (id, dialogue_id, registration_id, honorific, name, email, language, state, reason)
     SELECT $3, $2, id, 'Dr.', 'Levon Ter-Petrosyan', 'substitute@ministry.example', 'en', 'refused',
       'The seat is that of the head of delegation.' FROM leaver`,
    [LEAVER, DIALOGUE, SUBSTITUTION],
  );
});
afterAll(() => system.close());

/** Brings about what is so when the mail is sent, queues its row, and has it rendered. */
async function render(
  situation: string,
  language: ReaderLanguage,
  ownKey?: string,
): Promise<ComposedMail | Stale | undefined> {
  const { number, name } = READERS[language];
  const facts = SITUATIONS[situation]!;
  const kind = facts.kind ?? situation;
  const about = facts.about ?? 'registration';
  // The reader of an invitation is not registered, or it would not be sent.
  const state = facts.registration ?? (about === 'invitation' ? 'unconfirmed' : 'confirmed');
  const subject =
    about === 'substitution'
      ? SUBSTITUTION
      : uuid(
          number +
            { invitation: 1, registration: 2, 'sign-in link': 3, delegation: 4, organiser: 100 }[about],
        );
  // Which of the readers it is: their delegation, or they as organiser.
  const parameters = Object.fromEntries(
    Object.entries(facts.parameters ?? {}).map(([key, value]) => [
      key,
      value === 'own' ? uuid(number + (key === 'delegation_id' ? 4 : 100)) : value,
    ]),
  );
  await system.dataSource.query(
    `WITH leaver AS (UPDATE registrations SET delegation_id = $3 WHERE id = $4)
     UPDATE substitutions SET state = $1 WHERE id = $2`,
    [facts.proposal ?? 'refused', SUBSTITUTION, parameters.delegation_id ?? null, LEAVER],
  );
  await system.dataSource.query(`UPDATE dialogues SET state = $1, venue = $2, process_id = $3`, [
    facts.dialogue ?? 'published',
    facts.venue ?? ONLINE,
    (facts.bounced ?? facts.unwritten) ? uuid(9) : null,
  ]);
  await system.dataSource.query(
    `UPDATE registrations SET state = 'confirmed', confirmed_at = now(), waitlist_number = NULL, offer_expires_at = NULL
     WHERE id = ANY($1)`,
    [LANGUAGES.map((reader) => uuid(READERS[reader].number + 2))],
  );
  await system.dataSource.query(
    `UPDATE registrations SET state = $1, confirmed_at = CASE WHEN $1 IN ('confirmed', 'under_review') THEN now() END, offer_expires_at = $5,
       waitlist_number = CASE WHEN $1 = 'waitlisted' THEN $3::int END, attends = $4 WHERE id = $2`,
    [state, uuid(number + 2), number, facts.attends ?? null, facts.offerExpires ?? null],
  );
  await system.dataSource.query(
    `WITH linked AS (
       UPDATE registrations SET invitation_id = CASE WHEN $4::boolean THEN $1::uuid END WHERE id = $3)
     UPDATE invitations SET delegation_id = $2, state = CASE WHEN $4::boolean THEN 'removed' ELSE 'sent' END,
       role = CASE WHEN $2::uuid IS NOT NULL THEN 'head_of_delegation' END WHERE id = $1`,
    [uuid(number + 1), facts.nominee ? DELEGATION : null, uuid(number + 2), facts.removed ?? false],
  );
  await system.dataSource.query(`UPDATE delegations SET nominations_close_at = $1`, [
    facts.nominationsCloseAt ?? '2060-01-15T16:00Z',
  ]);
  await system.dataSource.query(`DELETE FROM mails`);
  if (facts.writtenTo) {
    await system.dataSource.query(
      `INSERT INTO mails (kind, subject_id, recipient, language, dedupe_key, state)
       VALUES ('confirmation', $1, 'queued-for@ministry.example', 'en', 'before', 'sent')`,
      [subject],
    );
  }
  await system.dataSource.query(
    `INSERT INTO mails (kind, subject_id, recipient_name, recipient, language, dedupe_key, parameters, created_at, dialogue_id)
     VALUES ($1, $2, $3, 'queued-for@ministry.example', $4, $5, $6, $7, $8)`,
    [
      kind,
      subject,
      name,
      language,
      ownKey ?? facts.key?.(subject) ?? `${kind}:${subject}:${TRANSITION}`,
      parameters,
      STAMP,
      DIALOGUE,
    ],
  );
  if (facts.toOwnAddress) {
    await system.dataSource.query(
      `UPDATE mails m SET recipient = r.email FROM registrations r WHERE r.id = m.subject_id`,
    );
  }
  if (facts.bounced) {
    await system.dataSource.query(
      `WITH lost AS (
         INSERT INTO mails (kind, subject_id, recipient_name, recipient, language, dedupe_key, dialogue_id, state)
         SELECT 'invitation', gen_random_uuid(), name, address, 'en', address, $1, 'failed'
         FROM (VALUES ('محمد رفعت الحلبي', 'm.alhalabi@ministry.example'), ('', 'office@mission.example')) AS to_whom (name, address)
         RETURNING id, dialogue_id, recipient)
       INSERT INTO mail_returns (digest, kind, mail_id, dialogue_id, status, diagnostic)
       SELECT recipient, 'hard bounce', id, dialogue_id, '5.1.1', '550 5.1.1 <' || recipient || '>: User unknown'
       FROM lost ORDER BY recipient`,
      [DIALOGUE],
    );
  }
  if (facts.unwritten) {
    await system.dataSource.query(
      `INSERT INTO mails (kind, subject_id, recipient_name, recipient, language, dedupe_key, dialogue_id, state, unwritten_since)
       SELECT 'invitation', gen_random_uuid(), name, address, 'en', address, $1, 'deferred', '2060-01-10T08:30Z'
       FROM (VALUES ('محمد رفعت الحلبي', 'm.alhalabi@ministry.example'), ('', 'office@mission.example')) AS to_whom (name, address)`,
      [DIALOGUE],
    );
  }
  const row = (await system.ledger()).find((mail) => mail.kind === kind && mail.state === 'queued')!;
  return (await system.renderers.of(kind).render([row])).get(row.id);
}

function mailOf(rendered: ComposedMail | Stale | undefined): ComposedMail {
  if (!rendered || 'stale' in rendered) throw new Error(`Not rendered: ${rendered?.stale ?? 'gone'}`);
  return rendered;
}

describe.each(LANGUAGES)('mails in %s', (language) => {
  test.each(Object.keys(SITUATIONS))('%s reads as it did', async (situation) => {
    const mail = mailOf(await render(situation, language));
    expect(mail.language).toBe(language);
    const head = `From: ${mail.fromName}\nTo: ${mail.to.name} <${mail.to.address}>\nSubject: ${mail.subject}\n\n`;
    const name = `${situation}.${language}`;
    await expectGolden(`${name}.txt`, head + mail.text);
    // One element a line, so that a change of wording is a diff that a person reads.
    await expectGolden(`${name}.html`, `${mail.html.replace(/(?<!^)(?=<(?!\/|bdi|br|strong))/g, '\n')}\n`);
    if (mail.calendar) await expectGolden(`${name}.ics`, mail.calendar.content.replaceAll('\r\n', '\n'));
  });
});

describe('every mail', () => {
  test('has one first-level heading, its language and its direction, no picture but of its own and nothing from elsewhere', async () => {
    for (const situation of Object.keys(SITUATIONS)) {
      for (const language of LANGUAGES) {
        const { html, images = [] } = mailOf(await render(situation, language));
        expect(html.match(/<h1/g)).toHaveLength(1);
        expect(html).toContain(`<html lang="${language}" dir="${language === 'ar' ? 'rtl' : 'ltr'}">`);
        expect(html).not.toMatch(/<script|url\(|src="(?!cid:)/);
        expect([...html.matchAll(/<img src="cid:([^"]+)" alt="[^"]+"/g)].map(([, id]) => id)).toEqual(
          images.map(({ id }) => id),
        );
        expect(html.match(/<img/g)?.length ?? 0).toBe(situation === 'confirmation-in-person' ? 1 : 0);
        expect(html).not.toMatch(/[\u2066-\u2069]/);
        for (const table of html.match(/<table[^>]*>/g)!) expect(table).toContain('role="presentation"');
      }
    }
  });

  test('keeps its lines of text within 78 columns, addresses apart', async () => {
    for (const situation of Object.keys(SITUATIONS)) {
      for (const language of LANGUAGES) {
        const { text } = mailOf(await render(situation, language));
        for (const line of text.split('\n')) {
          if (/^\s*https?:\/\/\S+$/.test(line)) continue;
          expect(line).not.toContain('https://');
          expect([...line.replace(/[\p{Mn}\p{Cf}]/gu, '')].length).toBeLessThanOrEqual(78);
        }
      }
    }
  });

  test('has a renderer', () => {
    expect(() => system.renderers.assertComplete()).not.toThrow();
  });

  test('is stale when what it is about is gone', async () => {
    await system.dataSource.query('DELETE FROM mails');
    await system.dataSource.query(
      `INSERT INTO mails (kind, subject_id, recipient, language, dedupe_key)
       VALUES ('confirmation', $1, 'a@b.example', 'en', 'x:y:z')`,
      [uuid(999)],
    );
    const rows = await system.ledger();
    expect((await system.renderers.of('confirmation').render(rows)).size).toBe(0);
  });
});

describe('the link to join', () => {
  test('is told to the confirmed only, as their own, in the mail and in the calendar', async () => {
    const told = [
      'confirmation',
      'confirmation-promoted',
      'reminder',
      'change',
      'registration-link',
      'registration-link-new',
      'registration-link-address',
      'join-link',
    ];
    for (const situation of Object.keys(SITUATIONS)) {
      const { html, text, calendar } = mailOf(await render(situation, 'en'));
      const isTold = told.includes(situation);
      expect([situation, html.includes('/j/'), text.includes('/j/')]).toEqual([situation, isTold, isTold]);
      const entry = calendar?.content.replaceAll('\r\n ', '') ?? '';
      expect([situation, entry.includes('/j/')]).toEqual([
        situation,
        isTold && calendar?.method === 'REQUEST',
      ]);
      const own = new Set(`${html}${text}${entry}`.match(/\/j\/[\w-]{65}(?![\w-])/g));
      expect([situation, own.size]).toEqual([situation, isTold ? 1 : 0]);
    }
  });

  test('is never the platform’s own, in any mail, text or entry, in any language', async () => {
    for (const situation of Object.keys(SITUATIONS)) {
      for (const language of LANGUAGES) {
        const mail = mailOf(await render(situation, language));
        const said = JSON.stringify({ ...mail, calendar: mail.calendar?.content.replaceAll('\r\n ', '') });
        expect([situation, said.match(/meet\.example|gcm-arab-iscm/)]).toEqual([situation, null]);
      }
    }
  });
});

describe('a mail to organisers', () => {
  test.each(['approvals-waiting', 'undelivered', 'unwritten', 'substitution-proposed-to-organiser'])(
    'led to JSON: %s leads to their page alone, and says who is concerned',
    async (situation) => {
      for (const language of LANGUAGES) {
        const { html, text } = mailOf(await render(situation, language));
        const links = [...html.matchAll(/ href="([^"]+)"/g)].map(([, url]) => url);
        expect([situation, language, links]).toEqual([
          situation,
          language,
          ['https://plenary.example/organiser'],
        ]);
        expect(text).toContain('https://plenary.example/organiser');
        const named = {
          'approvals-waiting': READERS[language].name,
          undelivered: 'm.alhalabi@ministry.example',
          unwritten: 'm.alhalabi@ministry.example',
          'substitution-proposed-to-organiser': 'Levon Ter-Petrosyan',
        }[situation]!;
        // After the title and the greeting, however lines are broken.
        const body = text.split('\n\n').slice(2).join(' ');
        expect(body.replace(/[\u2066-\u2069]/g, '').replace(/\s+/g, ' ')).toContain(named);
      }
    },
  );

  test('of any kind has no address of the API', async () => {
    for (const situation of Object.keys(SITUATIONS)) {
      for (const language of LANGUAGES) {
        const { html, text } = mailOf(await render(situation, language));
        expect([situation, `${html}${text}`.includes('/v1/')]).toEqual([situation, false]);
      }
    }
  });
});

describe('calendar entries', () => {
  const entry = async (situation: string) => {
    const { calendar } = mailOf(await render(situation, 'en'));
    if (!calendar) return null;
    const parsed = new ICAL.Component(ICAL.parse(calendar.content));
    expect(parsed.getFirstPropertyValue('method')).toBe(calendar.method);
    return { method: calendar.method, event: new ICAL.Event(parsed.getFirstSubcomponent('vevent')!) };
  };

  test('come with what changes a calendar and with nothing else', async () => {
    const methods = await Object.keys(SITUATIONS).reduce<Promise<Record<string, string>>>(
      async (before, situation) => {
        const found = await before;
        const { calendar } = mailOf(await render(situation, 'en'));
        return calendar ? { ...found, [situation]: calendar.method } : found;
      },
      Promise.resolve({}),
    );
    expect(methods).toEqual({
      confirmation: 'REQUEST',
      'confirmation-in-person': 'REQUEST',
      'confirmation-promoted': 'REQUEST',
      change: 'REQUEST',
      'registration-link-new': 'REQUEST',
      'registration-link-address': 'REQUEST',
      'calendar-removal': 'CANCEL',
      'join-link': 'REQUEST',
      withdrawal: 'CANCEL',
      'refusal-after-change': 'CANCEL',
      'withdrawal-removed': 'CANCEL',
      substituted: 'CANCEL',
      postponement: 'CANCEL',
      cancellation: 'CANCEL',
    });
  });

  test('of one registration have one UID, and a withdrawal a higher SEQUENCE than its confirmation', async () => {
    const [confirmed, withdrawn] = [await entry('confirmation'), await entry('withdrawal')];
    expect(confirmed!.event.uid).toBe(`${uuid(12)}@plenary.example`);
    expect(withdrawn!.event.uid).toBe(confirmed!.event.uid);
    expect(withdrawn!.event.sequence).toBeGreaterThan(confirmed!.event.sequence);
  });

  test('hold no personal link but the one to join', async () => {
    const { html, calendar } = mailOf(await render('confirmation', 'en'));
    const [token] = html.match(/\/r\/[\w-]{65}/)!;
    expect(token).toBeDefined();
    const said = calendar!.content.replace(/\r\n /g, '');
    expect(said.match(/\/[a-z]\/[\w-]{65}(?![\w-])/g)!.map((link) => link.slice(0, 3))).toEqual(
      Array(3).fill('/j/'),
    );
  });
});

describe('a mail whose time has passed', () => {
  const staleness = async (situation: string, key?: string) => {
    const rendered = await render(situation, 'en', key);
    return rendered && 'stale' in rendered ? rendered.stale : null;
  };

  test('is stale when a later transition has its own', async () => {
    expect(await staleness('confirmation', `confirmation:${uuid(12)}:${EARLIER_TRANSITION}`)).toMatch(
      /later/,
    );
    expect(await staleness('waitlisted', `waitlisted:${uuid(12)}:${EARLIER_TRANSITION}`)).toMatch(/later/);
  });

  test('is stale when it reminds of another participation', async () => {
    expect(await staleness('reminder', `reminder:${uuid(12)}:2:2:P1D`)).toMatch(/came back/);
  });

  test('is stale when its link is revoked', async () => {
    expect(await staleness('invitation', `invitation:${uuid(11)}:2`)).toMatch(/revoked/);
  });

  test('is stale when a newer one of its kind waits for the same reader', async () => {
    await render('change', 'en');
    await system.dataSource.query(
      `INSERT INTO mails (kind, subject_id, recipient, language, dedupe_key, parameters)
       SELECT kind, subject_id, recipient, language, 'change:newer', parameters FROM mails`,
    );
    const rows = await system.ledger();
    const rendered = await system.renderers.of('change').render(rows);
    expect(rendered.get(rows[0]!.id)).toEqual({ stale: expect.stringMatching(/later change/) });
    expect(rendered.get(rows[1]!.id)).toHaveProperty('subject');
  });

  test('is stale when the role it tells of was taken away, or a newer one tells of it', async () => {
    await render('role-given', 'en');
    await system.dataSource.query(
      `INSERT INTO mails (kind, subject_id, recipient, language, dedupe_key, parameters)
       SELECT kind, subject_id, recipient, language, dedupe_key || ':' || n,
         CASE n WHEN 1 THEN parameters ELSE jsonb_build_object('process', $1::uuid) END FROM mails, generate_series(1, 2) n`,
      [uuid(9)],
    );
    const rows = await system.ledger();
    const rendered = await system.renderers.of('role-given').render(rows);
    expect(rendered.get(rows[0]!.id)).toEqual({ stale: expect.stringMatching(/newer/) });
    expect(rendered.get(rows[1]!.id)).toHaveProperty('subject');
    expect(rendered.get(rows[2]!.id)).toHaveProperty('subject', 'Your role: Regional review');

    const given = await system.dataSource.query(`DELETE FROM dialogue_roles RETURNING *`);
    expect(await staleness('role-given')).toMatch(/no longer/);
    await system.dataSource.query(
      `INSERT INTO dialogue_roles SELECT * FROM jsonb_populate_recordset(NULL::dialogue_roles, $1)`,
      [JSON.stringify(given[0])],
    );
  });

  test('tells of a substitute without the name of whoever was erased meanwhile, and takes the entry out of the calendar', async () => {
    try {
      await render('substituted', 'en');
      await system.dataSource.query(`UPDATE substitutions SET name = '', honorific = NULL`);
      const [left] = await system.ledger();
      expect((await system.renderers.of('substituted').render([left!])).get(left!.id)).toMatchObject({
        text: expect.stringContaining('A substitute takes part in'),
        calendar: { method: 'CANCEL' },
      });
      await render('substitute', 'en');
      await system.dataSource.query(`UPDATE registrations SET name = '', honorific = NULL WHERE id = $1`, [
        LEAVER,
      ]);
      const [came] = await system.ledger();
      expect((await system.renderers.of('substitute').render([came!])).get(came!.id)).toMatchObject({
        text: expect.stringContaining('A delegate cannot take part'),
      });
    } finally {
      await system.dataSource.query(
        `UPDATE substitutions SET name = 'Levon Ter-Petrosyan', honorific = 'Dr.'`,
      );
      await system.dataSource.query(
        `UPDATE registrations SET name = 'Anahit Sargsyan', honorific = 'Ms.' WHERE id = $1`,
        [LEAVER],
      );
    }
  });

  test('of a refusal takes the entry out of the calendar though the dialogue is cancelled', async () => {
    await render('refusal-after-change', 'en');
    await system.dataSource.query(`UPDATE dialogues SET state = 'cancelled'`);
    const [refusal] = await system.ledger();
    expect((await system.renderers.of('refusal').render([refusal!])).get(refusal!.id)).toMatchObject({
      calendar: { method: 'CANCEL' },
    });
  });

  test('is stale when the proposed substitute was decided on, or its reader may not decide any more', async () => {
    await render('substitution-proposed', 'fr');
    const rows = await system.ledger();
    const why = async () => {
      const rendered = (await system.renderers.of('substitution-proposed').render(rows)).get(rows[0]!.id);
      return rendered && 'stale' in rendered ? rendered.stale : null;
    };
    expect(await why()).toBeNull();
    for (const state of ['approved', 'refused', 'dropped']) {
      await system.dataSource.query('UPDATE substitutions SET state = $1', [state]);
      expect(await why()).toMatch(new RegExp(`${state} by now`));
    }
    await system.dataSource.query(`UPDATE substitutions SET state = 'proposed'`);
    await system.dataSource.query('UPDATE delegations SET link_generation = 2');
    expect(await why()).toMatch(/no longer decide/);
    await system.dataSource.query('UPDATE delegations SET link_generation = 1');

    await render('substitution-proposed-to-organiser', 'en');
    rows.splice(0, 1, ...(await system.ledger()));
    expect(await why()).toBeNull();
    for (const table of ['dialogue_roles', 'process_roles']) {
      await system.dataSource.query(`UPDATE ${table} SET roles = '{viewer}'`);
    }
    expect(await why()).toMatch(/no longer decide/);
    await system.dataSource.query(`UPDATE dialogue_roles SET roles = '{rapporteur,approver}'`);
    await system.dataSource.query(`UPDATE process_roles SET roles = '{owner}'`);
  });

  test('a one-time link that was used is not mailed', async () => {
    await system.dataSource.query(`UPDATE sign_in_links SET used_at = now() WHERE id = $1`, [uuid(13)]);
    expect(await staleness('sign-in')).toMatch(/used/);
    await system.dataSource.query(`UPDATE sign_in_links SET used_at = NULL`);
  });
});

test('a page of fifty mails is rendered in two statements', async () => {
  await render('confirmation', 'en');
  await system.dataSource.query(
    `INSERT INTO mails (kind, subject_id, recipient, language, dedupe_key, created_at)
     SELECT kind, subject_id, recipient, language, dedupe_key || ':' || n, created_at FROM mails, generate_series(1, 49) n`,
  );
  const rows = await system.ledger();
  const statements = jest.spyOn(system.dataSource.manager, 'query');
  const rendered = await system.renderers.of('confirmation').render(rows);
  expect(rendered.size).toBe(50);
  expect(statements).toHaveBeenCalledTimes(2);
  statements.mockRestore();
});
