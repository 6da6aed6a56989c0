import { noticeFor, noticeVerdict } from './privacy-notice.rules';
import { maskAddress, readCode } from './privacy.rules';

describe('a masked address', () => {
  test.each([
    ['hoda@ministry.example', 'h•••@ministry.example'],
    ['h@ministry.example', 'h•••@ministry.example'],
    ['محمد@وزارة.example', 'م•••@وزارة.example'],
    ['"a@b"@ministry.example', '"•••@ministry.example'],
    ['', '•••'],
  ])('of %s is %s', (address, masked) => {
    expect(maskAddress(address)).toBe(masked);
  });
});

describe('a typed code', () => {
  test.each([
    ['123456', '123456'],
    [' 123 456 ', '123456'],
    ['123-456', '123456'],
    ['١٢٣٤٥٦', '123456'],
    ['۱۲۳۴۵۶', '123456'],
    ['12345', null],
    ['1234567', null],
    ['12345a', null],
    ['', null],
  ])('%s is read as %s', (typed, code) => {
    expect(readCode(typed)).toBe(code);
  });
});

describe('a privacy notice', () => {
  const notice = { version: 3, texts: { fr: 'Avis', en: 'Notice' } };

  test('has to be accepted in the version that is in force', () => {
    expect(noticeVerdict(notice, 3)).toBeNull();
    expect(noticeVerdict(notice, 2)).toBe('notice_changed');
    expect(noticeVerdict(notice, undefined)).toBe('required');
    expect(noticeVerdict(notice, Number.NaN)).toBe('required');
    expect(noticeVerdict(null, undefined)).toBeNull();
  });

  test('is read in the reader’s language, else in the first working language that it is written in', () => {
    expect(noticeFor(notice, 'fr', ['en'])).toEqual({ language: 'fr', text: 'Avis' });
    expect(noticeFor(notice, 'fr-CH', ['en'])).toEqual({ language: 'fr', text: 'Avis' });
    expect(noticeFor(notice, 'ar', ['es', 'en'])).toEqual({ language: 'en', text: 'Notice' });
  });
});
