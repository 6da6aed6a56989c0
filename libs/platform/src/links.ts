import { createHmac, timingSafeEqual } from 'node:crypto';

/** What a link is for; a link for one purpose opens nothing else. */
export type LinkPurpose = 'invitation' | 'registration' | 'delegation' | 'join' | 'check-in' | 'sign-in';

/**
 * Composes and reads secret links (design, idea 8): the token is an id and an HMAC-SHA-256 under `LINK_KEY` of
 * purpose, id and generation. So nothing secret is at rest, and raising the generation revokes.
 */
export class Links {
  constructor(private readonly key: string) {}

  /** The token: 22 characters of id, 43 of HMAC, base64url (RFC 4648, 5). */
  compose(purpose: LinkPurpose, id: string, generation: number): string {
    return (
      Buffer.from(id.replaceAll('-', ''), 'hex').toString('base64url') + this.mac(purpose, id, generation)
    );
  }

  /** The id in a token, unproved: load the row, then ask `proves`. Null when it is no token at all. */
  idOf(token: string): string | null {
    if (!/^[\w-]{65}$/.test(token)) return null;
    const hex = Buffer.from(token.slice(0, 22), 'base64url').toString('hex');
    return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
  }

  /** Whether the token was composed with this key for this purpose, id and generation. In constant time. */
  proves(token: string, purpose: LinkPurpose, id: string, generation: number): boolean {
    const expected = Buffer.from(this.compose(purpose, id, generation));
    const given = Buffer.from(token);
    return given.length === expected.length && timingSafeEqual(given, expected);
  }

  /**
   * Six digits for whoever reads a mailbox, composed again from an id that is used once (design, idea 8). Short, so it
   * must be limited: few attempts, few minutes.
   */
  code(id: string): string {
    const digest = createHmac('sha256', this.key).update(`code\n${id}`).digest();
    return String(digest.readUIntBE(0, 6) % 1_000_000).padStart(6, '0');
  }

  private mac(purpose: LinkPurpose, id: string, generation: number): string {
    return createHmac('sha256', this.key).update(`${purpose}\n${id}\n${generation}`).digest('base64url');
  }
}
