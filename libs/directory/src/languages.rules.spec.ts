import { languages } from '@app/mail';
import { languageCalled, languageRemedy, nearestLanguage } from './languages.rules';

describe('a list calls languages', () => {
  test.each(languages)('by their names in the language %s', (language) => {
    const names = new Intl.DisplayNames(language, { type: 'language' });
    for (const tag of ['ar', 'en', 'es', 'fr', 'ru', 'zh', 'pt', 'fa', 'sw', 'am', 'hi', 'tr'])
      for (const written of [names.of(tag)!, names.of(tag)!.toUpperCase()])
        expect([written, languageCalled(written)]).toEqual([written, tag]);
  });

  test.each([
    ['es', 'Castellano', 'Castilian', 'español', 'Spanish (language)', 'Idioma español'],
    [
      'zh',
      '汉语',
      '普通话',
      '中文',
      '华语',
      'Mandarin',
      'Mandarin Chinese',
      'Putonghua',
      'Chinese',
      'китайский',
    ],
    ['zh-Hans', 'Chinese (Simplified)', 'Simplified Chinese', '简体中文', 'zh-hans', 'zh_Hans'],
    ['zh-Hant', 'Chinese (Traditional)', '繁體中文'],
    [
      'ar',
      'اللغة العربية',
      'العربية',
      'عربي',
      'Arabic language',
      'Langue arabe',
      'арабский язык',
      '阿拉伯语',
    ],
    [
      'en',
      'English',
      'Anglais',
      'الإنجليزية',
      'Английский',
      '英语',
      'ENGLISH',
      'in English',
      'English language',
    ],
    ['fr', 'French', 'Francais', 'langue française', 'Французский язык', '法语', 'fre', 'fra'],
    ['ru', 'Русский', 'русский язык', 'Russian', 'Russe', 'Ruso', '俄语', 'الروسية'],
    ['fa', 'Farsi', 'Persian', 'فارسی'],
    ['fa-AF', 'Dari'],
    ['pt-BR', 'Brazilian Portuguese', 'pt-br', 'pt_BR'],
    ['sw', 'Kiswahili', 'Swahili'],
    ['fil', 'Tagalog', 'Filipino'],
    ['yue', 'Cantonese', '粤语'],
  ])('by other names in use (%s)', (tag, ...names) => {
    for (const written of names) expect([written, languageCalled(written)]).toEqual([written, tag]);
  });

  test('and not what is none', () => {
    for (const written of [
      'Frnech',
      'Arabisch',
      'fluent',
      'native',
      'good',
      'yes',
      '??',
      '',
      'UN',
      'language',
      'B2',
    ])
      expect([written, languageCalled(written)]).toEqual([written, null]);
  });

  test('nearly, with a suggestion of which may be meant', () => {
    const near = {
      Frnech: 'fr',
      Frensh: 'fr',
      Arabisch: 'ar',
      Englisch: 'en',
      Spansih: 'es',
      Portugese: 'pt',
      Rusian: 'ru',
    };
    for (const [written, tag] of Object.entries(near))
      expect([written, nearestLanguage(written)]).toEqual([written, tag]);
    for (const written of ['fluent', 'native', 'good', 'xx', ''])
      expect([written, nearestLanguage(written)]).toEqual([written, undefined]);
  });
});

test('what is refused says what to write instead', () => {
  expect(languageRemedy('english')).toBe(
    '"english" is not a registered language tag (BCP 47). Use en for English.',
  );
  expect(languageRemedy('Frnech')).toContain('Use fr for French.');
  expect(languageRemedy('qq')).toBe(
    '"qq" is not a registered language tag (BCP 47). Use a tag such as fr or pt-BR.',
  );
});
