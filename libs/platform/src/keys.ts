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
