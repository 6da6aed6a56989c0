import { canonicalCountry } from '../../../directory/src/states/states.rules';
import { nameKey } from '../../../platform/src/keys';
import type { NamedPerson } from './note.rules';

/**
 * For whom somebody took part, which is what a published note says once their name is gone: a State (ISO 3166-1
 * alpha-2), else a mechanism or an organization by its name, else nobody known.
 */
export interface Represents {
  country: string | null;
  body: string | null;
}

/** Someone of the dialogue whom a name in its note may mean. */
export interface PersonOfDialogue extends Omit<NamedPerson, 'name'> {
  /** Of their name. */
  key: string;
  /** 1: invited and taking part; 2: invited; 3: taking part, and came by the open link. */
  rank: number;
  registrationId: string | null;
  personId: string | null;
  country: string | null;
  capacity: string | null;
  /** Name of their mechanism. */
  mechanism: string | null;
  /** The organization in whose delegation they are. */
  organisation: string | null;
}

/** A name in the text of the note, with what is known of the person and by what their erasure finds it. */
export interface MeantPerson extends NamedPerson {
  /** The registrations that it may mean: several where people of one name took part. */
  registrationIds: string[];
  /** The entry of the directory that it means. */
  personId: string | null;
  represents: Represents;
}

/** For whom they took part: the State, else the mechanism, else the organization. */
export function representedBy(
  person: Pick<PersonOfDialogue, 'affiliation' | 'country' | 'capacity' | 'mechanism' | 'organisation'> & {
    name: string;
  },
): Represents {
  // The country of an agency's staff is where its office is: they speak for the agency, never for that State.
  const isStaff = nameKey(person.capacity ?? '') === 'staff';
  const country = person.country === null ? null : canonicalCountry(person.country);
  if (country && !isStaff) return { country, body: null };
  const bodies = [person.mechanism, person.affiliation, person.organisation];
  // An organization that is called after the person would name them.
  return { country: null, body: bodies.find((body) => body && !contains(body, person.name)) ?? null };
}

function contains(text: string, name: string): boolean {
  return ` ${nameKey(text)} `.includes(` ${nameKey(name)} `);
}

/**
 * Who is meant by a name, of the people of the dialogue that have it. The invited go before anyone who came by the open link:
 * nobody must put a title on somebody else. Of two neither is taken for the one named: a note without a title is better
 * than one with somebody else's. Both stay linked to the name, which goes once both are erased. Where nobody of the invited
 * registered by their invitation, the people who came by the open link under that name are linked: one may be the invited
 * person, under another address, and their erasure must find the name.
 */
export function meantBy(name: string, namesakes: readonly PersonOfDialogue[]): MeantPerson {
  const rank = Math.min(...namesakes.map((person) => person.rank));
  const meant = namesakes.filter((person) => person.rank === rank);
  const [only] = meant.length === 1 ? meant : [];
  const linked = meant.some(({ registrationId }) => registrationId !== null) ? meant : namesakes;
  const represented = meant.map((person) => representedBy({ ...person, name }));
  const isOne = new Set(represented.map(({ country, body }) => `${country} ${body}`)).size === 1;
  return {
    honorific: only?.honorific ?? null,
    name,
    functional_title: only?.functional_title ?? null,
    affiliation: only?.affiliation ?? null,
    registrationIds: linked.flatMap(({ registrationId }) => registrationId ?? []),
    personId: only?.personId ?? null,
    represents: isOne ? represented[0]! : { country: null, body: null },
  };
}
