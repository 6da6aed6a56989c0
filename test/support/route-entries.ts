import type { World } from './populated';

/*
 * A NEW ROUTE NEEDS AN ENTRY in `ROUTES`, or the first test of `authorisation.spec` fails and names it. Say under `METHOD path` what it takes:
 *   { right: 'manage' }          a right in the dialogue, or one of several (libs/dialogues/src/roles/rights.rules.ts), its path begins with
 *                                the dialogue or with something that belongs to one; `of: 'process'` for one in a process
 *   { mine: true }               what only the account itself has, such as its directory and its tokens
 *   { account: true }            any organiser, for what is their own anyway, such as a list or a new thing
 *   { door: 'record' }           a page of officers who are signed in and have this right in the dialogue
 *   { link: 'registration' }     the page of a personal link; the key is the first parameter of the path
 *   { session: true }            a page of anyone who is signed in
 *   { open: 'why' }              everybody
 * and a `body` that would be taken from anyone who may; it can use the ids of a world. Ids in the path are filled in by the
 * part before them (`/registrations/:id`) or by their name; others go to `PARAMETERS`. A thing of a new kind, or a link of
 * a new purpose, is made in populated.ts.
 */

/** A right in a dialogue, or in a process. */
export type Right = 'view' | 'manage' | 'approve' | 'record' | 'own' | 'see_sensitive';
type Body = object | string | ((world: World) => object | string);
/** Who may call a route, and with what. */
export type Entry = { body?: Body } & (
  | { right: Right | Right[]; of?: 'dialogue' | 'process' | 'process or its dialogues' }
  | { mine: true }
  | { door: Right }
  | { account: true }
  | { link: keyof World['links'] }
  | { session: true }
  | { open: string }
);

const DIALOGUE = {
  title: 'Another dialogue',
  starts_at_local: '2060-01-28T11:00',
  ends_at_local: '2060-01-28T13:00',
  time_zone: 'UTC',
  venue: { kind: 'virtual', platform: 'Kudo' },
  hosts: ['Agency'],
  working_languages: ['en'],
};
const PERSON = {
  name: 'New Person',
  email: 'new.person@ministry.example',
  affiliation: 'Ministry',
  language: 'en',
  time_zone: 'UTC',
};
const LIST =
  'name,email,language,time_zone,affiliation\nNew Person,new.person@ministry.example,en,UTC,Ministry\n';
const FORM = { ...PERSON, attends: 'in_person', consent_to_be_listed: 'never', privacy_notice: '1' };
/** The address of somebody who takes part. */
const LOST = ({ canaries: { people } }: World) => ({ email: `participant@${people[1]!}.example` });
const ROLES = { email: 'new.organiser@agency.example', roles: ['viewer'] };

/** What every route takes. */
export const ROUTES: Record<string, Entry> = {
  // What is everybody's.
  'GET /': { open: 'leads to the sign-in' },
  'GET /docs*': { open: 'describes the API' },
  'GET /openapi.json': { open: 'describes the API' },
  'GET /metrics': { open: 'for the operator, with a token of its own' },
  'GET /health/live': { open: 'for the operator' },
  'GET /health/ready': { open: 'for the operator' },
  'GET /assets/page.css': { open: 'the same for all' },
  'GET /assets/page.js': { open: 'the same for all' },
  'GET /assets/icon.svg': { open: 'the same for all' },
  'GET /sign-in': { open: 'who wants to sign in' },
  'POST /sign-in': { open: 'who wants to sign in' },
  'POST /sign-out': { open: 'ends the session that is shown, if one is' },
  'GET /d/:slug': { open: 'a published dialogue is public, its people are not' },
  'GET /d/:slug/calendar.ics': { open: 'when and where a published dialogue is' },
  'GET /v1/public/dialogues/:slug': { open: 'what its page shows' },
  'GET /v1/public/dialogues/:slug/agenda': { open: 'what its page shows' },
  'GET /d/:slug/privacy': { open: 'who registers reads it before' },
  'GET /d/:slug/erased': { open: 'says what remains, of nobody' },
  'GET /d/:slug/note': { open: 'a published note is public' },
  'GET /d/:slug/registrations': { open: 'says that something was received' },
  'POST /d/:slug/registrations': {
    open: 'who registers by the open link',
    body: FORM,
  },
  'GET /d/:slug/link': { open: 'who lost their link' },
  'POST /d/:slug/link': {
    open: 'who lost their link; it is mailed, and the answer is the same for everybody',
    body: LOST,
  },
  'POST /v1/public/dialogues/:slug/link': { open: 'the same', body: LOST },
  'POST /v1/public/dialogues/:slug/registrations': {
    open: 'who registers by the open link',
    body: { ...PERSON, attends: 'in_person', consent_to_be_listed: 'never', privacy_notice_version: 1 },
  },

  // Organisers themselves.
  'GET /sign-in/:token': { link: 'sign-in' },
  'POST /sign-in/:token': { link: 'sign-in' },
  'GET /organiser': { session: true },
  'POST /organiser/tokens': { session: true, body: { name: 'x', scope: 'write', days: '1' } },
  'POST /organiser/tokens/:id/revocation': { session: true },
  'GET /v1/tokens': { account: true },
  'POST /v1/tokens': { account: true, body: { name: 'x', scope: 'write', days: 1 } },
  'DELETE /v1/tokens/:id': { mine: true },
  'GET /v1/mechanisms': { account: true },
  'POST /v1/mechanisms': { account: true, body: { code: 'NEW', name: 'New Process' } },
  'GET /v1/mechanisms/:id': { mine: true },
  'PATCH /v1/mechanisms/:id': { mine: true, body: { name: 'Renamed' } },
  'GET /v1/people': { account: true },
  'POST /v1/people': { account: true, body: PERSON },
  'GET /v1/people/:id': { mine: true },
  'PATCH /v1/people/:id': { mine: true, body: { name: 'Renamed' } },

  // Processes.
  'GET /v1/processes': { account: true },
  'POST /v1/processes': { account: true, body: { title: 'A process' } },
  'GET /v1/processes/:id': { right: 'view', of: 'process or its dialogues' },
  'PATCH /v1/processes/:id': { right: 'manage', of: 'process', body: { title: 'Renamed' } },
  'GET /v1/processes/:id/roles': { right: 'view', of: 'process' },
  'POST /v1/processes/:id/roles': { right: 'own', of: 'process', body: ROLES },
  'GET /v1/processes/:id/roles/:organiser_id': { right: 'view', of: 'process' },
  'PUT /v1/processes/:id/roles/:organiser_id': { right: 'own', of: 'process', body: { roles: ['approver'] } },
  'DELETE /v1/processes/:id/roles/:organiser_id': { right: 'own', of: 'process' },

  // A dialogue.
  'GET /v1/dialogues': { account: true },
  'POST /v1/dialogues': { account: true, body: DIALOGUE },
  'GET /v1/dialogues/:id': { right: 'view' },
  'PATCH /v1/dialogues/:id': { right: 'manage', body: { title: 'Renamed' } },
  'POST /v1/dialogues/:id/publication': { right: 'manage' },
  'POST /v1/dialogues/:id/postponement': { right: 'manage', body: { reason: 'x' } },
  'POST /v1/dialogues/:id/cancellation': { right: 'manage', body: { reason: 'x' } },
  'GET /v1/dialogues/:id/places': { right: 'view' },
  'PUT /v1/dialogues/:id/places': { right: 'manage', body: { places: 30 } },
  'GET /v1/dialogues/:id/agenda': { right: 'view' },
  'PUT /v1/dialogues/:id/agenda': {
    right: 'manage',
    body: ({ ids }) => ({ sessions: [{ id: ids.session, title: 'Renamed', minutes: 20, items: [] }] }),
  },
  'GET /v1/dialogues/:id/reminder-rules': { right: 'view' },
  'PUT /v1/dialogues/:id/reminder-rules': {
    right: 'manage',
    body: { rules: [{ before: 'P2D', audience: 'everyone' }] },
  },
  'GET /v1/dialogues/:id/roles': { right: 'view' },
  'POST /v1/dialogues/:id/roles': { right: 'own', body: ROLES },
  'GET /v1/dialogues/:id/roles/:organiser_id': { right: 'view' },
  'PUT /v1/dialogues/:id/roles/:organiser_id': { right: 'own', body: { roles: ['approver', 'viewer'] } },
  'DELETE /v1/dialogues/:id/roles/:organiser_id': { right: 'own' },
  // Whose directory it is not has to own the source.
  'POST /v1/dialogues/:id/copies': { right: 'own', body: { starts_at_local: '2060-01-28T11:00' } },
  'POST /v1/dialogues/:id/invitations/from': {
    right: 'manage',
    body: ({ ids }) => ({ dialogue_id: ids.dialogue, who: 'came' }),
  },
  'GET /v1/dialogues/:id/chasing-rules': { right: 'view' },
  'PUT /v1/dialogues/:id/chasing-rules': {
    right: 'manage',
    body: { rules: [{ counted: 'after_invitation', duration: 'P6D', tells: 'invitee' }] },
  },
  'GET /v1/dialogues/:id/mail-returns': { right: 'view' },
  'GET /v1/dialogues/:id/suppressions': { right: 'view' },
  'DELETE /v1/dialogues/:id/suppressions/:suppression_id': { right: 'manage' },
  'GET /v1/dialogues/:id/mails': { right: 'view' },
  'GET /v1/dialogues/:id/mails/:mail_id': { right: 'view' },
  'POST /v1/dialogues/:id/mails/:mail_id/resending': { right: 'manage' },
  'POST /v1/dialogues/:id/mail-holds': { right: 'manage', body: {} },
  'POST /v1/dialogues/:id/mail-releases': { right: 'manage', body: {} },
  'GET /v1/dialogues/:id/mails/progress': { right: 'view' },
  'GET /v1/dialogues/:id/mails/progress/events': { right: 'view' },
  'GET /v1/dialogues/:id/mails/:mail_id/content': { right: 'manage' },
  'GET /v1/dialogues/:id/mail-wordings': { right: 'view' },
  'GET /v1/dialogues/:id/mail-wordings/:kind/:language': { right: 'view' },
  'PUT /v1/dialogues/:id/mail-wordings/:kind/:language': { right: 'manage', body: { subject: '{title}' } },
  'DELETE /v1/dialogues/:id/mail-wordings/:kind/:language': { right: 'manage' },
  'GET /v1/dialogues/:id/mail-previews': { right: 'view' },
  'GET /v1/dialogues/:id/mail-previews/:kind': { right: 'manage' },
  'POST /v1/dialogues/:id/mail-previews/:kind': { right: 'manage', body: { subject: '{title}' } },
  'GET /v1/dialogues/:id/privacy-notice': { right: 'view' },
  'PUT /v1/dialogues/:id/privacy-notice': { right: 'manage', body: { texts: { en: 'Another.' } } },
  'GET /v1/dialogues/:id/questions': { right: 'view' },
  'PUT /v1/dialogues/:id/questions?discard_answers=true': { right: 'manage', body: { questions: [] } },
  'GET /v1/registrations/:id/answers/:code/file': { right: 'see_sensitive' },

  // Its people.
  'POST /v1/dialogues/:id/imports': { right: 'manage', body: LIST },
  'GET /v1/imports/:id': { right: 'manage' },
  'GET /v1/imports/:id/mapping': { right: 'manage' },
  'PUT /v1/imports/:id/mapping': { right: 'manage', body: { mapping: { name: 'name' } } },
  'POST /v1/imports/:id/confirmation': { right: 'manage' },
  'POST /v1/imports/:id/undo': { right: 'manage' },
  'GET /v1/dialogues/:id/invitations': { right: 'view' },
  'POST /v1/dialogues/:id/invitations': {
    right: 'manage',
    body: ({ ids }) => ({ invitation_ids: [ids.prepared] }),
  },
  'POST /v1/invitations/:id/link': { right: 'manage' },
  'DELETE /v1/invitations/:id/link': { right: 'manage' },
  'GET /v1/dialogues/:id/registrations': { right: 'view' },
  'GET /v1/dialogues/:id/participants.csv': { right: 'view' },
  'POST /v1/registrations/:id/link': { right: 'manage' },
  'DELETE /v1/registrations/:id/link': { right: 'manage' },
  'POST /v1/registrations/:id/join-link': { right: 'manage' },
  'DELETE /v1/registrations/:id/join-link': { right: 'manage' },
  'GET /v1/dialogues/:id/attendance': { right: 'view' },
  'PUT /v1/dialogues/:id/attendance': {
    right: 'record',
    body: ({ ids }) => ({ registration_ids: [ids.registration] }),
  },
  'GET /v1/dialogues/:id/attendance/export': { right: 'view' },
  'POST /v1/dialogues/:id/arrivals': {
    right: 'record',
    body: ({ ids }) => ({ registration_id: ids.registration }),
  },
  'DELETE /v1/dialogues/:id/arrivals/:registration_id': { right: 'record' },
  'POST /v1/dialogues/:id/departures': {
    right: 'record',
    body: ({ ids }) => ({ registration_id: ids.nominee }),
  },
  'GET /v1/dialogues/:id/substitutions': { right: ['manage', 'approve'] },
  'POST /v1/substitutions/:id/approval': { right: ['manage', 'approve'] },
  'POST /v1/substitutions/:id/refusal': { right: ['manage', 'approve'], body: { reason: 'No.' } },

  'GET /v1/registrations/:id': { right: 'view' },
  'PATCH /v1/registrations/:id': { right: 'manage', body: { functional_title: 'Director' } },
  'POST /v1/dialogues/:id/approvals': {
    right: 'approve',
    body: ({ ids }) => ({ registration_ids: [ids.awaiting], decision: 'refused', reason: 'No.' }),
  },
  'GET /v1/registrations/:id/approvals': { right: 'view' },
  'GET /v1/dialogues/:id/registrations/export?format=json': { right: 'view' },
  'POST /v1/registrations/:id/erasure': { right: 'own' },
  'POST /v1/substitutions/:id/erasure': { right: 'own' },
  'POST /v1/note-names/:id/erasure': { right: 'own' },
  'POST /v1/people/:id/erasure': { mine: true },
  'GET /v1/dialogues/:id/purge': { right: 'own' },
  'POST /v1/dialogues/:id/purge': { right: 'own' },

  'GET /v1/dialogues/:id/participants-list?format=xlsx': { right: 'view' },

  // At the door.
  'GET /door/:dialogue_id': { door: 'record' },
  'POST /door/:dialogue_id': {
    door: 'record',
    body: ({ ids }) => ({ registration_id: ids.registration, what: 'arrival' }),
  },
  // Anyone who has no right there may be the one whose code it is.
  'GET /c/:token': { link: 'check-in' },
  'POST /c/:token': { door: 'record', body: { what: 'arrival' } },

  // Its delegations.
  'GET /v1/dialogues/:id/delegations': { right: 'view' },
  'POST /v1/dialogues/:id/delegations': { right: 'manage', body: { organisation: 'An agency', seats: 2 } },
  'PUT /v1/dialogues/:id/delegations': {
    right: 'manage',
    body: ({ ids }) => ({
      delegations: [{ organisation: 'An agency', seats: 2, focal_point: ids.focalPoint }],
    }),
  },
  'POST /v1/dialogues/:id/delegations/invitations': {
    right: 'manage',
    body: ({ ids }) => ({ delegation_ids: [ids.delegation] }),
  },
  'GET /v1/delegations/:id': { right: 'view' },
  'PATCH /v1/delegations/:id': { right: 'manage', body: { seats: 4 } },
  'DELETE /v1/delegations/:id': { right: 'manage' },
  'POST /v1/delegations/:id/link': { right: 'manage' },
  'DELETE /v1/delegations/:id/link': { right: 'manage' },
  'POST /v1/delegations/:id/release': { right: 'manage' },
  'POST /v1/delegations/:id/nominations': {
    right: 'manage',
    body: { nominees: [{ name: 'New Person', email: 'new.person@ministry.example', role: 'member' }] },
  },
  'POST /v1/delegations/:id/removals': {
    right: 'manage',
    body: ({ ids }) => ({ nominee_ids: [ids.nomineeInvitation] }),
  },

  // Its record.
  'GET /v1/dialogues/:id/note': { right: 'view' },
  'PUT /v1/dialogues/:id/note': {
    right: 'record',
    body: { introduction: 'x', summaries: [], interventions: [], way_forward: 'y' },
  },
  'GET /v1/dialogues/:id/note/preview': { right: 'view' },
  'GET /v1/dialogues/:id/note/publication': { right: 'view' },
  'POST /v1/dialogues/:id/note/publication': { right: 'manage' },
  'GET /v1/dialogues/:id/note/names': { right: 'own' },
  'GET /v1/dialogues/:id/commitments': { right: 'view' },

  // Pages of personal links.
  'GET /i/:key': { link: 'invitation' },
  'POST /i/:key/acceptance': { link: 'invitation', body: FORM },
  'POST /i/:key/declination': { link: 'invitation', body: { reason: 'x' } },
  'GET /r/:key': { link: 'registration' },
  'POST /r/:key': { link: 'registration', body: FORM },
  'POST /r/:key/confirmation': { link: 'registration' },
  'POST /r/:key/registration': { link: 'registration', body: FORM },
  'POST /r/:key/offer-acceptance': { link: 'registration' },
  'POST /r/:key/withdrawal': { link: 'registration' },
  'GET /i/:key/substitution': { link: 'invitation' },
  'POST /i/:key/substitution': { link: 'invitation', body: FORM },
  'GET /r/:key/substitution': { link: 'registration' },
  'POST /r/:key/substitution': { link: 'registration', body: FORM },
  'GET /r/:key/data': { link: 'registration' },
  'POST /r/:key/code': { link: 'registration' },
  'POST /r/:key/data': { link: 'registration', body: { code: '000000' } },
  'POST /r/:key/correction': { link: 'registration', body: { code: '000000', name: 'Renamed' } },
  'POST /r/:key/address': { link: 'registration', body: { code: '000000' } },
  'POST /r/:key/erasure': { link: 'registration', body: { code: '000000' } },
  'GET /n/:key': { link: 'delegation' },
  'POST /n/:key/nominations': { link: 'delegation', body: FORM },
  'POST /n/:key/removals': { link: 'delegation', body: ({ ids }) => ({ nominee: ids.nomineeInvitation }) },
  'POST /n/:key/substitutions/:id/approval': { link: 'delegation' },
  'POST /n/:key/substitutions/:id/refusal': { link: 'delegation', body: { reason: 'No.' } },
  'GET /r/:key/participants': { link: 'registration' },
  'GET /u/:token': { link: 'unsubscription' },
  'POST /u/:token': { link: 'unsubscription' },
  'POST /u/:token/undo': { link: 'unsubscription' },
  'GET /f/:token': { link: 'feed' },
  'GET /j/:token': { link: 'join' },
  'POST /j/:token': { link: 'join' },
};

/** Values of parameters that are not found by the part of the path before them. */
const PARAMETERS: Record<string, (world: World) => string> = {
  slug: ({ slug }) => slug,
  token: ({ links }) => links['check-in'],
  dialogue_id: ({ ids }) => ids.dialogue,
  organiser_id: ({ organisers }) => organisers.colleague.id,
  registration_id: ({ ids }) => ids.nominee,
  code: () => 'passport',
  mail_id: ({ mail }) => mail,
  kind: () => 'invitation',
  language: () => 'en',
  suppression_id: ({ ids }) => ids.suppression,
};

/** Whose id `/<part>/:id` is. */
const THINGS: Record<string, keyof World['ids']> = {
  dialogues: 'dialogue',
  processes: 'process',
  mechanisms: 'mechanism',
  people: 'people',
  tokens: 'token',
  imports: 'import',
  invitations: 'invitation',
  registrations: 'registration',
  delegations: 'delegation',
  substitutions: 'substitution',
  'note-names': 'noteName',
};

/** The address of a route in a world; `key` is that of a personal link. */
export function addressOf(route: string, world: World, key?: string): string {
  const parts = route.split(' ')[1]!.replace('*', '').split('/');
  return parts
    .map((part, index) => {
      if (!part.startsWith(':')) return part;
      const [name = '', query] = part.slice(1).split('?');
      const before = parts[index - 1]!;
      const value =
        key !== undefined && index === 2
          ? key
          : (PARAMETERS[name]?.(world) ?? (THINGS[before] && world.ids[THINGS[before]]));
      if (value === undefined) throw new Error(`What is ${part} in ${route}? Say it in PARAMETERS.`);
      return query === undefined ? value : `${value}?${query}`;
    })
    .join('/');
}

/** What a route takes from anyone who may, in a world. */
export function bodyOf({ body }: Entry, world: World): object | string | undefined {
  return typeof body === 'function' ? body(world) : body;
}

/** A body as it is sent to this address, with the header that says what it is: pages take forms, the API takes JSON or lists. */
export function payloadOf(
  url: string,
  body: object | string | undefined,
): { content: Record<string, string>; payload?: string } {
  if (body === undefined) return { content: {} };
  if (typeof body === 'string')
    return { content: { 'content-type': 'text/csv; charset=utf-8' }, payload: body };
  if (url.startsWith('/v1/'))
    return { content: { 'content-type': 'application/json' }, payload: JSON.stringify(body) };
  return {
    content: { 'content-type': 'application/x-www-form-urlencoded' },
    payload: new URLSearchParams(body as Record<string, string>).toString(),
  };
}
