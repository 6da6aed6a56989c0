import { nameKey } from './keys';

/**
 * Text for loose comparison: what `nameKey` takes for one is one, and accents, signs and the Arabic article are left out.
 * `"البريد الإلكتروني"` and `"بريد الكتروني"` are one. Never shown.
 */
export function folded(text: string): string {
  return nameKey(text)
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .replace(/(^| )ال(?=\p{L}{3})/gu, '$1')
    .trim();
}

/**
 * Finds the nearest of several items by their texts, when it is near enough that a person may have meant it; see
 * `alikeAmong`.
 */
export function finderOf<Item>(
  items: readonly Item[],
  textsOf: (item: Item) => readonly string[],
): (text: string, atLeast?: number) => Item | undefined {
  const named = items.flatMap((item) => textsOf(item).map((text) => ({ item, text })));
  const alike = alikeAmong(named.map(({ text }) => text));
  return (text, atLeast = 0.6) => named[alike(text, atLeast)[0] ?? -1]?.item;
}

/**
 * Finds those of many texts that are alike, without comparing each with each: by Dice's coefficient of their pairs of
 * letters, 0 to 1, in whatever order the words stand.
 * @returns a search that answers with positions in `texts`, the nearest first.
 */
export function alikeAmong(texts: readonly string[]): (text: string, atLeast: number) => number[] {
  const sizes: number[] = [];
  const found = new Map<string, Map<number, number>>();
  texts.forEach((text, index) => {
    const pairs = pairsOf(text);
    sizes.push(pairs.length);
    for (const pair of pairs) {
      if (!found.has(pair)) found.set(pair, new Map());
      const counts = found.get(pair)!;
      counts.set(index, (counts.get(index) ?? 0) + 1);
    }
  });
  return (text, atLeast) => {
    const pairs = pairsOf(text);
    const shared = new Map<number, number>();
    for (const [pair, { length }] of Map.groupBy(pairs, (each) => each))
      for (const [index, count] of found.get(pair) ?? [])
        shared.set(index, (shared.get(index) ?? 0) + Math.min(count, length));
    return [...shared]
      .map(([index, count]) => ({ index, likeness: (2 * count) / (pairs.length + sizes[index]!) }))
      .filter((each) => each.likeness >= atLeast)
      .toSorted((one, other) => other.likeness - one.likeness || one.index - other.index)
      .map(({ index }) => index);
  };
}

/** Every two letters that stand together in a word, with its beginning and its end. */
function pairsOf(text: string): string[] {
  return folded(text)
    .split(' ')
    .flatMap((word) => {
      const letters = [...` ${word} `];
      return letters.slice(1).map((letter, index) => letters[index]! + letter);
    });
}
