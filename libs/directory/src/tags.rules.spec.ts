import { canonicalLanguage, canonicalTimeZone, presentTimeZone } from './tags.rules';

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
  expect(canonicalLanguage(' fra ')).toBe('fr');
  expect(canonicalLanguage('french, please')).toBeNull();
  expect(canonicalLanguage('')).toBeNull();
});

test('a language tag has no more than language, script and region, and can be named', () => {
  for (const tag of ['ar-u-nu-latn', 'fr-x-informal', 'x-mine', 'de-1996', 'en-t-fr', 'i-default'])
    expect([tag, canonicalLanguage(tag)]).toEqual([tag, null]);
  const names = new Intl.DisplayNames('en', { type: 'language' });
  for (const tag of ['fr', 'fil', 'zh-Hant-TW', 'es-419', 'sr-Latn', 'acm', 'prs', 'yue', 'zgh', 'en-150'])
    expect([tag, names.of(canonicalLanguage(tag) ?? 'und')]).toEqual([tag, expect.any(String)]);
});

test.each([
  ['english', 'Frnech', 'arabic', 'xx', 'qq', 'qaa', 'qtz', 'zzz', 'root', 'und', 'mul', 'zxx', 'mis'],
  ['fr-UK', 'fr-SU', 'fr-QQ', 'fr-ZZ', 'fr-EU', 'fr-999', 'fr-XK'],
  ['fr-Xxxx', 'fr-Qaaa', 'fr-Zxxx', 'fr-Zyyy', 'Latn', '-fr', 'fr-', 'fr--FR', 'fr_FR', 'f', '12'],
])('a language tag that is not registered is none: %s …', (...tags) => {
  for (const tag of tags) expect([tag, canonicalLanguage(tag)]).toEqual([tag, null]);
});
