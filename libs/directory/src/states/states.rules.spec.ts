import { type Language, languages } from '@app/mail';
import {
  canonicalCountry,
  countryCalled,
  countryChoices,
  countryName,
  countryRemedy,
  nearestCountry,
} from './states.rules';

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

test('a State has two letters that mean one today', () => {
  expect(canonicalCountry(' ma ')).toBe('MA');
  expect(['ZZ', 'EU', 'QQ', 'Morocco', ''].map(canonicalCountry)).toEqual([null, null, null, null, null]);
});

test('codes that no longer exist, were never assigned or are only reserved are none', () => {
  const codes =
    'AC AN BU CP CQ CS DD DG DY EA EL EU EZ FX HV IC NH NT QO RH SU TA TP UK UN VD XA XB XK YD YU ZR ZZ';
  for (const code of codes.split(' ')) expect([code, canonicalCountry(code)]).toEqual([code, null]);
});

test('what is refused says what to write instead', () => {
  expect(countryRemedy('UK')).toBe(
    '"UK" is not a code of ISO 3166-1. Use GB for United Kingdom of Great Britain and Northern Ireland.',
  );
  expect(countryRemedy('morocco')).toContain('Use MA for Morocco.');
  expect(countryRemedy('ZAR')).toContain('ISO 3166-1');
  expect(countryRemedy('zr')).toBe(
    '"zr" is not in use any more. Use CD for Democratic Republic of the Congo.',
  );
  expect(countryRemedy('YU')).toBe(
    '"YU" is not in use any more. Use the two letters of a State or area, such as MA for Morocco.',
  );
});

describe('a list calls States', () => {
  test.each(languages)('by every name that forms show (%s)', (language) => {
    for (const { value, label } of countryChoices(language))
      for (const written of [label, label.toUpperCase(), ` ${label.replaceAll(' ', '\u00a0')}.`])
        expect([written, countryCalled(written)]).toEqual([written, value]);
  });

  test('by three letters, and by two in use that are no code', () => {
    const called = { MAR: 'MA', usa: 'US', DEU: 'DE', COD: 'CD', UK: 'GB', 'U.K.': 'GB', EL: 'GR', gb: 'GB' };
    for (const [written, code] of Object.entries(called))
      expect([written, countryCalled(written)]).toEqual([written, code]);
  });

  test.each([
    [
      'KR',
      'Korea, Republic of',
      'Korea (Republic of)',
      'Rep. of Korea',
      'South Korea',
      'República de Corea',
      'ROK',
    ],
    ['KP', "Korea, Democratic People's Republic of", 'Korea, Dem. People’s Rep.', 'DPRK', 'КНДР'],
    [
      'CD',
      'Congo, The Democratic Republic of the',
      'Congo, Dem. Rep.',
      'R.D. Congo',
      'DRC',
      'Congo (Kinshasa)',
    ],
    ['CG', 'Congo', 'Congo, Rep.', 'Republic of the Congo', 'République du Congo', 'Congo-Brazzaville'],
    ['CN', "People's Republic of China", 'P.R. China', 'КНР', '中华人民共和国', 'جمهورية الصين الشعبية'],
    ['TW', 'Taiwan, Province of China', 'Taiwan'],
    [
      'DE',
      'Federal Republic of Germany',
      'Germany, Federal Republic of',
      'République fédérale d’Allemagne',
      'ФРГ',
    ],
    ['US', 'U.S.A.', 'U. S. A.', 'United States', 'the United States of America', 'EE. UU.', 'США', '美国'],
    ['GB', 'Great Britain', 'United Kingdom', 'Royaume-Uni', 'المملكة المتحدة', '英国'],
    ['NL', 'The Netherlands', 'Kingdom of the Netherlands', 'Netherlands (the)', 'Holland', 'Pays-Bas (les)'],
    ['BA', 'Bosnia and Herzegovina', 'Bosnia & Herzegovina', 'Bosnia/Herzegovina', 'Bosnie-Herzégovine'],
    ['TT', 'Trinidad and Tobago', 'Trinidad & Tobago', 'Trinité-et-Tobago', 'Trinidad y Tabago'],
    ['KN', 'St. Kitts & Nevis', 'Saint Kitts and Nevis', 'St Kitts and Nevis', 'Saint Christopher and Nevis'],
    ['LC', 'Saint Lucia', 'St. Lucia', 'St Lucia', 'Sainte-Lucie', 'Ste-Lucie', 'Santa Lucía'],
    ['VC', 'St. Vincent & the Grenadines', 'Saint Vincent and the Grenadines'],
    ['VA', 'Holy See', 'Holy See (Vatican City State)', 'Vatican', 'Saint-Siège', 'Святой Престол', '梵蒂冈'],
    ['PS', 'Palestine', 'Palestine, State of', 'فلسطين', 'État de Palestine'],
    ['RU', 'الاتحاد الروسي', 'Russian Federation', 'Russia', 'РФ', '俄罗斯'],
    ['IR', 'Iran (Islamic Republic of)', 'Iran, Islamic Rep.', 'Islamic Republic of Iran', 'Iran'],
    ['EG', 'Egypt, Arab Rep.', 'Arab Republic of Egypt', 'جمهورية مصر العربية', '阿拉伯埃及共和国'],
    ['VE', 'Venezuela, RB', 'Venezuela (Bolivarian Republic of)', 'Venezuela'],
    ['GM', 'Gambia, The', 'The Gambia', 'Gambia'],
    ['FM', 'Micronesia, Federated States of', 'Micronesia, Fed. Sts.', 'Micronesia'],
    ['CI', "Cote d'Ivoire", 'Côte d’Ivoire', 'Ivory Coast', 'COTE D IVOIRE'],
    ['FR', 'French Republic', 'République française', 'Французская Республика', 'الجمهورية الفرنسية'],
    ['TN', 'Tunisian Republic', 'الجمهورية التونسية', 'República Tunecina'],
    ['MA', 'Kingdom of Morocco', 'Royaume du Maroc', 'المملكة المغربية', 'Reino de Marruecos', '摩洛哥王国'],
    ['NO', 'Kingdom of Norway', 'Королевство Норвегия', 'مملكة النرويج', '挪威王国', 'Reino de Noruega'],
    ['CZ', 'Czech Republic', 'Czechia', 'Чешская Республика'],
    ['TR', 'Turkey', 'Türkiye', 'Republic of Turkey', 'Turquie'],
    ['MK', 'The former Yugoslav Republic of Macedonia', 'North Macedonia', 'Republic of North Macedonia'],
    ['SZ', 'Swaziland', 'Kingdom of Eswatini'],
    ['LA', 'Lao PDR', "Lao People's Democratic Republic", 'Laos'],
    ['VI', 'Virgin Islands, U.S.', 'Virgin Islands (U.S.)', 'United States Virgin Islands'],
    ['GW', 'Guinea Bissau', 'Guinea-Bissau', 'Guinée-Bissau'],
    ['HK', 'Hong Kong SAR', 'Hong Kong', '香港'],
  ])('by other names in use, long and short (%s)', (code, ...names) => {
    for (const written of names) expect([written, countryCalled(written)]).toEqual([written, code]);
  });

  test('that can be told from one another', () => {
    const apart = {
      Niger: 'NE',
      Nigeria: 'NG',
      Guinea: 'GN',
      'Equatorial Guinea': 'GQ',
      'Papua New Guinea': 'PG',
      Dominica: 'DM',
      'Dominican Republic': 'DO',
      Sudan: 'SD',
      'South Sudan': 'SS',
      Ireland: 'IE',
      Samoa: 'WS',
      'American Samoa': 'AS',
      'Saint Martin': 'MF',
      'Sint Maarten': 'SX',
      Austria: 'AT',
      Australia: 'AU',
      Mali: 'ML',
      Malawi: 'MW',
    };
    for (const [written, code] of Object.entries(apart))
      expect([written, countryCalled(written)]).toEqual([written, code]);
  });

  test('and not what is none, or could be two', () => {
    for (const written of [
      'YU',
      'SU',
      'DD',
      'XK',
      'XX',
      'EU',
      'ZZZ',
      'Korea',
      'Republic of China',
      'Virgin Islands',
      'Yugoslavia',
      'USSR',
      'Republic',
      'Kingdom',
      'the',
      '',
      '-',
      'Atlantis',
      '中华民国',
      'République de Chine',
      'German Democratic Republic',
    ])
      expect([written, countryCalled(written)]).toEqual([written, null]);
  });

  test('nearly, with a suggestion of which may be meant', () => {
    const near = {
      Marocco: 'MA',
      Jordania: 'JO',
      Phillipines: 'PH',
      'Untied Kingdom': 'GB',
      Algerie: 'DZ',
      Kirgystan: 'KG',
      TP: 'TL',
    };
    for (const [written, code] of Object.entries(near))
      expect([written, nearestCountry(written)]).toEqual([written, code]);
    for (const written of ['YU', 'SU', 'XX', 'Atlantis', 'n/a', ''])
      expect(nearestCountry(written)).toBeUndefined();
  });
});

test('a code that is none is shown as it is', () => {
  expect([countryName('SU', 'en'), countryName('MA', 'fr')]).toEqual(['SU', 'Maroc']);
});
