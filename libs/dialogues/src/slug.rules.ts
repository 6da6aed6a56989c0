/**
 * The name of a dialogue in public addresses: its title in small Latin letters, and a suffix that makes it unique.
 * Of a title in another script only the suffix is left.
 */
export function slugOf(title: string, suffix: string): string {
  const words = title
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[æœßøđł]/g, (letter) => LATIN[letter]!)
    .replace(/['’]/g, '')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 60)
    .replace(/-+$/, '');
  return `${words || 'dialogue'}-${suffix}`;
}

const LATIN: Record<string, string> = { æ: 'ae', œ: 'oe', ß: 'ss', ø: 'o', đ: 'd', ł: 'l' };
