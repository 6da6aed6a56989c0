import { emailKey, isSetAside, keySetAside, nameKey } from './keys';
import { redactSecrets } from './redact';

describe('keys for comparison', () => {
  it('take a name in another case, with stray spaces or other code points for the same', () => {
    expect(nameKey('  Chiara   DE\u00a0SANTIS ')).toBe('chiara de santis');
    expect(nameKey('Zdenka Horva\u0301thova\u0301')).toBe(nameKey('Zdenka Horváthová'));
    expect(nameKey('محمد رفعت  الحلبي')).toBe('محمد رفعت الحلبي');
  });

  it('keep names apart that differ by an accent', () => {
    expect(nameKey('Ines')).not.toBe(nameKey('Inés'));
  });

  /** One name as different keyboards, programs and lists write it; each line was two names or more. */
  it.each<[string, string[]]>([
    [
      'an apostrophe',
      [
        ..."'`´\u02b9\u02bb\u02bc\u02bd\u02be\u02bf\u02c8\u055a\u05f3\u2018\u2019\u201b\u2032\u2035\ua78c\uff07\uff40\u1fbd\u1fef",
      ].map((sign) => `Aïssatou N${sign}Diaye`),
    ],
    [
      'a hyphen',
      [...'-\u2010\u2011\u2012\u2013\u2014\u2015\u2043\u2212\u058a\u05be\ufe58\ufe63\uff0d'].map(
        (sign) => `Jean${sign}Pierre Roy`,
      ),
    ],
    [
      'the dot in a Chinese name',
      [...'·\u2022\u2027\u30fb\uff65\u2219\u22c5\u0387'].map((sign) => `让${sign}雅克`),
    ],
    [
      'a mark that cannot be seen',
      [
        ...'\u00ad\u034f\u061c\u115f\u180e\u200b\u200c\u200d\u200e\u200f\u202a\u202e\u2060\u2066\u2069\u3164\ufe0f\ufeff\uffa0\u{e0001}\u{e0101}',
        '',
      ].map((mark) => `Chiara ${mark}de San${mark}tis`),
    ],
    ['a joiner of Persian', ['علی\u200cرضا', 'علی\u200dرضا', 'علیرضا']],
    ['the Persian yeh and kaf on an Arabic keyboard', ['کریمی', 'كريمي']],
    [
      'an Arabic vowel mark or the tatweel',
      ['مُحَمَّد رِفْعَت', 'محمد رفعت', 'محــمد رفعـت', '\ufee3\ufea4\ufee4\ufeaa رفعت'],
    ],
    ['a superscript alef or a wasla', ['عبد الرحمٰن ٱلحلبي', 'عبد الرحمن الحلبي']],
    ['a Hebrew vowel point', ['דָּוִד', 'דוד']],
    [
      'the Unicode form',
      ['Zdenka Horváthová', 'Zdenka Horva\u0301thova\u0301', 'Ｚｄｅｎｋａ　Horva\u200d\u0301thová'],
    ],
    ['an order of marks, or a hamza of its own', ['أَحمد', 'ا\u064e\u0654حمد', 'أحمد']],
    ['a German ß in capitals', ['Anna Strauß', 'ANNA STRAUSS', 'ANNA STRAUẞ']],
    ['a Greek final sigma', ['Νίκος', 'ΝΊΚΟΣ', 'νίκοσ']],
    ['the Turkish letters i', ['Işıl İnci', 'IŞIL İNCİ', 'ışıl inci', 'Işıl I\u0307nci']],
    [
      'a space or a line break',
      [' Rosa\u00a0\u3000Luz', 'Rosa\r\nLuz', 'Rosa\u0085Luz', 'Rosa\u2028Luz ', 'Rosa\u2800Luz'],
    ],
  ])('take names that differ by %s for one', (_, names) => {
    expect(new Set(names.map(nameKey))).toEqual(new Set([nameKey(names[0]!)]));
  });

  it('keep apart who has an apostrophe, a hyphen or a hamza from who has none: that is for a person to judge', () => {
    for (const [one, other] of [
      ["N'Diaye", 'NDiaye'],
      ['El-Hamdy', 'Elhamdy'],
      ['El-Hamdy', 'El Hamdy'],
      ['أحمد', 'احمد'],
      ['علي', 'على'],
      ['Фёдоров', 'Федоров'],
    ])
      expect(nameKey(one!)).not.toBe(nameKey(other!));
  });

  it('are there for every name, also for one of nothing but marks', () => {
    expect(['ـــ', '\u200b', 'َ'].map(nameKey)).toEqual(['ـــ', '\u200b', 'َ']);
    expect(nameKey(' \u0085 ')).toBe('');
  });

  it('are keys of themselves, whatever the name', () => {
    // Every character of the planes that names are written in, between two letters and beside a combining mark.
    const changed: string[] = [];
    for (let code = 0x20; code <= 0x1ffff; code++) {
      if (code >= 0xd800 && code <= 0xdfff) continue;
      const key = nameKey(`a${String.fromCodePoint(code)}\u0301b`);
      if (nameKey(key) !== key) changed.push(code.toString(16));
    }
    expect(changed).toEqual([]);
  });

  it('tell who was set aside from every name', () => {
    const aside = keySetAside(nameKey("Aïssatou N'Diaye"), 2);
    expect(nameKey(aside)).not.toBe(aside);
    expect(isSetAside(aside, nameKey('Aïssatou N’DIAYE'))).toBe(true);
    expect([
      isSetAside(aside, nameKey('Aïssatou')),
      isSetAside(nameKey("Aïssatou N'Diaye"), nameKey("Aïssatou N'Diaye")),
    ]).toEqual([false, false]);
  });

  it('take an address in another case for the same', () => {
    expect(emailKey(' Protocol@Indonesia.EXAMPLE ')).toBe('protocol@indonesia.example');
  });
});

describe('what is logged', () => {
  it('has no personal link, no bearer token and no API token in it', () => {
    const token = 'a'.repeat(65);
    expect(redactSecrets(`GET /i/${token}/acceptance`)).toBe('GET /i/***/acceptance');
    expect(redactSecrets('Bearer abc.def')).toBe('Bearer ***');
    expect(redactSecrets('plenary_1234.secret')).toBe('plenary_***');
  });
});
