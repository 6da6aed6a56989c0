import { randomBytes } from 'node:crypto';
import { Links } from '@app/platform';
import type { World } from '../support/world';
import { httpRequest } from './http-request';
import type { Load } from './processes';

/** How many accept at once. */
export const CONNECTIONS = 64;

/** A published dialogue with limited places. */
export interface HotDialogue {
  id: string;
  organiserId: string;
}

/** What each tells about themselves. */
const ANSWERS = {
  affiliation: 'Ministry of Foreign Affairs',
  language: 'en',
  time_zone: 'Asia/Jakarta',
  consent_to_be_listed: 'after',
};

/**
 * Publishes a dialogue, by SQL: no route of it is measured.
 * @param already how many are registered there by now; nobody else has a place yet.
 */
export async function hotDialogue(world: World, already = 0): Promise<HotDialogue> {
  const [dialogue]: HotDialogue[] = await world.database.query(
    `WITH o AS (INSERT INTO organisers (email, email_key, name) VALUES ($1, $1, 'Organiser') RETURNING id),
     m AS (INSERT INTO mechanisms (organiser_id, code, code_key, name, name_keys)
       SELECT id, 'M' || n, 'm' || n, 'Mechanism ' || n, ARRAY['m' || n] FROM o, generate_series(1, 20) AS n),
     d AS (INSERT INTO dialogues (organiser_id, slug, title, starts_at_local, ends_at_local, time_zone, starts_at, ends_at,
             venue, hosts, working_languages, registration, state, published_at)
           SELECT id, $1, 'Dialogue for which many ask at once', to_char(now() + interval '30 days', 'YYYY-MM-DD"T"HH24:MI'),
             to_char(now() + interval '31 days', 'YYYY-MM-DD"T"HH24:MI'), 'UTC',
             date_trunc('minute', now() + interval '30 days'), date_trunc('minute', now() + interval '31 days'),
             '{"kind": "virtual", "platform": "Kudo", "join_url": "https://meet.example/hot"}',
             ARRAY['Agency'], ARRAY['en', 'fr', 'ar'], 'invitation', 'published', now() FROM o RETURNING id, organiser_id),
     p AS (INSERT INTO places (dialogue_id, places, taken) SELECT id, $2::int, $2::int FROM d),
     there AS (INSERT INTO registrations (dialogue_id, name, name_key, email, email_key, affiliation, language, time_zone,
           state, participation_count, confirmed_at)
         SELECT d.id, 'Delegate ' || n, 'delegate ' || n, n || '@there.example', n || '@there.example', 'Ministry', 'en',
           'UTC', 'confirmed', 1, now() FROM d, generate_series(1, $2::int) AS n)
     SELECT id, organiser_id AS "organiserId" FROM d`,
    [`hot-${randomBytes(4).toString('hex')}`, already],
  );
  // So many rows at once leave work behind, which would be done while something is measured.
  await world.database.query('VACUUM (ANALYZE) registrations');
  await world.database.query('CHECKPOINT');
  return dialogue!;
}

/**
 * Invites people, by SQL, with a place for each, and lets all of them accept.
 * @param port of whoever serves them.
 * @returns acceptances a second.
 * @throws Error when not every invited person was registered, with a place, a mail and an audit line.
 */
export async function acceptAll(
  world: World,
  load: Load,
  port: number,
  dialogue: HotDialogue,
  people: number,
): Promise<number> {
  const requests = await invite(world, dialogue, people);
  const perSecond = await load.send({ port, connections: CONNECTIONS, requests }, 303);
  await assertAllTaken(world, dialogue);
  return perSecond;
}

/** @returns an acceptance of each, as the form of the page sends it. */
async function invite(world: World, { id, organiserId }: HotDialogue, people: number): Promise<string[]> {
  const rows: { id: string; link_generation: number }[] = await world.database.query(
    `WITH person AS (
       INSERT INTO people (organiser_id, name, name_key, email, email_key, affiliation, language, time_zone)
       SELECT $2, 'Invitee ' || n, 'invitee ' || n, n || '.' || $4 || '@ministry.example',
         n || '.' || $4 || '@ministry.example', 'Ministry of Foreign Affairs', (ARRAY['en', 'fr', 'ar'])[1 + n % 3], 'Asia/Jakarta'
       FROM generate_series(1, $3::int) AS n RETURNING id),
     room AS (UPDATE places SET places = taken + $3::int WHERE dialogue_id = $1)
     INSERT INTO invitations (dialogue_id, person_id, state, sent_at) SELECT $1, id, 'sent', now() FROM person
     RETURNING id, link_generation`,
    [id, organiserId, people, randomBytes(4).toString('hex')],
  );
  await world.database.query('VACUUM (ANALYZE) invitations, people, places');
  const links = new Links(world.environment()['LINK_KEY']!);
  return rows.map((row) =>
    httpRequest('POST', `/i/${links.compose('invitation', row.id, row.link_generation)}/acceptance`, {
      form: ANSWERS,
    }),
  );
}

async function assertAllTaken(world: World, { id }: HotDialogue): Promise<void> {
  const [{ invited, ...counted }] = await world.database.query(
    `SELECT (SELECT count(*)::int FROM invitations WHERE dialogue_id = $1) AS invited,
       (SELECT count(*)::int FROM registrations WHERE dialogue_id = $1 AND state = 'confirmed' AND invitation_id IS NOT NULL) AS registrations,
       (SELECT count(*)::int FROM invitations WHERE dialogue_id = $1 AND state = 'accepted') AS invitations,
       (SELECT count(*)::int FROM mails WHERE dialogue_id = $1 AND kind = 'confirmation') AS mails,
       (SELECT count(*)::int FROM audit_entries WHERE dialogue_id = $1 AND action = 'registration.confirmed') AS audit,
       (SELECT p.taken - (SELECT count(*)::int FROM registrations r WHERE r.dialogue_id = $1 AND r.invitation_id IS NULL)
        FROM places p WHERE p.dialogue_id = $1 AND p.taken = p.places) AS taken`,
    [id],
  );
  for (const [what, count] of Object.entries(counted as Record<string, number | null>)) {
    if (count !== invited) throw new Error(`${what}: ${count} instead of ${invited}`);
  }
}
