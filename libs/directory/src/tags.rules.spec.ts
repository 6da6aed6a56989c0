import { canonicalCountry, canonicalLanguage, isTimeZone } from './tags.rules';

test('a zone has a name, an offset is none', () => {
  expect(['Africa/Cairo', 'Asia/Kolkata', 'UTC'].map(isTimeZone)).toEqual([true, true, true]);
  expect(['+02:00', 'Mars/Olympus', '', 'Cairo time'].map(isTimeZone)).toEqual([false, false, false, false]);
});

test('a language tag is written the canonical way', () => {
  expect(canonicalLanguage('pt-br')).toBe('pt-BR');
  expect(canonicalLanguage('french, please')).toBeNull();
  expect(canonicalLanguage('')).toBeNull();
});

test('a country has two letters that mean one', () => {
  expect(canonicalCountry(' ma ')).toBe('MA');
  expect(['ZZ', 'EU', 'QQ', 'Morocco', ''].map(canonicalCountry)).toEqual([null, null, null, null, null]);
});
