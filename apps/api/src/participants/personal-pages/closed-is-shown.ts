import { Problem } from '@app/platform';

const SHOWN = [
  'dialogue_postponed',
  'dialogue_cancelled',
  'dialogue_over',
  'registration_withdrawn',
  'registration_refused',
  'offer_lapsed',
  'invitation_removed',
  'nominations_closed',
];

/**
 * What was done; null when it was refused because of where the dialogue or the registration stands by now. Nothing was
 * changed then, and the page, which is shown next, says in its reader's words how it stands.
 */
export async function closedIsShown<Result>(work: Promise<Result>): Promise<Result | null> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof Problem && SHOWN.includes(error.code)) return null;
    throw error;
  }
}
