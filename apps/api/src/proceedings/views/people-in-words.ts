import { countryName } from '@app/directory';
import { foreign, sign, t, type Language } from '@app/mail';
import {
  withEntries,
  withPeople,
  type Annex,
  type AnnexEntry,
  type NamedPerson,
  type NoteDocument,
  type ParticipantsList,
  type ReadableNote,
  type Replaced,
  type Represents,
} from '@app/proceedings';

/** The text that replaces a name in a published note: "The representative of Morocco". */
export function representative(language: Language, { country, body }: Represents): string {
  const represented = country
    ? stateInSentence(language, countryName(country, language), country)
    : body && foreign(language, body);
  return represented ? t(language, 'note.representative', { represented }) : t(language, 'note.participant');
}

/** A note as its page shows it: everybody by name, or as whom they represented. */
export function noteInWords(
  { document, annex }: ReadableNote,
  language: Language,
): { document: NoteDocument; annex: Annex } {
  const inWords = (person: NamedPerson | Replaced): NamedPerson =>
    'name' in person ? person : { ...nameless(language, person), functional_title: null };
  return { document: withPeople(document, inWords), annex: annexInWords(annex, language) };
}

/** The list of participants as it is handed out, in the same words as the annex of the note. */
export function listWithWords(list: ParticipantsList, language: Language): ParticipantsList<Annex> {
  return { ...list, annex: annexInWords(list.annex, language) };
}

function annexInWords(annex: ReadableNote['annex'], language: Language): Annex {
  return withEntries(annex, (entry): AnnexEntry => {
    const { number } = entry;
    if (!('name' in entry)) return { number, ...nameless(language, entry), role: null, mechanism: null };
    // Only what a line says: one that is not published yet also knows whose it is.
    const { honorific, name, affiliation, role, mechanism } = entry;
    return { number, honorific, name, affiliation, role, mechanism };
  });
}

function nameless(language: Language, { represents }: Replaced) {
  return { honorific: null, name: representative(language, represents), affiliation: null };
}

/** States that take an article in an English sentence, where no word of their name says so. */
const WITH_ARTICLE = 'BS CG CK GM KM MH MV NL PH'.split(' ');

/**
 * The name of a State as a sentence has it. In English "Iran (Islamic Republic of)" becomes "the Islamic Republic of Iran";
 * the patterns of the other languages set it in brackets beside the noun, where it needs no article and no case.
 */
function stateInSentence(language: Language, name: string, country: string): string {
  const [, short, described] = /^([^(]+) \((.+)\)$/u.exec(name) ?? [];
  if (language !== 'en') return short ? `${short}${sign(language, ',')}${described}` : name;
  if (short && / of(?: the)?$/u.test(described!)) return `the ${described} ${short}`;
  const isDescribed = /\b(?:Republic|Federation|Kingdom|Emirates|States|State|Holy See)\b/u.test(name);
  return isDescribed || WITH_ARTICLE.includes(country) ? `the ${name}` : name;
}
