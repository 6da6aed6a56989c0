import { createHmac, createSecretKey, timingSafeEqual, type KeyObject } from 'node:crypto';

/** What a link is for; a link for one purpose opens nothing else. */
export type LinkPurpose =
  'invitation' | 'registration' | 'delegation' | 'join' | 'check-in' | 'sign-in' | 'feed' | 'unsubscription';

/** What an address of the service mailbox is for: bounces of one mail, replies to one calendar entry. */
export type AddressPurpose = 'bounce' | 'calendar';

/**
 * Composes and reads secret links (design, idea 8): the token is an id and an HMAC-SHA-256 under `LINK_KEY` of
 * purpose, id and generation. So nothing secret is at rest, and raising the generation revokes.
 */
export class Links {
  private readonly key: KeyObject;

  constructor(key: string) {
    this.key = createSecretKey(key, 'utf8');
  }

  /** The token: 22 characters of id, 43 of HMAC, base64url (RFC 4648, 5). */
  compose(purpose: LinkPurpose, id: string, generation: number): string {
    return (
      Buffer.from(id.replaceAll('-', ''), 'hex').toString('base64url') + this.mac(purpose, id, generation)
    );
  }

  /** The id in a token, unproved: load the row, then ask `proves`. Null when it is no token at all. */
  idOf(token: string): string | null {
    if (!/^[\w-]{65}$/.test(token)) return null;
    return uuidOf(Buffer.from(token.slice(0, 22), 'base64url'));
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

  /**
   * A secret for the local part of an address (RFC 5233 detail): 26 characters of id and 16 of HMAC, in digits and small
   * letters, since servers on the way may change the case, and 64 octets must hold it (RFC 5321, 4.5.3.1.1).
   */
  addressDetail(purpose: AddressPurpose, id: string): string {
    const digest = createHmac('sha256', this.key).update(`address\n${purpose}\n${id}`).digest();
    return toBase32(Buffer.from(id.replaceAll('-', ''), 'hex')) + toBase32(digest.subarray(0, 10));
  }

  /** The id that a detail proves for this purpose, in whatever case it came; null when it proves none. */
  idOfAddressDetail(purpose: AddressPurpose, detail: string): string | null {
    const given = detail.toLowerCase();
    if (!/^[0-9a-v]{42}$/.test(given)) return null;
    const id = uuidOf(fromBase32(given.slice(0, 26), 16));
    const expected = Buffer.from(this.addressDetail(purpose, id));
    return timingSafeEqual(expected, Buffer.from(given)) ? id : null;
  }

  /** What tells whether two processes have the same key, and nothing of the key. */
  fingerprint(): string {
    return createHmac('sha256', this.key).update('fingerprint').digest('hex').slice(0, 16);
  }

  private mac(purpose: LinkPurpose, id: string, generation: number): string {
    return createHmac('sha256', this.key).update(`${purpose}\n${id}\n${generation}`).digest('base64url');
  }
}

function uuidOf(bytes: Buffer): string {
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

/** The digits of RFC 4648, 7 (base32hex), in small letters and without padding. */
function toBase32(bytes: Buffer): string {
  let bits = BigInt(`0x${bytes.toString('hex')}`);
  const length = Math.ceil((bytes.length * 8) / 5);
  bits <<= BigInt(length * 5 - bytes.length * 8);
  return bits.toString(32).padStart(length, '0');
}

function fromBase32(digits: string, length: number): Buffer {
  let bits = 0n;
  for (const digit of digits) bits = (bits << 5n) | BigInt(parseInt(digit, 32));
  bits >>= BigInt(digits.length * 5 - length * 8);
  return Buffer.from(bits.toString(16).padStart(length * 2, '0'), 'hex');
}
