import type { Language } from '@app/mail';
import { finderOf, folded } from '../../../platform/src/near.rules';
import { ALSO_CALLED, FORMS_OF_STATE } from './other-names.rules';
import { UN_NAMES } from './un-names';

/** The States and areas of ISO 3166-1, each by its two and its three letters. It is the only list there is. */
const ISO_3166 = (
  'AD:AND AE:ARE AF:AFG AG:ATG AI:AIA AL:ALB AM:ARM AO:AGO AQ:ATA AR:ARG AS:ASM AT:AUT AU:AUS AW:ABW AX:ALA ' +
  'AZ:AZE BA:BIH BB:BRB BD:BGD BE:BEL BF:BFA BG:BGR BH:BHR BI:BDI BJ:BEN BL:BLM BM:BMU BN:BRN BO:BOL BQ:BES ' +
  'BR:BRA BS:BHS BT:BTN BV:BVT BW:BWA BY:BLR BZ:BLZ CA:CAN CC:CCK CD:COD CF:CAF CG:COG CH:CHE CI:CIV CK:COK ' +
  'CL:CHL CM:CMR CN:CHN CO:COL CR:CRI CU:CUB CV:CPV CW:CUW CX:CXR CY:CYP CZ:CZE DE:DEU DJ:DJI DK:DNK DM:DMA ' +
  'DO:DOM DZ:DZA EC:ECU EE:EST EG:EGY EH:ESH ER:ERI ES:ESP ET:ETH FI:FIN FJ:FJI FK:FLK FM:FSM FO:FRO FR:FRA ' +
  'GA:GAB GB:GBR GD:GRD GE:GEO GF:GUF GG:GGY GH:GHA GI:GIB GL:GRL GM:GMB GN:GIN GP:GLP GQ:GNQ GR:GRC GS:SGS ' +
  'GT:GTM GU:GUM GW:GNB GY:GUY HK:HKG HM:HMD HN:HND HR:HRV HT:HTI HU:HUN ID:IDN IE:IRL IL:ISR IM:IMN IN:IND ' +
  'IO:IOT IQ:IRQ IR:IRN IS:ISL IT:ITA JE:JEY JM:JAM JO:JOR JP:JPN KE:KEN KG:KGZ KH:KHM KI:KIR KM:COM KN:KNA ' +
  'KP:PRK KR:KOR KW:KWT KY:CYM KZ:KAZ LA:LAO LB:LBN LC:LCA LI:LIE LK:LKA LR:LBR LS:LSO LT:LTU LU:LUX LV:LVA ' +
  'LY:LBY MA:MAR MC:MCO MD:MDA ME:MNE MF:MAF MG:MDG MH:MHL MK:MKD ML:MLI MM:MMR MN:MNG MO:MAC MP:MNP MQ:MTQ ' +
  'MR:MRT MS:MSR MT:MLT MU:MUS MV:MDV MW:MWI MX:MEX MY:MYS MZ:MOZ NA:NAM NC:NCL NE:NER NF:NFK NG:NGA NI:NIC ' +
  'NL:NLD NO:NOR NP:NPL NR:NRU NU:NIU NZ:NZL OM:OMN PA:PAN PE:PER PF:PYF PG:PNG PH:PHL PK:PAK PL:POL PM:SPM ' +
  'PN:PCN PR:PRI PS:PSE PT:PRT PW:PLW PY:PRY QA:QAT RE:REU RO:ROU RS:SRB RU:RUS RW:RWA SA:SAU SB:SLB SC:SYC ' +
  'SD:SDN SE:SWE SG:SGP SH:SHN SI:SVN SJ:SJM SK:SVK SL:SLE SM:SMR SN:SEN SO:SOM SR:SUR SS:SSD ST:STP SV:SLV ' +
  'SX:SXM SY:SYR SZ:SWZ TC:TCA TD:TCD TF:ATF TG:TGO TH:THA TJ:TJK TK:TKL TL:TLS TM:TKM TN:TUN TO:TON TR:TUR ' +
  'TT:TTO TV:TUV TW:TWN TZ:TZA UA:UKR UG:UGA UM:UMI US:USA UY:URY UZ:UZB VA:VAT VC:VCT VE:VEN VG:VGB VI:VIR ' +
  'VN:VNM VU:VUT WF:WLF WS:WSM YE:YEM YT:MYT ZA:ZAF ZM:ZMB ZW:ZWE'
)
  .split(' ')
  .map((pair) => pair.split(':') as [string, string]);

const CODES = new Set(ISO_3166.map(([code]) => code));
const BY_THREE_LETTERS = new Map(ISO_3166.map(([code, three]) => [three, code]));

/** Letters in use that ISO 3166-1 never assigned: of a top-level domain, and of the European Union. Lists have them. */
const ALIASES: Record<string, string> = { UK: 'GB', EL: 'GR' };

/** Codes that ISO 3166-1 withdrew, with the code that came in their place where it is exactly one (ISO 3166-3). */
const WITHDRAWN: Record<string, string | null> = {
  AN: null,
  BU: 'MM',
  CS: null,
  DD: 'DE',
  DY: 'BJ',
  FX: 'FR',
  HV: 'BF',
  NH: 'VU',
  NT: null,
  RH: 'ZW',
  SU: null,
  TP: 'TL',
  VD: 'VN',
  YD: 'YE',
  YU: null,
  ZR: 'CD',
};

/** A State's or area's two letters in upper case (ISO 3166-1 alpha-2), or null when they name none today. */
export function canonicalCountry(code: string): string | null {
  const letters = code.trim().toUpperCase();
  return CODES.has(letters) ? letters : null;
}

/** What a State or area is called in a language: the short name that the United Nations uses. Any other code: itself. */
export function countryName(code: string, language: Language): string {
  if (!CODES.has(code)) return code;
  return UN_NAMES[code]?.[language] ?? regionNames(language).of(code)!;
}

const choices = new Map<Language, { value: string; label: string }[]>();

/** States and areas by their names, in the alphabetical order of a language. */
export function countryChoices(language: Language): { value: string; label: string }[] {
  let sorted = choices.get(language);
  if (!sorted) {
    const { compare } = new Intl.Collator(language);
    sorted = ISO_3166.map(([value]) => ({ value, label: countryName(value, language) })).toSorted(
      (one, other) => compare(one.label, other.label),
    );
    choices.set(language, sorted);
  }
  return sorted;
}

/**
 * The State or area that a list calls so: by two or three letters, by a name that the forms show in one of their
 * languages, or by another name in use, long or short, whatever the order of its words; or null.
 */
export function countryCalled(called: string): string | null {
  const letters = called.replace(/[\s.]/gu, '').toUpperCase();
  const byCode = canonicalCountry(letters) ?? ALIASES[letters] ?? BY_THREE_LETTERS.get(letters);
  if (byCode) return byCode;
  const { names, short } = known();
  const key = keyOf(called);
  return names.get(key) ?? short.get(withoutForm(key)) ?? null;
}

/** The State or area that may be meant by what names none; undefined: nothing is near. */
export function nearestCountry(called: string): string | undefined {
  const letters = called.replace(/[\s.]/gu, '').toUpperCase();
  if (letters in ALIASES) return ALIASES[letters];
  if (letters in WITHDRAWN) return WITHDRAWN[letters] ?? undefined;
  // Of a few letters everything is near.
  if (folded(called).replaceAll(' ', '').length < 4) return undefined;
  return countryCalled(called) ?? known().near(called)?.code;
}

/** What to do about a code that names no State or area today, in words for the API. */
export function countryRemedy(written: string): string {
  const letters = written.trim().toUpperCase();
  const near = nearestCountry(written);
  const why = letters in WITHDRAWN ? 'is not in use any more' : 'is not a code of ISO 3166-1';
  return `"${written.slice(0, 40)}" ${why}. Use ${near ? `${near} for ${countryName(near, 'en')}` : 'the two letters of a State or area, such as MA for Morocco'}.`;
}

/** The languages in which lists name States and areas: those of the forms, and Portuguese. */
const FORMS: Language[] = ['ar', 'en', 'es', 'fr', 'ru', 'zh'];
const READ_IN = [...FORMS, 'pt'];

/** Two by two they differ in nothing but the form of State: so they are known by their whole names alone. */
const TOLD_APART = new Set(['CD', 'CG', 'CN', 'TW', 'KP', 'KR']);

interface KnownNames {
  /** Codes by the keys of all names. */
  names: Map<string, string>;
  /** Codes by the keys of names without the form of State, as far as one State alone has it. */
  short: Map<string, string>;
  /** For suggestions. */
  near: (called: string) => { code: string } | undefined;
}

let knownNames: KnownNames | undefined;

function known(): KnownNames {
  if (knownNames) return knownNames;
  const listed = ISO_3166.map(([code]) => ({
    code,
    texts: [
      ...READ_IN.map((language) => regionNames(language).of(code)!),
      ...FORMS.map((language) => countryName(code, language)),
      ...(ALSO_CALLED[code] ?? []),
    ],
  }));
  const names = new Map(
    listed.flatMap(({ code, texts }) => texts.map((text) => [keyOf(text), code] as const)),
  );
  const codesOf = Map.groupBy(names, ([key]) => withoutForm(key));
  const short = new Map(
    [...codesOf].flatMap(([key, named]) =>
      key !== '' && new Set(named.map(([, code]) => code)).size === 1 && !TOLD_APART.has(named[0]![1])
        ? [[key, named[0]![1]] as const]
        : [],
    ),
  );
  return (knownNames = { names, short, near: finderOf(listed, ({ texts }) => texts) });
}

const namesOfRegions = new Map<string, Intl.DisplayNames>();

function regionNames(language: string): Intl.DisplayNames {
  let names = namesOfRegions.get(language);
  if (!names) namesOfRegions.set(language, (names = new Intl.DisplayNames(language, { type: 'region' })));
  return names;
}

/** Words that say nothing of which State it is. */
const CONNECTORS = new Set(
  'and et y e и en und the of la le les l el los las de du des d del da do dos das a s'.split(' '),
);

/** Ways to shorten a word. */
const SHORTENED: Record<string, string> = {
  st: 'saint',
  ste: 'saint',
  sainte: 'saint',
  rep: 'republic',
  dem: 'democratic',
  fed: 'federated',
  sts: 'states',
  is: 'islands',
  isl: 'islands',
  island: 'islands',
};

/**
 * A name for comparison only: its words in no order, without articles and connectors. "Korea, Republic of" is "the Republic
 * of Korea", "St. Kitts & Nevis" is "Saint Kitts and Nevis", "U.S.A." is "USA".
 */
function keyOf(name: string): string {
  return folded(name)
    .replace(/(?<![\p{L}\p{N}])\p{L}(?: \p{L}(?![\p{L}\p{N}]))+/gu, (letters) => letters.replaceAll(' ', ''))
    .split(' ')
    .map((word) => SHORTENED[word] ?? word)
    .filter((word) => !CONNECTORS.has(word))
    .toSorted()
    .join(' ');
}

/** The form of a State in Chinese, at the end of its long name. */
const FORM_IN_CHINESE =
  /(人民|民主|社会主义|伊斯兰|阿拉伯|联邦|合作|独立|哈希姆|多民族|玻利瓦尔|东岸)*(共和国|王国|大公国|公国|苏丹国|联邦|联盟|国)$/u;

function withoutForm(key: string): string {
  const rest = key
    .split(' ')
    .filter((word) => !FORMS_OF_STATE.has(word))
    .join(' ');
  return rest.replace(FORM_IN_CHINESE, '');
}
