import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import type { DataSource } from 'typeorm';

const data = join(__dirname, '../rehearsal/data');

/** The reference dialogue as its organiser would write it down. */
export const reference = JSON.parse(readFileSync(join(data, 'dialogue.json'), 'utf8')) as {
  dialogue: Record<string, unknown> & { title: string };
  mechanisms: { code: string; name: string; also_known_as?: string[] }[];
  agenda: {
    title: string;
    minutes: number;
    moderator?: string;
    guiding_questions?: string[];
    items: { title: string; minutes: number; moderator?: string; speakers?: string[] }[];
  }[];
  interventions: {
    session: number;
    speaker: string;
    on_behalf_of: string | null;
    capacity: string;
    text: string;
    objectives: number[];
    principles: string[];
    commitment?: { kind: string; text: string; due?: string };
  }[];
};

/** The 79 participants, with the columns of the list. */
export const participants = parse(readFileSync(join(data, 'participants.csv'), 'utf8'), {
  columns: true,
}) as Record<string, string>[];

/** Ids of what was inserted. */
export interface InsertedDialogue {
  id: string;
  slug: string;
  /** Registration by the number in the list. */
  registrations: Map<number, string>;
}

/**
 * Puts the reference dialogue into the database as it was: held on 28 January 2021, all 79 invited, confirmed and
 * willing to be listed. By SQL, since no route lets anybody organise the past; `state` and the year can be others.
 */
export async function insertReferenceDialogue(
  dataSource: DataSource,
  organiserId: string,
  { state = 'published', year = 2021 } = {},
): Promise<InsertedDialogue> {
  // Loaded here and not above: the settings that the log reads are not there before the API is started.
  const { emailKey, nameKey } = require('@app/platform') as typeof import('@app/platform');
  const id = randomUUID();
  const slug = `reference-${id.slice(0, 8)}`;
  const registrations = participants.map((row) => ({
    id: randomUUID(),
    ...Object.fromEntries(Object.entries(row).map(([column, value]) => [column, value || null])),
    name_key: nameKey(row.name!),
    email_key: emailKey(row.email!),
  }));
  await dataSource.transaction(async (manager) => {
    await manager.query(
      `INSERT INTO mechanisms (organiser_id, code, code_key, name, other_names, name_keys)
       SELECT $1, code, code_key, name, other_names, name_keys
         FROM jsonb_to_recordset($2)
              AS given (code text, code_key text, name text, other_names text[], name_keys text[])
       ON CONFLICT DO NOTHING`,
      [
        organiserId,
        JSON.stringify(
          reference.mechanisms.map(({ code, name, also_known_as: other_names = [] }) => ({
            code,
            code_key: nameKey(code),
            name,
            other_names,
            name_keys: [code, name, ...other_names].map(nameKey),
          })),
        ),
      ],
    );
    const { title, venue, hosts, working_languages, documents, purpose } = reference.dialogue;
    await manager.query(
      `INSERT INTO dialogues (id, organiser_id, slug, title, purpose, starts_at_local, ends_at_local, time_zone,
                              starts_at, ends_at, venue, hosts, working_languages, documents, registration, state,
                              published_at)
       VALUES ($1, $2, $3, $4, $5, $12 || '-01-28T11:00', $12 || '-01-28T13:00', 'Africa/Cairo',
               ($12 || '-01-28T09:00Z')::timestamptz, ($12 || '-01-28T11:00Z')::timestamptz, $6, $7, $8, $9, $10, $11,
               CASE WHEN $11 = 'draft' THEN NULL ELSE now() END)`,
      [
        id,
        organiserId,
        slug,
        title,
        purpose,
        venue,
        hosts,
        working_languages,
        JSON.stringify(documents),
        'invitation',
        state,
        String(year),
      ],
    );
    await manager.query(
      `INSERT INTO dialogue_roles (dialogue_id, organiser_id, roles, sees_sensitive) VALUES ($1, $2, '{owner}', true)`,
      [id, organiserId],
    );
    await manager.query(
      `WITH given AS (
         SELECT gen_random_uuid() AS id, position, session
           FROM jsonb_array_elements($2) WITH ORDINALITY AS given (session, position)),
       sessions AS (
         INSERT INTO agenda_sessions (id, dialogue_id, position, title, minutes, moderator, guiding_questions)
         SELECT id, $1, position, session ->> 'title', (session ->> 'minutes')::int, session ->> 'moderator',
                ARRAY(SELECT jsonb_array_elements_text(session -> 'guiding_questions')) FROM given)
       INSERT INTO agenda_items (session_id, position, title, minutes, moderator, speakers)
       SELECT given.id, item.position, item ->> 'title', (item ->> 'minutes')::int, item ->> 'moderator',
              ARRAY(SELECT jsonb_array_elements_text(item -> 'speakers'))
         FROM given, jsonb_array_elements(session -> 'items') WITH ORDINALITY AS item (item, position)`,
      [id, JSON.stringify(reference.agenda)],
    );
    await manager.query(
      `INSERT INTO people (organiser_id, honorific, name, name_key, functional_title, email, email_key, affiliation,
                           country, mechanism_id, capacity, language, time_zone)
       SELECT $1, honorific, given.name, given.name_key, title, email, email_key, affiliation, country, m.id,
              capacity, language, time_zone
         FROM jsonb_to_recordset($2) AS given (
                honorific text, name text, name_key text, title text, email text, email_key text,
                affiliation text, country text, mechanism text, capacity text, language text, time_zone text)
         LEFT JOIN mechanisms m ON m.organiser_id = $1 AND m.code = given.mechanism
       ON CONFLICT DO NOTHING`,
      [organiserId, JSON.stringify(registrations)],
    );
    await manager.query(
      `WITH invited AS (
         INSERT INTO invitations (dialogue_id, person_id, state, sent_at, answered_at)
         SELECT $1, p.id, 'accepted', now(), now()
           FROM jsonb_to_recordset($3) AS given (name_key text, email_key text)
           JOIN people p ON p.organiser_id = $2 AND p.name_key = given.name_key AND p.email_key = given.email_key
         RETURNING id, person_id)
       INSERT INTO registrations (id, dialogue_id, invitation_id, honorific, name, name_key, functional_title, email, email_key,
                                  affiliation, country, mechanism_id, capacity, language, time_zone,
                                  consent_to_be_listed, state, participation_count, confirmed_at)
       SELECT given.id, $1, invited.id, honorific, name, name_key, functional_title, email, email_key,
              affiliation, country, mechanism_id, capacity, language, time_zone, 'after', 'confirmed', 1, now()
         FROM jsonb_to_recordset($3) AS given (id uuid, name_key text, email_key text)
         JOIN people p USING (name_key, email_key)
         JOIN invited ON invited.person_id = p.id`,
      [id, organiserId, JSON.stringify(registrations)],
    );
  });
  return { id, slug, registrations: new Map(registrations.map((row, index) => [index + 1, row.id])) };
}
