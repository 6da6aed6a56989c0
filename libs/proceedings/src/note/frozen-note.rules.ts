import { withEntries, type Annex, type AnnexEntry } from '../annex/annex.rules';
import { withPeople, type NamedPerson, type NoteDocument } from './note.rules';
import type { MeantPerson, Represents } from './people.rules';

/**
 * A published note: never changed again. It holds no name of a person: each stands beside it, under the id that it has
 * here, so that a name can be replaced and the record stay what it is.
 */
export interface FrozenNote extends NoteDocument<string> {
  annex: Annex<{ number: number; person: string }>;
}

/** A name beside a published note, as it was when the note was published. */
export interface FrozenName {
  id: string;
  /** Whether it is a line of the annex, not of the text. */
  inAnnex: boolean;
  registrationIds: string[];
  personId: string | null;
  honorific: string | null;
  name: string;
  functionalTitle: string | null;
  affiliation: string | null;
  role: string | null;
  mechanism: string | null;
  country: string | null;
  body: string | null;
}

/** Instead of somebody whose name is replaced: for whom they took part. */
export interface Replaced {
  represents: Represents;
}

/** A note as everybody reads it. Whose name is replaced stands in it as whom they represented. */
export interface ReadableNote {
  document: NoteDocument<NamedPerson | Replaced>;
  annex: Annex<AnnexEntry | (Replaced & { number: number })>;
}

/** A participant as the annex lists them, with what they are found by later. */
type Listed = AnnexEntry & {
  of: { registrationId: string; personId: string | null; represents: Represents };
};

/** Takes the names out of a note that is to be published. A name that stands in its text more than once is one. */
export function freezeNote(
  document: NoteDocument<MeantPerson>,
  annex: Annex<Listed>,
  newId: () => string,
): { frozen: FrozenNote; names: FrozenName[] } {
  const names: FrozenName[] = [];
  const inText = new Map<string, string>();
  const keep = (name: Omit<FrozenName, 'id'>): string => {
    const id = newId();
    names.push({ id, ...name });
    return id;
  };
  const person = (meant: MeantPerson): string => {
    let id = inText.get(meant.name);
    if (id === undefined) {
      const { registrationIds, personId, honorific, name, affiliation, represents } = meant;
      id = keep({
        inAnnex: false,
        registrationIds,
        personId,
        honorific,
        name,
        functionalTitle: meant.functional_title,
        affiliation,
        role: null,
        mechanism: null,
        ...represents,
      });
      inText.set(name, id);
    }
    return id;
  };
  const line = ({ number, of, ...entry }: Listed) => ({
    number,
    person: keep({
      inAnnex: true,
      registrationIds: [of.registrationId],
      personId: of.personId,
      functionalTitle: null,
      ...entry,
      ...of.represents,
    }),
  });
  return { frozen: { ...withPeople(document, person), annex: withEntries(annex, line) }, names };
}

/** Puts the names beside a published note into it, and in the place of those that are replaced whom they represented. */
export function readFrozen(
  { annex, ...document }: FrozenNote,
  names: readonly (FrozenName & { isReplaced: boolean })[],
): ReadableNote {
  const byId = new Map(names.map((name) => [name.id, name]));
  const read = <Line>(id: string, toLine: (name: FrozenName) => Line): Line | Replaced => {
    const name = byId.get(id);
    // Without a row nobody can be named, whatever became of it.
    if (!name || name.isReplaced)
      return { represents: { country: name?.country ?? null, body: name?.body ?? null } };
    return toLine(name);
  };
  return {
    document: withPeople(document, (id) =>
      read(id, ({ honorific, name, functionalTitle, affiliation }): NamedPerson => ({
        honorific,
        name,
        functional_title: functionalTitle,
        affiliation,
      })),
    ),
    annex: withEntries(annex, ({ number, person: id }) => ({
      number,
      ...read(id, ({ honorific, name, affiliation, role, mechanism }): Omit<AnnexEntry, 'number'> => ({
        honorific,
        name,
        affiliation,
        role,
        mechanism,
      })),
    })),
  };
}
