/**
 * The name of an IANA time zone, in the case in which IANA writes it, or null when it is none. An older name stays:
 * `asia/calcutta` is `Asia/Calcutta`. A mere offset is no zone, it knows no daylight saving; nor is an abbreviation
 * such as `EST` or `CET`, which means different things to different people. `UTC` and `GMT` mean one.
 */
export function canonicalTimeZone(zone: string): string | null {
  if (!/^[a-z][\w+/-]*$/i.test(zone)) return null;
  try {
    const canonical = new Temporal.ZonedDateTime(0n, zone).timeZoneId;
    const isAbbreviation = /^[A-Z0-9+-]+$/.test(canonical) && !['UTC', 'GMT'].includes(canonical);
    return isAbbreviation ? null : canonical;
  } catch {
    return null;
  }
}

/** Names that `Intl.supportedValuesOf` gives, as Unicode's names never change, and IANA's present ones for them. */
const PRESENT_ZONES: Record<string, string> = {
  'Africa/Asmera': 'Africa/Asmara',
  'America/Buenos_Aires': 'America/Argentina/Buenos_Aires',
  'America/Catamarca': 'America/Argentina/Catamarca',
  'America/Coral_Harbour': 'America/Atikokan',
  'America/Cordoba': 'America/Argentina/Cordoba',
  'America/Godthab': 'America/Nuuk',
  'America/Indianapolis': 'America/Indiana/Indianapolis',
  'America/Jujuy': 'America/Argentina/Jujuy',
  'America/Louisville': 'America/Kentucky/Louisville',
  'America/Mendoza': 'America/Argentina/Mendoza',
  'Asia/Calcutta': 'Asia/Kolkata',
  'Asia/Katmandu': 'Asia/Kathmandu',
  'Asia/Rangoon': 'Asia/Yangon',
  'Asia/Saigon': 'Asia/Ho_Chi_Minh',
  'Atlantic/Faeroe': 'Atlantic/Faroe',
  'Europe/Kiev': 'Europe/Kyiv',
  'Pacific/Enderbury': 'Pacific/Kanton',
  'Pacific/Ponape': 'Pacific/Pohnpei',
  'Pacific/Truk': 'Pacific/Chuuk',
};

/** The name that IANA gives a time zone today: `Asia/Kolkata` for `Asia/Calcutta`. */
export function presentTimeZone(zone: string): string {
  return PRESENT_ZONES[zone] ?? zone;
}

/**
 * A language tag in its canonical form (BCP 47), or null when it is none: `fr`, `pt-BR`, `zh-Hant-TW`. Only language,
 * script and region: extensions and private use say nothing of what someone reads, and `Intl.DisplayNames` throws at
 * them.
 */
export function canonicalLanguage(tag: string): string | null {
  try {
    const canonical = Intl.getCanonicalLocales(tag.trim())[0] ?? '';
    return /^[a-z]{2,8}(-[A-Z][a-z]{3})?(-([A-Z]{2}|\d{3}))?$/.test(canonical) ? canonical : null;
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
