import type { DialogueState } from '@app/dialogues';

/** What decides whether news of a dialogue are still to be sent to a focal point. */
export interface DelegationNewsFacts {
  kind: 'change' | 'postponement' | 'cancellation';
  /** `asked`: whether it is still the one who was asked to nominate. */
  delegation: { linkGeneration: number; asked: boolean };
  dialogue: { state: DialogueState; started: boolean };
  /** The generation of the link that a change was to carry. */
  generation: number;
  /** Whether a later mail of this kind waits for the same delegation. */
  newerQueued: boolean;
}

/** Why news for a focal point are no longer warranted; null when they are. */
export function staleDelegationNews(facts: DelegationNewsFacts): string | null {
  const { kind, delegation, dialogue, generation, newerQueued } = facts;
  if (!delegation.asked) return 'Another focal point was named by now.';
  const holds = { change: 'published', postponement: 'postponed', cancellation: 'cancelled' }[kind];
  if (dialogue.state !== holds) return `The dialogue is ${dialogue.state} by now.`;
  if (kind === 'change' && delegation.linkGeneration !== generation) {
    return 'The link it was to carry is revoked.';
  }
  if (kind === 'change' && dialogue.started) return 'The dialogue has started.';
  return newerQueued ? 'A later mail tells of a later change.' : null;
}

/** What decides whether a focal point is still to be written to. */
export interface DelegationFacts {
  /** What the mail is for: to ask, to remind of empty seats, to tell who is silent. */
  kind: 'request' | 'empty' | 'silence';
  delegation: {
    linkGeneration: number;
    closed: boolean;
    /** How many seats nobody is nominated for. */
    empty: number;
    /** How many nominees have not answered. */
    silent: number;
  };
  dialogue: { state: DialogueState; started: boolean };
  /** The generation of the link that this mail was to carry. */
  generation: number;
}

/** Why a mail to a focal point is no longer warranted; null when it is. */
export function staleDelegationMail({
  kind,
  delegation,
  dialogue,
  generation,
}: DelegationFacts): string | null {
  if (delegation.linkGeneration !== generation) return 'The link it was to carry is revoked.';
  if (dialogue.state !== 'published') return `The dialogue is ${dialogue.state}.`;
  if (dialogue.started) return 'The dialogue has started.';
  if (kind !== 'silence' && delegation.closed) return 'Nominations are closed.';
  if (kind === 'empty' && delegation.empty <= 0) return 'All seats have a nominee by now.';
  if (kind === 'silence' && delegation.silent === 0) return 'Every nominee has answered by now.';
  return null;
}
