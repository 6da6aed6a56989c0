import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestApi } from './api';

/** A day that is far enough and has no change of clocks near. */
const DAY = `${new Date().getUTCFullYear() + 1}-01-28`;

/** A published dialogue with people who are invited to it. */
export interface TestDialogue {
  id: string;
  slug: string;
}

/** Drafts and publishes a dialogue over HTTP. */
export async function publishDialogue(api: TestApi, changes: object = {}): Promise<TestDialogue> {
  const drafted = await api.request('POST', '/v1/dialogues', {
    title: 'Dialogue with inter-state consultation mechanisms',
    purpose: 'Prepare the review conference.',
    starts_at_local: `${DAY}T11:00`,
    ends_at_local: `${DAY}T13:00`,
    time_zone: 'Africa/Cairo',
    venue: { kind: 'virtual', platform: 'Kudo', join_url: 'https://meet.example/secret-room' },
    hosts: ['International Organization for Migration'],
    working_languages: ['en', 'ar', 'fr'],
    documents: [{ title: 'Guidance note', url: 'https://docs.example/note.pdf' }],
    registration: 'invitation',
    ...changes,
  });
  if (drafted.statusCode !== 201) throw new Error(drafted.body);
  const { id, slug } = drafted.json() as TestDialogue;
  const published = await api.request('POST', `/v1/dialogues/${id}/publication`);
  if (published.statusCode !== 200) throw new Error(published.body);
  return { id, slug };
}

/** The list of the reference dialogue. */
export const referenceList = readFileSync(join(__dirname, '../rehearsal/data/participants.csv'));

/** Reads a list in, confirms it and sends the invitations. */
export async function inviteList(api: TestApi, dialogueId: string, list: string | Buffer): Promise<void> {
  const preview = await api.request('POST', `/v1/dialogues/${dialogueId}/imports`, list);
  if (preview.statusCode !== 201) throw new Error(preview.body);
  await api.request('POST', `/v1/imports/${preview.json().id}/confirmation`);
  const sent = await api.request('POST', `/v1/dialogues/${dialogueId}/invitations`, {
    to: 'prepared',
  });
  if (sent.statusCode !== 201) throw new Error(sent.body);
}

/** A list of so many people. */
export function listOf(count: number, language = 'en'): string {
  const rows = Array.from(
    { length: count },
    (_, index) =>
      `${index + 1},Ms.,Person ${index + 1},Director,person.${index + 1}@ministry.example,Ministry of Foreign Affairs,MA,,member,${language},Asia/Jakarta`,
  );
  return `no,honorific,name,title,email,affiliation,country,mechanism,capacity,language,time_zone\n${rows.join('\n')}\n`;
}

/** A personal link, composed as the mail's is. */
export async function linkOf(
  api: TestApi,
  purpose: 'invitation' | 'registration',
  who: { email: string; dialogueId: string; name?: string },
): Promise<string> {
  const { Links } = require('@app/platform') as typeof import('@app/platform');
  const [row] = await api.dataSource.query(
    purpose === 'invitation'
      ? `SELECT i.id, i.link_generation FROM invitations i JOIN people p ON p.id = i.person_id
         WHERE i.dialogue_id = $1 AND p.email = $2 AND ($3::text IS NULL OR p.name = $3)`
      : `SELECT id, link_generation FROM registrations
         WHERE dialogue_id = $1 AND email = $2 AND ($3::text IS NULL OR name = $3)`,
    [who.dialogueId, who.email, who.name ?? null],
  );
  if (!row) throw new Error(`There is no ${purpose} of ${who.email}.`);
  const token = api.app.get(Links).compose(purpose, row.id as string, row.link_generation as number);
  return `/${purpose === 'invitation' ? 'i' : 'r'}/${token}`;
}

/** What a person fills in when they accept. */
export const answers = {
  affiliation: 'Ministry of Foreign Affairs',
  language: 'en',
  time_zone: 'Asia/Jakarta',
  consent_to_be_listed: 'after',
};

/** Kinds of the mails in the ledger of a dialogue, with whom they are for, in the order in which they were queued. */
export async function ledger(
  api: TestApi,
  dialogueId: string,
): Promise<{ kind: string; recipient: string }[]> {
  return api.dataSource.query('SELECT kind, recipient FROM mails WHERE dialogue_id = $1 ORDER BY id', [
    dialogueId,
  ]);
}
