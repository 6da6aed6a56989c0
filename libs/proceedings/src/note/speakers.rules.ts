import type { LeftOut } from '../annex/annex.rules';
import type { MeantPerson } from './people.rules';

/** Somebody named in the text of a note whom its annex would not list. */
export interface MissingSpeaker {
  name: string;
  /** As in the annex; `not_registered`: nobody of this name is registered. */
  why: LeftOut | 'not_registered';
}

/** Everybody whom the text of a note names, in its order, and whom its annex leaves out. */
export function missingSpeakers(
  people: readonly MeantPerson[],
  listed: ReadonlySet<string>,
  whyLeftOut: (registrationId: string) => LeftOut | undefined,
): MissingSpeaker[] {
  return people
    .filter(({ registrationIds }) => !registrationIds.some((id) => listed.has(id)))
    .map(({ name, registrationIds: [first] }) => ({
      name,
      // Who is registered and neither listed nor left out has withdrawn, or was never confirmed.
      why: first === undefined ? 'not_registered' : (whyLeftOut(first) ?? 'not_confirmed'),
    }));
}
