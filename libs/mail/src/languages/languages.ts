import { IntlMessageFormat } from 'intl-messageformat';
import { remember } from '@app/platform';
import { catalogs, type MessageKey } from './catalogs';

/** A language that Plenary speaks, BCP 47. */
export type Language = keyof typeof catalogs;

export const languages = Object.keys(catalogs) as Language[];

/** Whether Plenary has a catalog of this language. */
export function isLanguage(tag: string): tag is Language {
  return Object.hasOwn(catalogs, tag);
}

/**
 * The language in which someone is written to: their own where there is a catalog, else the first working language of
 * the dialogue that has one, else English.
 */
export function readerLanguage(own: string, workingLanguages: readonly string[] = []): Language {
  return [own, ...workingLanguages].map((tag) => tag.toLowerCase().split('-')[0]!).find(isLanguage) ?? 'en';
}

const directions = new Map<string, 'ltr' | 'rtl'>();

/** Writing direction of any language, for `dir`: what an organiser wrote may be Persian or Hebrew. */
export function direction(language: string): 'ltr' | 'rtl' {
  return remember(directions, language, () => new Intl.Locale(language).getTextInfo().direction ?? 'ltr');
}

const compiled = new Map<string, IntlMessageFormat>();

/** A message in a language. Values are put in as they are: escaping is the renderer's work. */
export function t(
  language: Language,
  key: MessageKey,
  values?: Record<string, string | number | Date>,
): string {
  const id = `${language}:${key}`;
  let message = compiled.get(id);
  if (!message) {
    message = new IntlMessageFormat(catalogs[language][key], formatLocale(language), undefined, {
      ignoreTag: true,
    });
    compiled.set(id, message);
  }
  return String(message.format(values));
}

/**
 * Wraps a text of unknown direction in Unicode isolates (UAX 9, FSI … PDI), for plain text and subjects, so that a
 * Latin name in an Arabic sentence, or an address in either, stays readable. In HTML use `<bdi>`.
 */
export function isolate(text: string): string {
  return `\u2068${text}\u2069`;
}

/**
 * A time or a zone: it never breaks, and always runs in its own direction (UAX 9, LRI or RLI … PDI). In HTML it is shown by
 * `Directed`; where nothing but text is written, `plain` leaves out what the language does not need.
 */
function unit(text: string, towards: 'ltr' | 'rtl'): string {
  const unbroken = text.replaceAll('\u2009', '\u202f').replaceAll(' ', '\u00a0');
  return `${towards === 'rtl' ? '\u2067' : '\u2066'}${unbroken}\u2069`;
}

/** A text with units as it is written without markup: among words that run from left to right, LRI changes nothing. */
export function plain(language: Language, text: string): string {
  return direction(language) === 'rtl' ? text : text.replaceAll(/\u2066([^\u2066-\u2069]*)\u2069/gu, '$1');
}

/** A stretch of text as `Directed` shows it: words, or an isolate with its content. */
export type DirectedPart = string | { dir: 'ltr' | 'rtl' | 'auto'; parts: DirectedPart[] };

const DIRS = { '\u2066': 'ltr', '\u2067': 'rtl', '\u2068': 'auto' } as const;

/** Takes a text apart at its isolates, which may stand in each other. Brackets around a unit belong to it. */
export function directedParts(text: string): DirectedPart[] {
  const bracketed = text.replaceAll(
    /([(（])([\u2066\u2067])([^\u2066-\u2069]*)\u2069([)）])/gu,
    '$2$1$3$4\u2069',
  );
  const open: DirectedPart[][] = [[]];
  for (const piece of bracketed.split(/([\u2066-\u2069])/u)) {
    if (piece === '\u2069') {
      if (open.length > 1) open.pop();
    } else if (Object.hasOwn(DIRS, piece)) {
      const parts: DirectedPart[] = [];
      open.at(-1)!.push({ dir: DIRS[piece as keyof typeof DIRS], parts });
      open.push(parts);
    } else if (piece !== '') {
      open.at(-1)!.push(piece);
    }
  }
  return open[0]!;
}

const SIGNS: Partial<Record<Language, Partial<Record<',' | ':' | ';', string>>>> = {
  ar: { ',': '، ', ';': '؛ ' },
  fr: { ':': '\u202f: ', ';': '\u202f; ' },
  zh: { ',': '，', ':': '：', ';': '；' },
};

/** A sign as a language sets it, spaces included: French a narrow one before, Chinese none at all. */
export function sign(language: Language, of: ',' | ':' | ';'): string {
  return SIGNS[language]?.[of] ?? `${of} `;
}

/** Brackets for what is said beside something, with the space that stands before them. */
export function brackets(language: Language): [opening: string, closing: string] {
  return language === 'zh' ? ['（', '）'] : [' (', ')'];
}

const listFormats = new Map<string, Intl.ListFormat>();

/** Texts in a row: "A, B and C", "A, B or C", or only "A, B, C" ("A、B、C"). */
export function formatList(
  language: Language,
  texts: readonly string[],
  type: 'and' | 'or' | 'plain' = 'and',
): string {
  // `Intl` has no plain row: its units stand side by side in Russian and Chinese, and French joins them by "et".
  if (type === 'plain') return texts.join(language === 'zh' ? '、' : sign(language, ','));
  const id = `${language}:${type}`;
  let format = listFormats.get(id);
  if (!format) {
    format = new Intl.ListFormat(formatLocale(language), {
      type: type === 'and' ? 'conjunction' : 'disjunction',
    });
    listFormats.set(id, format);
  }
  return format.format(texts);
}

/** Numbers and dates in the digits of the working documents: Western digits in Arabic too. */
function formatLocale(language: Language): string {
  return language === 'ar' ? 'ar-u-nu-latn' : language === 'en' ? 'en-GB' : language;
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** A cached `Intl.DateTimeFormat` of a language and zone; making one costs more than using it a hundred times. */
export function dateTimeFormat(language: Language, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const id = `${language}:${JSON.stringify(options)}`;
  let format = formats.get(id);
  if (!format) {
    format = new Intl.DateTimeFormat(formatLocale(language), options);
    formats.set(id, format);
  }
  return format;
}

/**
 * What `Intl` does not know of dates in full: French says "1er mai" and counts every other day plainly; Russian writes
 * the year out as the United Nations do, "2026 года", where "г." would end a sentence with two stops. Spanish ranges
 * leave out the zero before an hour that single times have.
 */
function asWritten(language: Language, parts: readonly Intl.DateTimeFormatPart[]): string {
  return parts
    .map(({ type, value }) => {
      if (language === 'fr' && type === 'day' && value === '1') return '1er';
      if (type === 'hour') return value.padStart(2, '0');
      if (language === 'ru' && type === 'literal') return value.replace(/(\s)г\./u, '$1года');
      return value;
    })
    .join('');
}

/**
 * Parts with a range of hours, "11:00–13:00", as one unit. In Arabic its start stands to the right, as Arabic writes a
 * range of numbers (decision 0029); the digits of each time run from left to right everywhere.
 */
function withRange(language: Language, parts: readonly Intl.DateTimeFormatPart[]): string {
  const start = parts.findIndex(({ type }) => type === 'hour');
  const end = parts.findLastIndex(({ type }) => type === 'minute') + 1;
  const range = parts.slice(start, end);
  const isRange = range.filter(({ type }) => type === 'hour').length > 1;
  if (!isRange || range.some(({ type }) => !['hour', 'minute', 'literal'].includes(type))) {
    return asWritten(language, parts);
  }
  return [
    asWritten(language, parts.slice(0, start)),
    unit(asWritten(language, range), direction(language)),
    asWritten(language, parts.slice(end)),
  ].join('');
}

/** "Thursday, 28 January 2021, 11:00–13:00" in a zone; the day of the end is added when it is another one. */
export function formatPeriod(language: Language, start: Date, end: Date, timeZone: string): string {
  const format = dateTimeFormat(language, {
    weekday: 'long',
    day: 'numeric',
    month: 'long',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
    timeZone,
  });
  return withRange(language, format.formatRangeToParts(start, end));
}

/** From when until when. */
interface Period {
  startsAt: Date;
  endsAt: Date;
}

/**
 * A part of an agenda in a zone: "11:00–11:20", and where the whole takes several days there, "Thu 28 Jan, 11:00–11:20",
 * since hours alone would leave open on which of them.
 * @param whole the dialogue of a session, the session of an item.
 */
export function formatTimes(language: Language, part: Period, whole: Period, timeZone: string): string {
  const hours = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZone } as const;
  const date = { weekday: 'short', day: 'numeric', month: 'short', timeZone } as const;
  const day = (instant: Date) => dateTimeFormat(language, date).format(instant);
  const dated = (instant: Date) => dateTimeFormat(language, { ...date, ...hours }).formatToParts(instant);
  const first = day(part.startsAt);
  if (first !== day(part.endsAt)) {
    return [part.startsAt, part.endsAt].map((instant) => asWritten(language, dated(instant))).join(' – ');
  }
  const times = dateTimeFormat(language, hours).formatRangeToParts(part.startsAt, part.endsAt);
  if (first === day(whole.startsAt) && first === day(whole.endsAt)) return withRange(language, times);
  const start = dated(part.startsAt);
  const untilHour = start.slice(
    0,
    start.findIndex(({ type }) => type === 'hour'),
  );
  return withRange(language, [...untilHour, ...times]);
}

/** "28 January 2021" in a zone. */
export function formatDay(language: Language, instant: Date, timeZone: string): string {
  const format = dateTimeFormat(language, { day: 'numeric', month: 'long', year: 'numeric', timeZone });
  return asWritten(language, format.formatToParts(instant));
}

/**
 * A zone as people read it, as one unit: "Africa/Cairo, UTC+2" at that instant, "Europe/Madrid, UTC+1 → UTC+2" where
 * clocks change before `until`. The minus is U+2212, at which no line breaks.
 */
export function formatZone(timeZone: string, instant: Date, until = instant): string {
  const city = timeZone.replaceAll('_', ' ');
  if (city === 'UTC') return unit(city, 'ltr');
  const offsets = [instant, until].map((at) => offsetOf(timeZone, at));
  return unit(`${city}, ${[...new Set(offsets)].join(' → ')}`, 'ltr');
}

/** "UTC+5:30". */
function offsetOf(timeZone: string, instant: Date): string {
  const parts = dateTimeFormat('en', { timeZone, timeZoneName: 'shortOffset' }).formatToParts(instant);
  const { value } = parts.find(({ type }) => type === 'timeZoneName')!;
  return value.replace('GMT', 'UTC').replace('-', '\u2212');
}
