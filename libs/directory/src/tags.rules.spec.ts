import { canonicalCountry, canonicalLanguage, canonicalTimeZone, presentTimeZone } from './tags.rules';

test.each([
  ['Africa/Cairo', 'Africa/Cairo'],
  ['africa/cairo', 'Africa/Cairo'],
  ['AMERICA/PORT-AU-PRINCE', 'America/Port-au-Prince'],
  ['Asia/Kolkata', 'Asia/Kolkata'],
  ['asia/calcutta', 'Asia/Calcutta'],
  ['Etc/GMT+5', 'Etc/GMT+5'],
  ['utc', 'UTC'],
])('the zone %j is written %s', (zone, name) => {
  expect(canonicalTimeZone(zone)).toBe(name);
});

test.each([
  '+02:00',
  'Z',
  'EST',
  'est',
  'CET',
  'EST5EDT',
  'PST',
  'Mars/Olympus',
  '',
  'Cairo time',
  'UTC[u-ca=iso8601]',
])('%j is no zone', (zone) => {
  expect(canonicalTimeZone(zone)).toBeNull();
});

test('a zone that was renamed is shown by its present name, and that is the same zone', () => {
  expect(['Asia/Calcutta', 'Europe/Kiev', 'Africa/Cairo'].map(presentTimeZone)).toEqual([
    'Asia/Kolkata',
    'Europe/Kyiv',
    'Africa/Cairo',
  ]);
  for (const zone of Intl.supportedValuesOf('timeZone')) {
    const present = presentTimeZone(zone);
    expect(canonicalTimeZone(present)).toBe(present);
    expect(new Temporal.ZonedDateTime(0n, zone).equals(new Temporal.ZonedDateTime(0n, present))).toBe(true);
  }
});

test('a language tag is written the canonical way', () => {
  expect(canonicalLanguage('pt-br')).toBe('pt-BR');
  expect(canonicalLanguage('french, please')).toBeNull();
  expect(canonicalLanguage('')).toBeNull();
});

test('a language tag has no more than language, script and region, and can be named', () => {
  for (const tag of ['ar-u-nu-latn', 'fr-x-informal', 'x-mine', 'de-1996', 'en-t-fr', 'i-default'])
    expect([tag, canonicalLanguage(tag)]).toEqual([tag, null]);
  const names = new Intl.DisplayNames('en', { type: 'language' });
  for (const tag of ['fr', 'fil', 'zh-Hant-TW', 'es-419', 'sr-Latn'])
    expect([canonicalLanguage(tag), names.of(tag)]).toEqual([tag, expect.any(String)]);
});

test('a country has two letters that mean one', () => {
  expect(canonicalCountry(' ma ')).toBe('MA');
  expect(['ZZ', 'EU', 'QQ', 'Morocco', ''].map(canonicalCountry)).toEqual([null, null, null, null, null]);
});
