import { type Language, languages } from '@app/mail';
import { countryChoices } from './un-country-names';

const labels = (language: Language) =>
  Object.fromEntries(countryChoices(language).map(({ value, label }) => [value, label]));

test.each(languages)('every country of ISO 3166-1 has a name of its own (%s)', (language) => {
  const choices = countryChoices(language);
  expect(choices).toHaveLength(249);
  expect(choices.filter(({ value, label }) => !label.trim() || label === value)).toEqual([]);
  expect(new Set(choices.map(({ label }) => label)).size).toBe(249);
});

test('countries go by the names that the United Nations uses', () => {
  expect(labels('en')).toMatchObject({
    KP: 'Democratic People’s Republic of Korea',
    KR: 'Republic of Korea',
    MA: 'Morocco',
    MM: 'Myanmar',
    PS: 'State of Palestine',
    TR: 'Türkiye',
    VA: 'Holy See',
  });
  expect(Object.values(labels('en')).filter((label) => /St\.|&|SAR/.test(label))).toEqual([]);
  expect(labels('fr')).toMatchObject({
    BY: 'Bélarus',
    CD: 'République démocratique du Congo',
    VN: 'Viet Nam',
  });
  expect(labels('ar')).toMatchObject({ RU: 'الاتحاد الروسي', SY: 'الجمهورية العربية السورية' });
  expect(labels('es')).toMatchObject({ CI: 'Côte d’Ivoire', KE: 'Kenya', RU: 'Federación de Rusia' });
  expect(labels('ru')).toMatchObject({
    KR: 'Республика Корея',
    PS: 'Государство Палестина',
    TL: 'Тимор-Лешти',
  });
  // Unicode shortens islands and some States in Russian; the United Nations does not.
  expect(Object.values(labels('ru')).filter((label) => /о-в|ОАЭ|КНДР/.test(label))).toEqual([]);
  expect(labels('zh')).toMatchObject({
    CD: '刚果民主共和国',
    KR: '大韩民国',
    RU: '俄罗斯联邦',
    TW: '中国台湾省',
  });
});
