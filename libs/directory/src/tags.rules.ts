/** Whether it names an IANA time zone. A mere offset does not: it knows no daylight saving. */
export function isTimeZone(zone: string): boolean {
  try {
    return /^[a-z]/i.test(zone) && Boolean(new Intl.DateTimeFormat('en', { timeZone: zone }));
  } catch {
    return false;
  }
}

/** A language tag in its canonical form (BCP 47), or null when it is none: `fr`, `pt-BR`. */
export function canonicalLanguage(tag: string): string | null {
  try {
    return Intl.getCanonicalLocales(tag.trim())[0] ?? null;
  } catch {
    return null;
  }
}

const names = new Intl.DisplayNames('en', { type: 'region', fallback: 'none' });

/** A country's two letters in upper case (ISO 3166-1 alpha-2), or null when they name none. */
export function canonicalCountry(code: string): string | null {
  const letters = code.trim().toUpperCase();
  if (!/^[A-Z]{2}$/.test(letters) || ['ZZ', 'EU', 'UN', 'EZ', 'QO', 'XA', 'XB'].includes(letters))
    return null;
  return names.of(letters) === undefined ? null : letters;
}
