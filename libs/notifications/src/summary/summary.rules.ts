import type { RegistrationState } from '@app/participants';

/** Why mailing the note is no longer warranted; null when it is. */
export function staleSummary(facts: {
  published: boolean;
  registration: { state: RegistrationState };
  newerQueued: boolean;
}): string | null {
  if (!facts.published) return 'The note is not published.';
  if (facts.registration.state !== 'confirmed' && facts.registration.state !== 'under_review')
    return `The registration is ${facts.registration.state} by now.`;
  return facts.newerQueued ? 'A later mail tells of it.' : null;
}
