import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { ROOT } from './system';

const DATA = join(ROOT, 'test/rehearsal/data');

/** Every language that is spoken here: each of the readers has their own. */
export const SPOKEN = ['ar', 'en', 'es', 'fr', 'ru', 'zh'];

/** Someone of the reference list, or who comes by the open link (numbers from 101). */
export interface Person {
  number: number;
  honorific: string;
  name: string;
  title: string;
  email: string;
  affiliation: string;
  country: string;
  mechanism: string;
  capacity: string;
  /** BCP 47. */
  language: string;
  /** IANA. */
  timeZone: string;
}

export interface ReferenceDialogue {
  dialogue: {
    title: string;
    purpose: string;
    time_zone: string;
    venue: { kind: string; platform: string; join_url: string };
    working_languages: string[];
    hosts: string[];
    documents: { title: string; url: string }[];
  };
  mechanisms: { code: string; name: string; also_known_as?: string[]; seats: number }[];
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
}

export const reference = JSON.parse(readFileSync(join(DATA, 'dialogue.json'), 'utf8')) as ReferenceDialogue;

/** The list as an organiser would upload it. */
export const listOfInvitees = readFileSync(join(DATA, 'participants.csv'), 'utf8');

export const invitees: Person[] = (
  parse(listOfInvitees, { columns: true, bom: true }) as Record<string, string>[]
).map((row) => ({
  number: Number(row['no']),
  honorific: row['honorific'] ?? '',
  name: row['name'] ?? '',
  title: row['title'] ?? '',
  email: row['email'] ?? '',
  affiliation: row['affiliation'] ?? '',
  country: row['country'] ?? '',
  mechanism: row['mechanism'] ?? '',
  capacity: row['capacity'] ?? '',
  language: row['language'] ?? '',
  timeZone: row['time_zone'] ?? '',
}));

function passerBy(number: number, name: string, email: string, language: string, timeZone: string): Person {
  return {
    number,
    honorific: '',
    name,
    title: '',
    email,
    affiliation: 'Observatory on Mobility',
    country: '',
    mechanism: '',
    capacity: 'observer',
    language,
    timeZone,
  };
}

/** They have no invitation and come by the open link. */
export const passersBy: Person[] = [
  passerBy(101, 'Ottilie Brandvold', 'ottilie.brandvold@observatory.example', 'en', 'Europe/Oslo'),
  passerBy(102, 'Thibault Marchandeau', 'thibault.marchandeau@observatory.example', 'fr', 'Europe/Paris'),
  passerBy(103, 'ليلى الحوراني', 'layla.alhourani@observatory.example', 'ar', 'Asia/Amman'),
  passerBy(104, 'Quentin Abelard', 'quentin.abelard@observatory.example', 'fr', 'America/Toronto'),
];

export const organiser = { name: 'Nour Haddad', email: 'nour.haddad@secretariat.example' };

export const everyone = [...invitees, ...passersBy];

export function person(number: number): Person {
  const found = everyone.find((one) => one.number === number);
  if (!found) throw new Error(`Nobody has the number ${number}.`);
  return found;
}

/** Whom the agenda names as speaker or moderator. */
export const namedInAgenda = new Set(
  reference.agenda.flatMap((session) => [
    session.moderator,
    ...session.items.flatMap((item) => [item.moderator, ...(item.speakers ?? [])]),
  ]),
);

/**
 * Who does what, by number in the list, so that every run is the same.
 * 67 of the 79 accept and three come by the open link, for 60 places: ten wait, and some of them move up.
 */
export const parts = {
  places: 60,
  /** Never answer. */
  silent: [7, 20, 33, 46, 58, 72, 79],
  /** Decline, some with a reason. */
  decline: new Map([
    [11, ''],
    [27, 'Travelling on that day.'],
    [39, 'لن أكون متاحة في هذا الموعد.'],
    [52, ''],
    [66, 'Une autre réunion à la même heure.'],
  ]),
  /** Accept, or come by the open link, one after the other when the last places go; the others all at once before. */
  oneByOne: [5, 10, 101, 15, 30, 35, 102, 40, 45, 50, 60, 65, 103, 70],
  /** Registers by the open link and never confirms the address. */
  forgetful: 104,
  /** Is registered already, two of them, and registers by the open link again with the address written otherwise. */
  forgetsThatTheyAre: 44,
  /** Do not want to be listed. */
  unlisted: [11, 22, 28, 44, 55, 66, 77, 102],
  /** Changes language, zone and consent through the own link. */
  edits: { number: 38, language: 'fr', timeZone: 'Europe/Paris' },
  /** Withdraw soon, in this order; the third of them is on the waitlist. */
  withdrawEarly: [8, 22, 45, 37],
  /** Withdraws and comes back, to the end of the waitlist. */
  returns: 48,
  /** A speaker who withdraws after the first reminder. */
  speakerWithdraws: 75,
  /** Withdraws between the last two reminders; somebody moves up who shall get only the last. */
  withdrawsLate: 26,
  /** Their server says at once that there is no such address (550 5.1.1 at RCPT): silent, whether they want or not. */
  refused: [7, 20],
  /** One of them is written to at the right address from then on. */
  corrected: { number: 20, email: 'benoit.lacheret@relief.example' },
  /** Their invitation is taken and comes back: by SMTP, and in the folder. */
  bounces: 33,
  bouncesByFolder: 46,
  /** Their confirmation comes back; later the organiser hears that the address is right after all. */
  bouncesLate: 47,
  /** The mailbox is full when the invitation comes (4.2.2); the organiser sends it again. */
  fullMailbox: 58,
  /** A machine answers in their name that they are on holiday. */
  onHoliday: 49,
  /** A stranger says that their invitation did not arrive. */
  slandered: 79,
  /** Want no more such mails: one stays silent, one accepts all the same. */
  unsubscribe: [72, 71],
  /** Press Decline in their calendar: withdraws by the link; does nothing; presses it twice. */
  declineInCalendar: { andWithdraws: 53, andKeeps: 56, twice: 57 },
  /** Presses Accept in the calendar. */
  acceptsInCalendar: 61,
  /** Withdraw from the waitlist while their servers put mails off, which the organiser holds: one is back meanwhile. */
  heldBack: { returns: 103, staysAway: 70 },
} as const;

export function answersBy(number: number): 'silent' | 'decline' | 'accept' {
  if ((parts.silent as readonly number[]).includes(number)) return 'silent';
  return parts.decline.has(number) ? 'decline' : 'accept';
}
