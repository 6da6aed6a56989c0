import { canonicalCountry, canonicalLanguage } from '../../../directory/src/tags.rules';
import { folded } from './near.rules';

/** The languages in which lists name countries and languages. */
const READ_IN = ['en', 'fr', 'ar', 'es', 'pt', 'ru', 'zh'];

/** Codes that Node still names, but ISO 3166-1 has withdrawn: their names are those of countries that have others. */
const WITHDRAWN = new Set(
  'AC AN BU CP CQ CS DD DG DY EA FX HV IC NH RH SU TA TP UK VD XK YD YU ZR'.split(' '),
);

/** Names in use that Unicode does not have, as the United Nations and letterheads write them. */
const ALSO: Record<string, string> = {
  'bolivia plurinational state of': 'BO',
  'brunei darussalam': 'BN',
  'cabo verde': 'CV',
  'côte d’ivoire': 'CI',
  'ivory coast': 'CI',
  'democratic republic of the congo': 'CD',
  'dr congo': 'CD',
  drc: 'CD',
  'republic of the congo': 'CG',
  congo: 'CG',
  'czech republic': 'CZ',
  'the gambia': 'GM',
  'iran islamic republic of': 'IR',
  'islamic republic of iran': 'IR',
  'kingdom of morocco': 'MA',
  'royaume du maroc': 'MA',
  'المملكة المغربية': 'MA',
  'kingdom of saudi arabia': 'SA',
  ksa: 'SA',
  'المملكة العربية السعودية': 'SA',
  'lao pdr': 'LA',
  'republic of korea': 'KR',
  'south korea': 'KR',
  'republic of moldova': 'MD',
  'russian federation': 'RU',
  'state of palestine': 'PS',
  palestine: 'PS',
  'état de palestine': 'PS',
  'دولة فلسطين': 'PS',
  فلسطين: 'PS',
  syria: 'SY',
  'syrian arab republic': 'SY',
  'الجمهورية العربية السورية': 'SY',
  tanzania: 'TZ',
  'united republic of tanzania': 'TZ',
  turkey: 'TR',
  turquie: 'TR',
  تركيا: 'TR',
  uae: 'AE',
  'united kingdom of great britain and northern ireland': 'GB',
  uk: 'GB',
  'united states of america': 'US',
  usa: 'US',
  'venezuela bolivarian republic of': 'VE',
  'viet nam': 'VN',
};

let countries: Map<string, string> | undefined;

/** A country by its two letters (ISO 3166-1), or by its name in a language in which lists are written; or null. */
export function countryCalled(called: string): string | null {
  const byCode = canonicalCountry(called);
  if (byCode) return byCode;
  countries ??= namesOfCountries();
  return countries.get(folded(called)) ?? null;
}

function namesOfCountries(): Map<string, string> {
  const letters = Array.from({ length: 26 }, (_, index) => String.fromCharCode(65 + index));
  const codes = letters
    .flatMap((first) => letters.map((second) => first + second))
    .filter((code) => canonicalCountry(code) === code && !WITHDRAWN.has(code));
  const found = new Map<string, string>();
  for (const language of READ_IN) {
    const names = new Intl.DisplayNames(language, { type: 'region' });
    for (const code of codes) found.set(folded(names.of(code)!), code);
  }
  for (const [name, code] of Object.entries(ALSO)) found.set(folded(name), code);
  return found;
}

/** Of what people write down as the language they work in. */
const LANGUAGES =
  'ar en fr es ru zh pt de it tr fa ur id ms sw am hi bn vi th km my ja ko uk el nl pl ro sq bs so ti'.split(
    ' ',
  );

let languages: Map<string, string> | undefined;

/** A language by its tag (BCP 47), or by its name in a language in which lists are written, or in itself; or null. */
export function languageCalled(called: string): string | null {
  languages ??= new Map(
    LANGUAGES.flatMap((tag) =>
      [...READ_IN, tag].map(
        (language) => [folded(new Intl.DisplayNames(language, { type: 'language' }).of(tag)!), tag] as const,
      ),
    ),
  );
  return languages.get(folded(called)) ?? canonicalLanguage(called);
}
