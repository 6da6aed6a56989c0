import type { FieldProblem } from '@app/platform';
import { languageRemedy } from '../../../directory/src/languages.rules';
import { canonicalCountry, countryRemedy } from '../../../directory/src/states/states.rules';
import { canonicalLanguage, canonicalTimeZone } from '../../../directory/src/tags.rules';
import { isAddress, nameKey } from '../../../platform/src/keys';
import { oneLine, plainAddress } from '../../../platform/src/stored-text.rules';
import { holdsWebAddress } from '../../../platform/src/web-address.rules';
import type { Attends, ConsentToBeListed } from './registration.entity';

/** What someone typed into the form, or sent as JSON. A field that is not there keeps the value it had. */
export interface RegistrationInput {
  honorific?: string;
  name?: string;
  functional_title?: string;
  email?: string;
  affiliation?: string;
  country?: string;
  /** Code of a mechanism, or any of its names. */
  mechanism?: string;
  capacity?: string;
  /** In a hybrid dialogue: in the room or online. */
  attends?: Attends;
  language?: string;
  time_zone?: string;
  consent_to_be_listed?: ConsentToBeListed;
}

/** What someone tells about themselves for one dialogue and its record. */
export interface RegistrationData {
  honorific: string | null;
  functionalTitle: string | null;
  affiliation: string | null;
  country: string | null;
  mechanismId: string | null;
  capacity: string | null;
  /** In the room or online; null where the dialogue is not both. */
  attends: Attends | null;
  language: string;
  timeZone: string;
  consentToBeListed: ConsentToBeListed;
}

/** A mechanism by which a form or a list may name it. */
export interface KnownMechanism {
  id: string;
  code: string;
  name: string;
  /** Code, name and other names, for comparison. */
  nameKeys: string[];
}

/** The most characters of a single line of text. */
export const MOST_CHARACTERS = 300;

const details: Record<string, string> = {
  required: 'is needed.',
  too_long: `has more than ${MOST_CHARACTERS} characters; shorten it.`,
  attends_unknown: 'is in_person or virtual: this dialogue is held in a room and online.',
  consent_unknown: 'is one of before (listed already before the dialogue), after (in its record) and never.',
  email_invalid: 'is no address to which a mail can be sent; write it as name@organisation.example.',
  name_has_link: 'has a web address or an @ in it. Write the name alone, with a space after each dot.',
  mechanism_unknown: 'is no mechanism of this organiser; give its code or one of its names.',
  time_zone_unknown:
    'is no time zone; give its IANA name, such as Africa/Cairo, not an abbreviation or an offset.',
};

/** The mechanism that is meant by a code or by any of its names. */
export function mechanismCalled(
  called: string,
  mechanisms: readonly KnownMechanism[],
): KnownMechanism | undefined {
  const key = nameKey(called);
  return mechanisms.find(({ nameKeys }) => nameKeys.includes(key));
}

/** A wrong field, with the words for the API; pages have their own words for the code. */
export function wrongField(field: string, code: string, words = details[code]): FieldProblem {
  return { field, code, detail: `${field} ${words}` };
}

/**
 * Reads what someone tells about themselves, over what was known before. What is wrong is told by field, and the value
 * known before stays in its place.
 * @param asksAttends whether they say, and must say, if they come or join online: in a hybrid dialogue, unless their
 * delegation has decided; else what was known stays.
 */
export function readRegistration(
  input: RegistrationInput,
  known: RegistrationData,
  mechanisms: readonly KnownMechanism[],
  asksAttends = false,
): { data: RegistrationData; errors: FieldProblem[] } {
  const errors: FieldProblem[] = [];
  const data = { ...known };
  const read = (
    field: keyof RegistrationInput,
    write: (value: string | null) => FieldProblem | string | void,
  ): void => {
    const given = input[field];
    if (given === undefined || given === null) return;
    const value = oneLine(String(given));
    const wrong = value && value.length > MOST_CHARACTERS ? 'too_long' : write(value);
    if (wrong) errors.push(typeof wrong === 'string' ? wrongField(field, wrong) : wrong);
  };
  read('honorific', (value) => {
    if (value !== known.honorific && nameProblem(value)) return 'name_has_link';
    data.honorific = value;
  });
  read('functional_title', (value) => void (data.functionalTitle = value));
  read('affiliation', (value) => {
    if (!value) return 'required';
    data.affiliation = value;
  });
  read('country', (value) => {
    // What was stored before the list was as it is stays, when a form sends it back.
    const country = value && (value === known.country ? value : canonicalCountry(value));
    if (value && !country) return wrongField('country', 'country_unknown', countryRemedy(value));
    data.country = country;
  });
  read('mechanism', (value) => {
    const mechanism = value ? mechanismCalled(value, mechanisms) : null;
    if (mechanism === undefined) return 'mechanism_unknown';
    data.mechanismId = mechanism && mechanism.id;
  });
  read('capacity', (value) => void (data.capacity = value));
  if (asksAttends) {
    read('attends', (value) => {
      if (!value) return void (data.attends = null);
      if (value !== 'in_person' && value !== 'virtual') return 'attends_unknown';
      data.attends = value;
    });
    if (!data.attends && !errors.some(({ field }) => field === 'attends')) {
      errors.push(wrongField('attends', 'required'));
    }
  }
  read('language', (value) => {
    const language = value && (value === known.language ? value : canonicalLanguage(value));
    if (!language) return wrongField('language', 'language_unknown', languageRemedy(value ?? ''));
    data.language = language;
  });
  read('time_zone', (value) => {
    const timeZone = value && (value === known.timeZone ? value : canonicalTimeZone(value));
    if (!timeZone) return 'time_zone_unknown';
    data.timeZone = timeZone;
  });
  read('consent_to_be_listed', (value) => {
    if (value !== 'before' && value !== 'after' && value !== 'never') return 'consent_unknown';
    data.consentToBeListed = value;
  });
  return { data, errors };
}

/**
 * What is wrong with a name, or an honorific, that comes from outside: Plenary mails it to an address that came with it,
 * so that anyone who writes a link into it would have us send that to anybody.
 */
export function nameProblem(name: string | null): 'too_long' | 'name_has_link' | null {
  if (name === null) return null;
  if (name.length > MOST_CHARACTERS) return 'too_long';
  return holdsWebAddress(name) ? 'name_has_link' : null;
}

/** Reads who registers by the open link: name and address, which nobody knows before, and an affiliation. */
export function readNewcomer(
  input: RegistrationInput,
  known: RegistrationData,
  mechanisms: readonly KnownMechanism[],
  asksAttends = false,
): { name: string; email: string; data: RegistrationData; errors: FieldProblem[] } {
  const name = oneLine(input.name);
  const email = plainAddress(input.email ?? '');
  const errors: FieldProblem[] = [];
  const wrong = name ? nameProblem(name) : 'required';
  if (wrong) errors.push(wrongField('name', wrong));
  if (!email) errors.push(wrongField('email', 'required'));
  else if (!isAddress(email)) errors.push(wrongField('email', 'email_invalid'));
  const rest = readRegistration(
    { ...input, affiliation: input.affiliation ?? '' },
    known,
    mechanisms,
    asksAttends,
  );
  return { name: name ?? '', email, data: rest.data, errors: [...errors, ...rest.errors] };
}
