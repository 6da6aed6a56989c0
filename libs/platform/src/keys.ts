import { isEmail } from 'class-validator';

/** Whether a mail can be addressed to it: no line break or other control character, and well-formed (RFC 5321). */
export function isAddress(address: string): boolean {
  return (
    address.isWellFormed() &&
    !/[\p{Cc}\u2028\u2029]/u.test(address) &&
    isEmail(address, { allow_utf8_local_part: true })
  );
}

/**
 * A name for comparison only: compatibility-normalised (Unicode NFKC), one space between words, lower case.
 * `" Chiara  DE SANTIS"` and `"chiara de santis"` are one. Never shown.
 */
export function nameKey(name: string): string {
  return name.normalize('NFKC').replace(/\s+/gu, ' ').trim().toLowerCase();
}

/** An address for comparison only: trimmed, lower case. Never written to. */
export function emailKey(address: string): string {
  return address.normalize('NFKC').trim().toLowerCase();
}
