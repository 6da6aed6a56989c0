import type { AddressInfo } from 'node:net';
import formbody from '@fastify/formbody';
import fastify from 'fastify';
import { Pool } from 'pg';
import { Links } from '@app/platform';

/**
 * The limit: a bare Fastify handler with `pg` that proves the link, takes a place and writes the same rows, in one
 * statement, with no rule, no check of what was sent, no log and no mail queue. Settings: DATABASE_URL, LINK_KEY. Tells
 * its parent the port.
 */
const pool = new Pool({ connectionString: process.env.DATABASE_URL, max: 10, options: '-c TimeZone=UTC' });
const links = new Links(process.env.LINK_KEY!);
const server = fastify();
void server.register(formbody);

/** The generation of a link that was never revoked; a bare handler does not ask. */
const FIRST_GENERATION = 1;

const TAKE = `WITH place AS (
    UPDATE places SET taken = taken + 1 FROM invitations i
    WHERE i.id = $1 AND i.state = 'sent' AND places.dialogue_id = i.dialogue_id AND scope = 'dialogue'
      AND taken + reserved < places RETURNING places.dialogue_id, i.person_id),
  answered AS (UPDATE invitations SET state = 'accepted', answered_at = now() WHERE id = $1 AND EXISTS (SELECT FROM place)),
  registration AS (
    INSERT INTO registrations (dialogue_id, invitation_id, honorific, name, name_key, functional_title, email, email_key,
      affiliation, country, language, time_zone, consent_to_be_listed, state, participation_count, confirmed_at)
    SELECT dialogue_id, $1, p.honorific, p.name, p.name_key, p.functional_title, p.email, p.email_key, $2, p.country, $3,
      $4, $5, 'confirmed', 1, now()
    FROM place JOIN people p ON p.id = place.person_id
    RETURNING id, dialogue_id, name, email, language, transition_id, link_generation),
  mail AS (
    INSERT INTO mails (kind, dialogue_id, subject_id, recipient_name, recipient, language, dedupe_key, parameters, useful_until)
    SELECT 'confirmation', r.dialogue_id, r.id, r.name, r.email, r.language, 'confirmation:' || r.id || ':' || transition_id,
      '{"promoted": false}', d.ends_at
    FROM registration r JOIN dialogues d ON d.id = r.dialogue_id),
  audit AS (
    INSERT INTO audit_entries (actor, origin, action, dialogue_id, subject_id, details)
    SELECT 'link:' || $1, $6, 'registration.confirmed', dialogue_id, id, '{}' FROM registration)
  SELECT id, link_generation FROM registration`;

interface Body {
  affiliation: string;
  language: string;
  time_zone: string;
  consent_to_be_listed: string;
}

server.post<{ Params: { token: string }; Body: Body }>('/i/:token/acceptance', async (request, reply) => {
  const { token } = request.params;
  const id = links.idOf(token);
  if (!id || !links.proves(token, 'invitation', id, FIRST_GENERATION)) return reply.status(404).send();
  const { affiliation, language, time_zone: timeZone, consent_to_be_listed: consent } = request.body;
  const { rows } = await pool.query({
    name: 'take',
    text: TAKE,
    values: [id, affiliation, language, timeZone, consent, request.ip],
  });
  if (rows.length === 0) return reply.status(409).send();
  return reply.redirect(`/r/${links.compose('registration', rows[0].id, rows[0].link_generation)}`, 303);
});

server.listen({ port: 0, host: '127.0.0.1' }, () => {
  process.send!({ port: (server.server.address() as AddressInfo).port });
});
process.on('disconnect', () => process.exit(0));
