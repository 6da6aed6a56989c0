import { nameKey } from '../../../platform/src/keys';

/** A mechanism as the annex names it. */
export interface AnnexMechanism {
  code: string;
  name: string;
}

/** Someone who took part, whether or not they may be listed. */
export interface AnnexParticipant {
  honorific: string | null;
  name: string;
  affiliation: string | null;
  /** The role in which they attended: "co-chair", "secretariat". */
  capacity: string | null;
  /** Code of their mechanism. */
  mechanism: string | null;
  consentToBeListed: boolean;
}

/** A line of the numbered list of participants. */
export interface AnnexEntry {
  /** From 1, through all groups. */
  number: number;
  honorific: string | null;
  name: string;
  affiliation: string | null;
  /** The role as written, where it is one and the affiliation does not say it. */
  role: string | null;
  /** Code of their mechanism, where the affiliation does not say it. */
  mechanism: string | null;
}

/** The annex of a note for file (domain.md, 12). What stands for a line depends on who holds it, as in the note. */
export interface Annex<Entry = AnnexEntry> {
  /** Mechanisms of which someone took part, by code. */
  mechanisms: AnnexMechanism[];
  /** Participants who consented, by mechanism in the order above, then those of none. */
  groups: { mechanism: AnnexMechanism | null; entries: Entry[] }[];
}

/** The same annex with something else in the place of each line. */
export function withEntries<From, To>(annex: Annex<From>, to: (entry: From) => To): Annex<To> {
  return {
    ...annex,
    groups: annex.groups.map(({ mechanism, entries }) => ({ mechanism, entries: entries.map(to) })),
  };
}

/** Why somebody of the dialogue is not in the list of its annex. */
export type LeftOut = 'not_confirmed' | 'not_noted' | 'no_consent';

/**
 * Why somebody is not in the list; null when they are. Those who attended are listed where attendance was kept, else those
 * confirmed, a change of theirs still to be approved or not: they have their place. Anyone who has withdrawn since is left
 * out even if they attended.
 */
export function leftOut(
  { takesPart, attended, consent }: { takesPart: boolean; attended: boolean; consent: string },
  wasAttendanceKept: boolean,
): LeftOut | null {
  if (!takesPart) return 'not_confirmed';
  if (wasAttendanceKept && !attended) return 'not_noted';
  return consent === 'never' ? 'no_consent' : null;
}

/** One order of names on every machine, whatever the reader's language: ignores case, minds accents last. */
const collator = new Intl.Collator('en', { numeric: true });

/**
 * What stands in brackets after the affiliation: "(former co-chair, 5+5)". To be on an agency's staff is no role; what
 * the affiliation already says in brackets of its own is not said twice.
 */
export function besideAffiliation(
  affiliation: string | null,
  capacity: string | null,
  mechanism: string | null,
): Pick<AnnexEntry, 'role' | 'mechanism'> {
  const role = capacity?.trim() && nameKey(capacity) !== 'staff' ? capacity.trim() : null;
  const said = [...(affiliation ?? '').matchAll(/\(([^)]*)\)/gu)].map(([, text]) => nameKey(text!));
  const bracket = [role, mechanism].filter((part) => part).join(', ');
  const isSaid = said.includes(nameKey(bracket)) || (role !== null && said.includes(nameKey(role)));
  return isSaid ? { role: null, mechanism: null } : { role, mechanism };
}

/** Within a mechanism its chairs come first, then former ones, then everybody else. */
export function rankOfCapacity(capacity: string | null): number {
  switch (capacity === null ? '' : nameKey(capacity)) {
    case 'chair':
      return 0;
    case 'co-chair':
      return 1;
    case 'former chair':
    case 'former co-chair':
      return 2;
    default:
      return 3;
  }
}

/**
 * Composes the annex from those who took part. Everybody counts for the list of mechanisms, which names no person;
 * only who consented stands in the list of participants.
 *
 * Order: mechanisms by code; in each its chairs, then by name; those of no mechanism by affiliation, then by name.
 * Each line says whose it is.
 */
export function composeAnnex<Participant extends AnnexParticipant>(
  participants: Participant[],
  mechanisms: AnnexMechanism[],
): Annex<AnnexEntry & { of: Participant }> {
  const present = mechanisms
    .filter(({ code }) => participants.some(({ mechanism }) => mechanism === code))
    .toSorted((one, other) => collator.compare(one.code, other.code));
  const listed = participants.filter(({ consentToBeListed }) => consentToBeListed);
  const known = new Set(present.map(({ code }) => code));
  let number = 0;
  const groups = [...present, null].map((mechanism) => ({
    mechanism,
    entries: listed
      .filter((participant) =>
        mechanism
          ? participant.mechanism === mechanism.code
          : participant.mechanism === null || !known.has(participant.mechanism),
      )
      .toSorted(
        (one, other) =>
          (mechanism
            ? rankOfCapacity(one.capacity) - rankOfCapacity(other.capacity)
            : collator.compare(one.affiliation ?? '', other.affiliation ?? '')) ||
          collator.compare(one.name, other.name),
      )
      .map((participant) => ({
        of: participant,
        number: ++number,
        honorific: participant.honorific,
        name: participant.name,
        affiliation: participant.affiliation,
        ...besideAffiliation(participant.affiliation, participant.capacity, participant.mechanism),
      })),
  }));
  return { mechanisms: present, groups: groups.filter(({ entries }) => entries.length > 0) };
}
