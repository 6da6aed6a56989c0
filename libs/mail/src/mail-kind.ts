import type { Placeholder } from './wordings/wordings.rules';

/** The contract under which a mail is queued. Declared by the lib that causes the mail (design, idea 2). */
export interface MailKind {
  /** Stable name, stored in the ledger. */
  readonly name: string;
  /** What `subject_id` refers to. */
  readonly about:
    'registration' | 'invitation' | 'delegation' | 'substitution' | 'organiser' | 'sign-in link';
  /**
   * Whether its reader may do without: it is not strictly about their own registration (RFC 8058). An unsubscription holds
   * for everything of this sort about one subject, so that of an invitation covers its chasers and its changes.
   */
  readonly unsubscribable?: true;
  /**
   * Whether its reader has just asked for it and waits: it goes to an address that bounced before, too, and no rate limit
   * holds it up. Only where asking is limited by itself.
   */
  readonly awaited?: true;
  /** What an organiser's own words may name beside what all may; without it they can't adapt the mail. */
  readonly ownWords?: readonly Placeholder[];
  /** Whether a stranger may have typed the name of its reader: then the mail names nobody, and no words of its own may. */
  readonly namesNobody?: true;
}

const declared = new Map<string, MailKind>();

/**
 * Declares a kind of mail. A renderer must be registered for it, or the worker does not boot.
 * @throws Error when the name is taken.
 */
export function declareMailKind(kind: MailKind): MailKind {
  if (declared.has(kind.name)) throw new Error(`Mail kind ${kind.name} is declared twice.`);
  declared.set(kind.name, kind);
  return kind;
}

/** Every kind that any loaded lib declares. */
export function mailKinds(): readonly MailKind[] {
  return [...declared.values()];
}
