import type { Language } from './languages';

const CHINESE = { ',': '，', ';': '；', ':': '：' };
const ARABIC = { ',': '، ', ';': '؛ ', ':': ': ' };

/**
 * A mark before more, with the space that the language sets around it, for what stands in no message of a catalog:
 * French sets a narrow no-break space before all but the comma; Chinese marks are as wide as a character and take none.
 */
export function mark(language: Language, sign: ',' | ';' | ':'): string {
  if (language === 'zh') return CHINESE[sign];
  if (language === 'ar') return ARABIC[sign];
  return language === 'fr' && sign !== ',' ? `\u202f${sign} ` : `${sign} `;
}

/** What separates things of a kind; Chinese has a mark of its own for it. */
export function listMark(language: Language): string {
  return language === 'zh' ? '、' : mark(language, ',');
}

/** Brackets for what is said beside something, with the space that stands before them. */
export function brackets(language: Language): [opening: string, closing: string] {
  return language === 'zh' ? ['（', '）'] : [' (', ')'];
}

const CHINESE_WORD = /^\p{Script=Han}+$/u;

/**
 * Honorific and name, as they are said: a Chinese honorific follows the name, without a space when the name ends with a
 * Chinese character ("李明华女士", "Katarina Medved 女士"); every other one stands before it.
 */
export function fullName({ honorific, name }: { honorific?: string | null; name: string }): string {
  if (!honorific) return name;
  if (!CHINESE_WORD.test(honorific)) return `${honorific} ${name}`;
  return /\p{Script=Han}$/u.test(name) ? `${name}${honorific}` : `${name} ${honorific}`;
}
