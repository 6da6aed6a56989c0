import { canonicalCountry } from './states/states.rules';

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

const named = {
  language: new Intl.DisplayNames('en', { type: 'language', fallback: 'none' }),
  script: new Intl.DisplayNames('en', { type: 'script', fallback: 'none' }),
  region: new Intl.DisplayNames('en', { type: 'region', fallback: 'none' }),
};

/** Registered languages of millions that Unicode has no English name for: of Arabic above all, and of Persian and Pashto. */
const UNNAMED = new Set(
  'acm acq acw acx aec afb aii aiq apc apd ayh ayl ayn ayp azb bqi fub fuf fuv haz pbt pst taq zlm'.split(
    ' ',
  ),
);

/** Registered, but nobody reads in them: several, none, not said. */
const NO_LANGUAGES = new Set(['mul', 'mis', 'und', 'zxx']);
const NO_SCRIPTS = new Set(['Zinh', 'Zmth', 'Zsye', 'Zsym', 'Zxxx', 'Zyyy', 'Zzzz']);

/**
 * A language tag in its canonical form (BCP 47), or null when it is none: `fr`, `pt-BR`, `zh-Hant-TW`. Each part has to be
 * registered and to have a name, so that it can be shown: `english` and `fr-QQ` are well-formed and mean nothing. Only
 * language, script and region: extensions and private use say nothing of what someone reads.
 */
export function canonicalLanguage(tag: string): string | null {
  const written = /^[a-z]{2,3}(-[a-z]{4})?(-([a-z]{2}|\d{3}))?$/i.exec(tag.trim());
  if (!written) return null;
  // What is withdrawn or reserved as a region is none here either, though Unicode reads `UK` as `GB`.
  if (written[3] && !/\d/.test(written[3]) && !canonicalCountry(written[3])) return null;
  const locale = new Intl.Locale(written[0]);
  const { language, script, region } = locale;
  const isLanguage = !NO_LANGUAGES.has(language) && (UNNAMED.has(language) || named.language.of(language));
  const isScript = !script || (!NO_SCRIPTS.has(script) && named.script.of(script));
  const isRegion = !region || canonicalCountry(region) || (/\d/.test(region) && named.region.of(region));
  return isLanguage && isScript && isRegion ? locale.toString() : null;
}
