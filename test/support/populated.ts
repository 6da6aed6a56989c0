import type { TestApi, TestOrganiser } from './api';

/** Words that stand in the data of a world and nowhere else. */
export interface Canaries {
  /** Every name of a person, and every address, holds one of them; never to be read without a right or a link. */
  people: string[];
  /** What was answered to a sensitive question. */
  sensitive: string;
  /** The title of the dialogue and its process, and the like: public once it is published. */
  title: string;
}

/** A published dialogue with something in every table, and everyone who has to do with it. */
export interface World {
  canaries: Canaries;
  owner: TestOrganiser;
  /** By role in the dialogue. */
  organisers: Record<
    'organiser' | 'approver' | 'rapporteur' | 'viewer' | 'removed' | 'processViewer' | 'colleague',
    TestOrganiser
  >;
  /** Ids, by the name of the thing. */
  ids: Record<
    | 'dialogue'
    | 'draft'
    | 'process'
    | 'mechanism'
    | 'people'
    | 'focalPoint'
    | 'delegation'
    | 'invitation'
    | 'nomineeInvitation'
    | 'prepared'
    | 'registration'
    | 'awaiting'
    | 'waitlisted'
    | 'nominee'
    | 'substitution'
    | 'noteName'
    | 'import'
    | 'token'
    | 'question'
    | 'suppression'
    | 'session',
    string
  >;
  /** A mail's number in the ledger. */
  mail: string;
  slug: string;
  draftSlug: string;
  /** Secrets of links as they are in mails, by purpose. */
  links: Record<
    | 'invitation'
    | 'registration'
    | 'delegation'
    | 'join'
    | 'check-in'
    | 'sign-in'
    | 'feed'
    | 'unsubscription',
    string
  >;
}

/** Makes a world. `name` is one word, in lower case, unlike that of any other world. */
export async function populate(api: TestApi, name: string, owner: TestOrganiser): Promise<World> {
  const { AccountsService } = require('@app/accounts') as typeof import('@app/accounts');
  const { Links } = require('@app/platform') as typeof import('@app/platform');
  const query = <Row>(sql: string, parameters: unknown[] = []): Promise<Row[]> =>
    api.dataSource.query(sql, parameters);
  const one = async (sql: string, ...parameters: unknown[]): Promise<string> =>
    (await query<{ id: string }>(sql, parameters))[0]!.id;

  const called = (what: string) => `Secretname-${name} ${what}`;
  const addressed = (what: string) => `${what}@secretmail-${name}.example`;
  const title = `Secrettitle-${name}`;
  await query(`UPDATE organisers SET name = $2, email = $3, email_key = $3 WHERE id = $1`, [
    owner.id,
    called('Owner'),
    addressed('owner'),
  ]);

  const process = await one(`INSERT INTO processes (title, purpose) VALUES ($1, $1) RETURNING id`, title);
  const slug = `d-${name}`;
  const make = (itsSlug: string, state: string) =>
    one(
      `INSERT INTO dialogues (organiser_id, slug, title, purpose, starts_at_local, ends_at_local, time_zone, starts_at,
         ends_at, venue, hosts, working_languages, registration, state, published_at, process_id, substitution, promotion,
         approvals_needed, answers_due_at_local, answers_due_at, retention_days)
       SELECT $1, $2, $3, $3, to_char(day, 'YYYY-MM-DD"T"11:00'), to_char(day, 'YYYY-MM-DD"T"13:00'), 'UTC',
         day + interval '11 hours', day + interval '13 hours',
         '{"kind": "hybrid", "platform": "Kudo", "room": "B1", "join_url": "https://meet.example/secret-room"}', '{Agency}',
         '{en,fr}', 'open', $4, CASE WHEN $4 = 'published' THEN now() END, $5, 'approved', 'offer', 1,
         to_char(day - interval '5 days', 'YYYY-MM-DD"T"11:00'), day - interval '5 days' + interval '11 hours', 30
       FROM (SELECT date_trunc('day', now() AT TIME ZONE 'UTC' + interval '60 days') AT TIME ZONE 'UTC' AS day) AS held
       RETURNING id`,
      owner.id,
      itsSlug,
      title,
      state,
      process,
    );
  const dialogue = await make(slug, 'published');
  const draft = await make(`${slug}-draft`, 'draft');
  await query(
    `WITH given AS (INSERT INTO dialogue_roles (dialogue_id, organiser_id, name, roles, sees_sensitive)
       SELECT unnest($1::uuid[]), $2, $3, '{owner}', true)
     INSERT INTO process_roles (process_id, organiser_id, name, roles, sees_sensitive) VALUES ($4, $2, $3, '{owner}', true)`,
    [[dialogue, draft], owner.id, called('Owner'), process],
  );

  const organisers = {} as World['organisers'];
  for (const role of [
    'organiser',
    'approver',
    'rapporteur',
    'viewer',
    'removed',
    'processViewer',
    'colleague',
  ] as const) {
    const made = await api.newOrganiser(`${name} ${role}`);
    await query(`UPDATE organisers SET name = $2, email = $3, email_key = $3 WHERE id = $1`, [
      made.id,
      called(role),
      addressed(role.toLowerCase()),
    ]);
    organisers[role] = made;
    if (role === 'removed') continue;
    const [inDialogue, inProcess] = {
      processViewer: [null, 'viewer'],
      // Somebody whose role others give and take.
      colleague: ['viewer', 'viewer'],
    }[role as string] ?? [role, null];
    if (inDialogue)
      await query(
        `INSERT INTO dialogue_roles (dialogue_id, organiser_id, name, roles) VALUES ($1, $2, $3, $4)`,
        [dialogue, made.id, called(role), [inDialogue]],
      );
    if (inProcess)
      await query(
        `INSERT INTO process_roles (process_id, organiser_id, name, roles) VALUES ($1, $2, $3, $4)`,
        [process, made.id, called(role), [inProcess]],
      );
  }
  const keep = await api.app.get(AccountsService).makeToken(owner.id, {
    name: called('token'),
    scope: 'write',
    days: 7,
  });

  const mechanism = await one(
    `INSERT INTO mechanisms (organiser_id, code, code_key, name, name_keys)
     VALUES ($1, $2, lower($2), $3, ARRAY[lower($2), lower($3)]) RETURNING id`,
    owner.id,
    `M-${name}`,
    `${title} Process`,
  );
  const person = (who: string) =>
    one(
      `INSERT INTO people (organiser_id, name, name_key, email, email_key, affiliation, mechanism_id, language, time_zone)
       VALUES ($1, $2, lower($2), $3, $3, 'Ministry', $4, 'en', 'UTC') RETURNING id`,
      owner.id,
      called(who),
      addressed(who.toLowerCase()),
      mechanism,
    );
  const invite = async (who: string, state: string, delegation: string | null = null) =>
    one(
      `INSERT INTO invitations (dialogue_id, person_id, state, sent_at, delegation_id, role, link_generation)
       VALUES ($1, $2, $3, CASE WHEN $3 <> 'prepared' THEN now() END, $4, CASE WHEN $4::uuid IS NOT NULL THEN 'member' END, 2)
       RETURNING id`,
      dialogue,
      await person(who),
      state,
      delegation,
    );
  const focalPoint = await person('Focal');
  const people = await person('Known');
  const delegation = await one(
    `INSERT INTO delegations (dialogue_id, mechanism_id, focal_point_id, invited_at, link_generation)
     VALUES ($1, $2, $3, now(), 2) RETURNING id`,
    dialogue,
    mechanism,
    focalPoint,
  );
  const invitation = await invite('Invitee', 'sent');
  const prepared = await invite('Prepared', 'prepared');
  const accepted = await invite('Participant', 'accepted');
  const nomineeInvitation = await invite('Nominee', 'accepted', delegation);
  const register = (
    who: string,
    state: string,
    more: { invitation?: string; delegation?: string; waits?: number } = {},
  ) =>
    one(
      `INSERT INTO registrations (dialogue_id, invitation_id, name, name_key, email, email_key, affiliation, mechanism_id,
         language, time_zone, state, confirmed_at, waitlist_number, participation_count, delegation_id, role, attends,
         approval_round, link_generation, consent_to_be_listed)
       VALUES ($1, $2, $3, lower($3), $4, $4, 'Ministry', $5, 'en', 'UTC', $6, CASE WHEN $6 = 'confirmed' THEN now() END, $7,
         CASE WHEN $6 = 'confirmed' THEN 1 ELSE 0 END, $8, CASE WHEN $8::uuid IS NOT NULL THEN 'member' END, 'in_person', 1, 2,
         'after')
       RETURNING id`,
      dialogue,
      more.invitation ?? null,
      called(who),
      addressed(who.toLowerCase()),
      mechanism,
      state,
      more.waits ?? null,
      more.delegation ?? null,
    );
  const registration = await register('Participant', 'confirmed', { invitation: accepted });
  const nominee = await register('Nominee', 'confirmed', { invitation: nomineeInvitation, delegation });
  const awaiting = await register('Awaiting', 'awaiting_approval');
  const waitlisted = await register('Waitlisted', 'waitlisted', { waits: 1 });
  await query(
    `INSERT INTO places (dialogue_id, scope, attends, delegation_id, role, places, taken, reserved, next_waitlist_number)
     VALUES ($1, 'dialogue', NULL, NULL, NULL, 20, 2, 4, 2), ($1, 'attendance', 'in_person', NULL, NULL, 10, 2, 0, 1),
       ($1, 'delegation', NULL, $2, NULL, 5, 1, 0, 1), ($1, 'role', NULL, $2, 'head_of_delegation', 1, 0, 0, 1)`,
    [dialogue, delegation],
  );
  await query(`INSERT INTO places (dialogue_id, places) VALUES ($1, 5)`, [draft]);

  const session = await one(
    `INSERT INTO agenda_sessions (dialogue_id, position, title, minutes) VALUES ($1, 1, 'Opening', 20) RETURNING id`,
    dialogue,
  );
  await query(
    `INSERT INTO agenda_items (session_id, position, title, minutes) VALUES ($1, 1, 'Welcome', 20)`,
    [session],
  );
  await query(
    `INSERT INTO reminder_rules (dialogue_id, before, audience, due_at, useful_until)
     SELECT id, 'P1D', 'everyone', starts_at - interval '1 day', starts_at FROM dialogues WHERE id = $1`,
    [dialogue],
  );
  await query(
    `INSERT INTO chasing_rules (dialogue_id, counted, duration, tells) VALUES ($1, 'after_invitation', 'P5D', 'invitee')`,
    [dialogue],
  );
  await query(
    `INSERT INTO privacy_notices (dialogue_id, version, texts) VALUES ($1, 1, '{"en": "What is kept."}')`,
    [dialogue],
  );
  const question = await one(
    `INSERT INTO questions (dialogue_id, code, position, kind, label, sensitive, file_types)
     VALUES ($1, 'passport', 0, 'file', '{"en": "Your passport"}', true, '{application/pdf}') RETURNING id`,
    dialogue,
  );
  const sensitive = `Secretanswer-${name}`;
  await query(
    `WITH answer AS (INSERT INTO answers (registration_id, question_id, value) VALUES ($1, $2, to_jsonb($3::text)))
     INSERT INTO answer_files (registration_id, question_id, name, media_type, content)
     VALUES ($1, $2, $3, 'application/pdf', convert_to($3, 'UTF8'))`,
    [registration, question, sensitive],
  );
  await query(
    `INSERT INTO approvals (registration_id, round, organiser_id, decision, reason) VALUES ($1, 1, $2, 'approved', $3)`,
    [registration, owner.id, called('reason')],
  );
  const substitution = await one(
    `INSERT INTO substitutions (dialogue_id, registration_id, name, email, language) VALUES ($1, $2, $3, $4, 'en')
     RETURNING id`,
    dialogue,
    nominee,
    called('Substitute'),
    addressed('substitute'),
  );
  await query(`INSERT INTO attendances (registration_id, dialogue_id) VALUES ($1, $2)`, [nominee, dialogue]);
  await query(
    `WITH note AS (INSERT INTO notes (dialogue_id, introduction) VALUES ($1, $2) RETURNING id),
       summary AS (INSERT INTO note_sessions (note_id, session_id, summary) SELECT id, $3, $2 FROM note),
       said AS (INSERT INTO interventions (note_id, session_id, position, speaker, speaker_key, capacity, text)
         SELECT id, $3, 1, $4, lower($4), 'country', $2 FROM note RETURNING id)
     INSERT INTO commitments (intervention_id, kind, text) SELECT id, 'written input', $2 FROM said`,
    [dialogue, title, session, called('Participant')],
  );
  const noteName = await one(
    `INSERT INTO note_names (id, note_id, position, in_annex, registration_ids, name)
     SELECT gen_random_uuid(), id, 0, false, '{}', $2 FROM notes WHERE dialogue_id = $1 RETURNING id`,
    dialogue,
    called('Named'),
  );
  const [mail] = await query<{ id: string; message_id: string }>(
    `INSERT INTO mails (kind, dialogue_id, subject_id, recipient_name, recipient, language, dedupe_key, state)
     VALUES ('invitation', $1, $2, $3, $4, 'en', $5, 'sent') RETURNING id::text, message_id`,
    [dialogue, invitation, called('Invitee'), addressed('invitee'), `populated:${name}`],
  );
  const suppression = await one(
    `WITH came_back AS (
       INSERT INTO mail_returns (digest, kind, mail_id, dialogue_id, status, diagnostic)
       SELECT $1, 'hard bounce', id, dialogue_id, '5.1.1', $2 FROM mails WHERE dedupe_key = $1)
     INSERT INTO address_suppressions (email_key, status, diagnostic, mail_id)
     SELECT $2, '5.1.1', $2, id FROM mails WHERE dedupe_key = $1 RETURNING id`,
    `populated:${name}`,
    addressed('invitee'),
  );
  await query(
    `INSERT INTO personal_codes (registration_id, code_hash, expires_at) VALUES ($1, 'no code', now() + interval '1 hour')`,
    [registration],
  );
  const previewed = await api.request(
    'POST',
    `/v1/dialogues/${dialogue}/imports`,
    `name,email,language,time_zone,affiliation\n${called('Imported')},${addressed('imported')},en,UTC,Ministry\n`,
    { token: owner.token },
  );
  if (previewed.statusCode !== 201) throw new Error(previewed.body);
  const [signIn] = await query<{ id: string }>(
    `INSERT INTO sign_in_links (organiser_id, expires_at) VALUES ($1, now() + interval '15 minutes') RETURNING id`,
    [owner.id],
  );

  const links = api.app.get(Links);
  return {
    canaries: {
      people: [`secretname-${name}`, `secretmail-${name}`],
      sensitive: sensitive.toLowerCase(),
      title: title.toLowerCase(),
    },
    owner,
    organisers,
    mail: mail!.id,
    ids: {
      dialogue,
      draft,
      process,
      mechanism,
      people,
      focalPoint,
      delegation,
      invitation,
      nomineeInvitation,
      prepared,
      registration,
      awaiting,
      waitlisted,
      nominee,
      substitution,
      noteName,
      import: previewed.json().id,
      token: keep.row.id,
      question,
      suppression,
      session,
    },
    slug,
    draftSlug: `${slug}-draft`,
    links: {
      invitation: links.compose('invitation', invitation, 2),
      registration: links.compose('registration', registration, 2),
      delegation: links.compose('delegation', delegation, 2),
      join: links.compose('join', registration, 2),
      feed: links.compose('feed', registration, 2),
      'check-in': links.compose('check-in', registration, 2),
      'sign-in': links.compose('sign-in', signIn!.id, 1),
      unsubscription: links.compose('unsubscription', mail!.message_id, 1),
    },
  };
}
