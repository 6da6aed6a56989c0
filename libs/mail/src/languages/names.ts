const CHINESE = /^\p{Script=Han}+$/u;

/**
 * Honorific and name, as they are said: a Chinese honorific follows the name, without a space when the name ends with a
 * Chinese character ("李明华女士", "Katarina Medved 女士"); every other one stands before it.
 */
export function honoured({ honorific, name }: { honorific?: string | null; name: string }): string {
  if (!honorific) return name;
  if (!CHINESE.test(honorific)) return `${honorific} ${name}`;
  return /\p{Script=Han}$/u.test(name) ? `${name}${honorific}` : `${name} ${honorific}`;
}
