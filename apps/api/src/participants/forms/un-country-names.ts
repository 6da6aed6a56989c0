import { canonicalCountry } from '@app/directory';
import type { Language } from '@app/mail';

const known = new Map<Language, { value: string; label: string }[]>();

/** Countries (ISO 3166-1 alpha-2) by the names that the United Nations uses, in the alphabetical order of a language. */
export function countryChoices(language: Language): { value: string; label: string }[] {
  let choices = known.get(language);
  if (!choices) {
    const names = new Intl.DisplayNames(language, { type: 'region' });
    const letters = Array.from({ length: 26 }, (_, index) => String.fromCharCode(65 + index));
    choices = letters
      .flatMap((first) => letters.map((second) => first + second))
      .filter((code) => canonicalCountry(code) === code && !OBSOLETE.has(code))
      .map((value) => ({ value, label: UN_NAMES[value]?.[language] ?? names.of(value)! }))
      .toSorted((one, other) => new Intl.Collator(language).compare(one.label, other.label));
    known.set(language, choices);
  }
  return choices;
}

/** Codes that Node knows but ISO 3166-1 has withdrawn, or only reserves. */
const OBSOLETE = new Set(
  'AC AN BU CP CQ CS DD DG DY EA FX HV IC NH RH SU TA TP UK VD XK YD YU ZR'.split(' '),
);

/**
 * Where Unicode's name of a country is not the short name that the United Nations uses (UN Terminology, the M49 list
 * and ISO 3166-1). A language that is not given has the same name in both.
 */
const UN_NAMES: Record<string, Partial<Record<Language, string>>> = {
  AG: { en: 'Antigua and Barbuda' },
  BA: { en: 'Bosnia and Herzegovina' },
  BL: { en: 'Saint Barthélemy' },
  BN: { en: 'Brunei Darussalam', fr: 'Brunéi Darussalam', ar: 'بروني دار السلام' },
  BO: {
    en: 'Bolivia (Plurinational State of)',
    fr: 'Bolivie (État plurinational de)',
    ar: 'بوليفيا (دولة - المتعددة القوميات)',
  },
  BQ: {
    en: 'Bonaire, Sint Eustatius and Saba',
    fr: 'Bonaire, Saint-Eustache et Saba',
    ar: 'بونير وسانت يوستاشيوس وسابا',
  },
  BY: { fr: 'Bélarus' },
  CC: { fr: 'Îles des Cocos (Keeling)' },
  CD: {
    en: 'Democratic Republic of the Congo',
    fr: 'République démocratique du Congo',
    ar: 'جمهورية الكونغو الديمقراطية',
  },
  CG: { en: 'Congo', fr: 'Congo', ar: 'الكونغو' },
  CI: { ar: 'كوت ديفوار' },
  CV: { en: 'Cabo Verde', fr: 'Cabo Verde', ar: 'كابو فيردي' },
  CZ: { ar: 'تشيكيا' },
  DO: { ar: 'الجمهورية الدومينيكية' },
  FK: { en: 'Falkland Islands (Malvinas)', fr: 'Îles Falkland (Malvinas)', ar: 'جزر فوكلاند (مالفيناس)' },
  FM: {
    en: 'Micronesia (Federated States of)',
    fr: 'Micronésie (États fédérés de)',
    ar: 'ميكرونيزيا (ولايات - الموحدة)',
  },
  GB: {
    en: 'United Kingdom of Great Britain and Northern Ireland',
    fr: 'Royaume-Uni de Grande-Bretagne et d’Irlande du Nord',
    ar: 'المملكة المتحدة لبريطانيا العظمى وأيرلندا الشمالية',
  },
  GS: { en: 'South Georgia and the South Sandwich Islands' },
  GW: { ar: 'غينيا - بيساو' },
  HK: {
    en: 'China, Hong Kong Special Administrative Region',
    fr: 'Chine, région administrative spéciale de Hong Kong',
    ar: 'الصين، منطقة هونغ كونغ الإدارية الخاصة',
  },
  HM: { en: 'Heard Island and McDonald Islands', fr: 'Île Heard-et-Îles MacDonald' },
  IQ: { fr: 'Iraq' },
  IR: {
    en: 'Iran (Islamic Republic of)',
    fr: 'Iran (République islamique d’)',
    ar: 'إيران (جمهورية - الإسلامية)',
  },
  KG: { fr: 'Kirghizistan' },
  KI: { ar: 'كيريباس' },
  KN: { en: 'Saint Kitts and Nevis', fr: 'Saint-Kitts-et-Nevis' },
  KP: {
    en: 'Democratic People’s Republic of Korea',
    fr: 'République populaire démocratique de Corée',
    ar: 'جمهورية كوريا الشعبية الديمقراطية',
  },
  KR: { en: 'Republic of Korea', fr: 'République de Corée', ar: 'جمهورية كوريا' },
  LA: {
    en: 'Lao People’s Democratic Republic',
    fr: 'République démocratique populaire lao',
    ar: 'جمهورية لاو الديمقراطية الشعبية',
  },
  LC: { en: 'Saint Lucia' },
  MD: { en: 'Republic of Moldova', fr: 'République de Moldova', ar: 'جمهورية مولدوفا' },
  MF: {
    en: 'Saint Martin (French part)',
    fr: 'Saint-Martin (partie française)',
    ar: 'سانت مارتن (الجزء الفرنسي)',
  },
  MM: { en: 'Myanmar', fr: 'Myanmar', ar: 'ميانمار' },
  MO: {
    en: 'China, Macao Special Administrative Region',
    fr: 'Chine, région administrative spéciale de Macao',
    ar: 'الصين، منطقة ماكاو الإدارية الخاصة',
  },
  MV: { ar: 'ملديف' },
  NL: { en: 'Netherlands (Kingdom of the)', fr: 'Pays-Bas (Royaume des)', ar: 'هولندا (مملكة -)' },
  OM: { ar: 'عمان' },
  PM: { en: 'Saint Pierre and Miquelon' },
  PN: { en: 'Pitcairn', fr: 'Pitcairn', ar: 'بيتكيرن' },
  PS: { en: 'State of Palestine', fr: 'État de Palestine', ar: 'دولة فلسطين' },
  RE: { fr: 'Réunion' },
  RU: { en: 'Russian Federation', fr: 'Fédération de Russie', ar: 'الاتحاد الروسي' },
  SC: { ar: 'سيشيل' },
  SH: { en: 'Saint Helena' },
  SJ: { en: 'Svalbard and Jan Mayen Islands', fr: 'Îles Svalbard-et-Jan Mayen' },
  ST: { en: 'Sao Tome and Principe', ar: 'سان تومي وبرينسيبي' },
  SV: { fr: 'El Salvador' },
  SX: { en: 'Sint Maarten (Dutch part)', ar: 'سانت مارتن (الجزء الهولندي)' },
  SY: { en: 'Syrian Arab Republic', fr: 'République arabe syrienne', ar: 'الجمهورية العربية السورية' },
  TC: { en: 'Turks and Caicos Islands' },
  TL: { fr: 'Timor-Leste' },
  TR: { fr: 'Türkiye' },
  TT: { en: 'Trinidad and Tobago' },
  TW: { en: 'Taiwan (Province of China)', fr: 'Taïwan (Province de Chine)', ar: 'تايوان (مقاطعة صينية)' },
  TZ: {
    en: 'United Republic of Tanzania',
    fr: 'République-Unie de Tanzanie',
    ar: 'جمهورية تنزانيا المتحدة',
  },
  UM: { en: 'United States Minor Outlying Islands' },
  US: { en: 'United States of America', fr: 'États-Unis d’Amérique', ar: 'الولايات المتحدة الأمريكية' },
  VA: { en: 'Holy See', fr: 'Saint-Siège', ar: 'الكرسي الرسولي' },
  VC: { en: 'Saint Vincent and the Grenadines' },
  VE: {
    en: 'Venezuela (Bolivarian Republic of)',
    fr: 'Venezuela (République bolivarienne du)',
    ar: 'فنزويلا (جمهورية - البوليفارية)',
  },
  VI: { en: 'United States Virgin Islands' },
  VN: { en: 'Viet Nam', fr: 'Viet Nam', ar: 'فييت نام' },
  WF: { en: 'Wallis and Futuna Islands', fr: 'Îles Wallis-et-Futuna', ar: 'جزر واليس وفوتونا' },
};
