import { emailKey, isAddress } from './keys';
import { oneLine, plainAddress, withoutUnseen } from './stored-text.rules';

/** Each with a mark inside that nobody sees, named by its code. */
const UNSEEN = [
  0x00ad, 0x034f, 0x061c, 0x115f, 0x1160, 0x17b4, 0x180e, 0x200b, 0x200e, 0x200f, 0x202a, 0x202b, 0x202c,
  0x202d, 0x202e, 0x2060, 0x2061, 0x2064, 0x2066, 0x2067, 0x2068, 0x2069, 0x206a, 0x206f, 0x3164, 0xfe0f,
  0xfeff, 0xffa0, 0xfff9, 0xfffb, 0xfffe, 0xfdd0, 0xd800, 0xdfff, 0xe0001, 0xe0061, 0xe0100, 0xe01ef,
].map((code) => [code.toString(16), String.fromCodePoint(code)] as const);

describe('a name that is stored', () => {
  test.each(UNSEEN)('has no mark that nobody sees in it (U+%s)', (_, mark) => {
    expect(oneLine(`${mark}Chiara${mark} De${mark}${mark}Santis${mark}`)).toBe('Chiara DeSantis');
    expect(oneLine(mark.repeat(3))).toBeNull();
  });

  test('keeps the joiners between letters by which Persian and Indian names are spelled', () => {
    for (const name of ['علی\u200cرضا کریمی', 'ක්\u200dරිස්', 'क्\u200dष', 'ജോണ്\u200d', 'শ্র্\u200cয'])
      expect(oneLine(name)).toBe(name);
  });

  test('loses joiners that join nothing, and has one where there were several', () => {
    expect(oneLine('\u200dAli\u200c \u200dReza\u200c')).toBe('Ali Reza');
    expect(oneLine('علی\u200c\u200c\u200d\u200bرضا')).toBe('علی\u200cرضا');
    expect(oneLine('\u200d\u200c')).toBeNull();
  });

  test('keeps the variants of Chinese and Mongolian characters', () => {
    for (const name of ['葛\u{e0100}城', 'ᠠ\u180b']) expect(oneLine(name)).toBe(name);
  });

  test('keeps what is seen, pairs of surrogates and Arabic number signs among it', () => {
    for (const name of ['𠮷田', 'محمد رفعت الحلبي', '\u06dd', 'O’Neill-Ó Súilleabháin', '王小明'])
      expect(oneLine(name)).toBe(name);
  });

  test('is one line, whatever separates its words', () => {
    expect(oneLine('Chiara\r\nDe\u2028Santis\u0085\t\u0000x\u00a0 y\u2800\u2800z\u2800')).toBe(
      'Chiara De Santis x y z',
    );
  });

  test('keeps HTML and formulas as the text they are', () => {
    expect(oneLine(' <b>=SUM(A1)</b>\r\n\u0000\u0007 next ')).toBe('<b>=SUM(A1)</b> next');
    expect(oneLine(' \n ')).toBeNull();
  });

  test('of several lines keeps the lines where it is a text', () => {
    expect(withoutUnseen('one\u200b\ntwo')).toBe('one\ntwo');
  });
});

describe('an address that is stored', () => {
  test.each(UNSEEN)('has no mark that nobody sees in it (U+%s)', (_, mark) => {
    const written = `${mark}hoda${mark}@las${mark}.example${mark}`;
    expect(isAddress(written)).toBe(false);
    expect(plainAddress(written)).toBe('hoda@las.example');
    expect(emailKey(written)).toBe('hoda@las.example');
  });

  test('is refused with a line break inside, which could carry a second recipient', () => {
    for (const sign of ['\n', '\r\n', '\u2028', '\u0085', '\0'])
      expect(isAddress(plainAddress(`a@b.example${sign}Bcc: c@d.example`))).toBe(false);
  });
});

describe('an address for comparison', () => {
  test('is the same with its domain in letters of its own or in ASCII', () => {
    const key = 'ida@xn--bcher-kva.example';
    for (const written of [
      'ida@bücher.example',
      'Ida@BÜCHER.Example',
      'ida@bu\u0308cher.example',
      'ida@xn--bcher-kva.example',
      'IDA@XN--BCHER-KVA.EXAMPLE',
      'ida@bücher。example',
      'ida@ｂücher．example',
      '\u202aida@bü\u00adcher.example\u202c',
    ])
      expect([written, emailKey(written)]).toEqual([written, key]);
    expect(emailKey('وزير@وزارة.example')).toBe(`وزير@${new URL('http://وزارة.example').hostname}`);
  });

  test('keeps what is before the @ in its own letters, and what is no domain as it is', () => {
    expect(emailKey('Jörg@bücher.example')).toBe('jörg@xn--bcher-kva.example');
    for (const odd of [
      'nobody',
      'a@',
      'a@bü cher.example/x',
      'a@127.1',
      'a@[10.0.0.1]',
      'a@0x7f.1',
      'a@bü#x',
    ])
      expect(emailKey(odd)).toBe(odd);
    expect(emailKey('a@xn--broken-.example')).toBe('a@xn--broken-.example');
  });
});
