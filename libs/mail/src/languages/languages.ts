import { IntlMessageFormat } from 'intl-messageformat';
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

/** Writing direction of any language, for `dir`: what an organiser wrote may be Persian or Hebrew. */
export function direction(language: string): 'ltr' | 'rtl' {
  return new Intl.Locale(language).getTextInfo().direction ?? 'ltr';
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

/** French says "1er mai", which `Intl` does not know, and counts every other day plainly. */
function withOrdinals(language: Language, parts: readonly Intl.DateTimeFormatPart[]): string {
  return parts
    .map(({ type, value }) => (language === 'fr' && type === 'day' && value === '1' ? '1er' : value))
    .join('');
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
  return withOrdinals(language, format.formatRangeToParts(start, end));
}

/** "11:00–11:20" in a zone. */
export function formatTimes(language: Language, start: Date, end: Date, timeZone: string): string {
  return dateTimeFormat(language, {
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
    timeZone,
  }).formatRange(start, end);
}

/** "28 January 2021" in a zone. */
export function formatDay(language: Language, instant: Date, timeZone: string): string {
  const format = dateTimeFormat(language, { day: 'numeric', month: 'long', year: 'numeric', timeZone });
  return withOrdinals(language, format.formatToParts(instant));
}

/** A zone as people read it: "Africa/Cairo, UTC+2" at that instant. */
export function formatZone(language: Language, instant: Date, timeZone: string): string {
  const offset = dateTimeFormat(language, { timeZone, timeZoneName: 'shortOffset' })
    .formatToParts(instant)
    .find(({ type }) => type === 'timeZoneName')!.value;
  const city = timeZone.replaceAll('_', ' ');
  return city === 'UTC' ? 'UTC' : `${city}, ${offset.replace(/^(GMT|غرينتش)/u, 'UTC')}`;
}
