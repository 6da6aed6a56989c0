import { finderOf, folded } from '../../platform/src/near.rules';
import { canonicalLanguage } from './tags.rules';

/** Of what people write down as the language they work in. */
const USUAL =
  'ar en fr es ru zh pt de it tr fa ur id ms sw am hi bn vi th km my ja ko uk el nl pl ro sq bs so ti ps ku ckb az hy ka ' +
  'kk ky tg tk uz mn ne si ta te ml dz lo fil he da sv nb nn no fi et lv lt cs sk sl hr sr mk bg hu be ca ga mt is lb ha yo ' +
  'ig wo ff rw rn ln kg mg ny sn zu xh af st tn om ht qu ay gn fj sm to bi tpi tet dv yue zgh';

/** The languages in which lists name languages. */
const READ_IN = ['en', 'fr', 'ar', 'es', 'pt', 'ru', 'zh'];

/** Other names in use. */
const ALSO_CALLED: Record<string, string> = {
  ar: 'Arabic language|Modern Standard Arabic|MSA|اللغة العربية|عربي|阿文|阿语',
  bn: 'Bangla',
  en: 'English language|British English|UK English|US English|American English|International English|اللغة الإنجليزية|الإنجليزية|انجليزي|英文|英语',
  es: 'Castellano|Castilian|Espagnol castillan|Castillan|Castelhano|Español|Espanol|Кастильский|الإسبانية|اللغة الإسبانية|西文|西语|西班牙文',
  fa: 'Farsi|فارسی',
  'fa-AF': 'Dari|دری',
  fil: 'Tagalog|Pilipino',
  fr: 'French language|Langue française|Francais|اللغة الفرنسية|الفرنسية|فرنسي|法文|法语',
  he: 'Ivrit',
  ht: 'Haitian Creole|Kreyòl|Creole haitien',
  id: 'Bahasa Indonesia|Bahasa',
  km: 'Khmer|Cambodian',
  ku: 'Kurdish|Kurmanji',
  ckb: 'Sorani|Central Kurdish',
  ms: 'Bahasa Melayu|Bahasa Malaysia',
  my: 'Burmese|Myanmar language',
  pt: 'Portuguese language|Portugues|葡文|葡语',
  'pt-BR': 'Brazilian Portuguese|Portuguese (Brazil)|Português do Brasil',
  ro: 'Moldovan|Moldavian',
  ru: 'Russian language|Русский язык|اللغة الروسية|الروسية|俄文|俄语',
  sw: 'Kiswahili',
  ti: 'Tigrinya',
  yue: 'Cantonese|粤语|粵語|广东话|廣東話',
  zh: 'Chinese language|Mandarin|Mandarin Chinese|Standard Chinese|Putonghua|Pǔtōnghuà|Mandarín|Mandarim|Мандарин|الماندرين|اللغة الصينية|汉语|漢語|普通话|普通話|国语|國語|华语|華語|中文|中国话|Zhongwen|Hanyu',
  'zh-Hans':
    'Chinese (Simplified)|Simplified Chinese|Chinois simplifié|Chino simplificado|Chinês simplificado|简体中文|简体|Mandarin (Simplified)',
  'zh-Hant':
    'Chinese (Traditional)|Traditional Chinese|Chinois traditionnel|Chino tradicional|Chinês tradicional|繁體中文|繁体中文|繁體|繁体',
};

/** Words beside the name of a language that say nothing of which it is. */
const BESIDE = new Set(
  'language langue idioma lengua lingua язык لغة the la le el a en in native speaker'.split(' ').map(folded),
);

/** A name for comparison only: its words in no order, without those that say nothing. */
function keyOf(name: string): string {
  const words = folded(name).split(' ');
  const telling = words.filter((word) => !BESIDE.has(word));
  return (telling.length > 0 ? telling : words).toSorted().join(' ');
}

interface KnownLanguages {
  /** Tags by the keys of all names. */
  names: Map<string, string>;
  /** For suggestions. */
  near: (called: string, atLeast: number) => { tag: string } | undefined;
}

let knownLanguages: KnownLanguages | undefined;

function known(): KnownLanguages {
  if (knownLanguages) return knownLanguages;
  const tags = [...USUAL.split(' '), ...Object.keys(ALSO_CALLED).filter((tag) => tag.includes('-'))];
  const listed = tags.map((tag) => ({
    tag,
    texts: [
      ...[...READ_IN, tag].map((language) => new Intl.DisplayNames(language, { type: 'language' }).of(tag)!),
      ...(ALSO_CALLED[tag]?.split('|') ?? []),
    ],
  }));
  return (knownLanguages = {
    names: new Map(listed.flatMap(({ tag, texts }) => texts.map((text) => [keyOf(text), tag] as const))),
    near: finderOf(listed, ({ texts }) => texts),
  });
}

/**
 * The language that a list calls so: by its tag, by its name in a language in which lists are written or in itself, or by
 * another name in use; or null.
 */
export function languageCalled(called: string): string | null {
  return known().names.get(keyOf(called)) ?? canonicalLanguage(called.trim().replaceAll('_', '-'));
}

/** The language that may be meant by what names none; undefined: nothing is near. */
export function nearestLanguage(called: string): string | undefined {
  // Of two or three letters everything is near.
  if (folded(called).length < 4) return undefined;
  return languageCalled(called) ?? known().near(called, 0.57)?.tag;
}

const inEnglish = new Intl.DisplayNames('en', { type: 'language' });

/** What a language is called in English. */
export function languageName(tag: string): string {
  return inEnglish.of(tag)!;
}

/** What to do about a tag that names no language, in words for the API. */
export function languageRemedy(written: string): string {
  const near = nearestLanguage(written);
  return `"${written.slice(0, 40)}" is not a registered language tag (BCP 47). Use ${near ? `${near} for ${languageName(near)}` : 'a tag such as fr or pt-BR'}.`;
}
