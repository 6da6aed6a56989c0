/**
 * Text for loose comparison: without accents, signs and the Arabic article, whatever its case, one space between words.
 * `"البريد الإلكتروني"` and `"بريد الكتروني"` are one. Never shown.
 */
export function folded(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/[\p{M}\u0640\u200b-\u200f\ufeff]/gu, '')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .replace(/(^| )ال(?=\p{L}{3})/gu, '$1')
    .trim();
}

/** How alike two texts are, 0 to 1: Dice's coefficient of their pairs of letters, in whatever order the words stand. */
export function likeness(one: string, other: string): number {
  const pairs = (text: string): string[] =>
    folded(text)
      .split(' ')
      .flatMap((word) => {
        const letters = [...` ${word} `];
        return letters.slice(1).map((letter, index) => letters[index]! + letter);
      });
  const left = pairs(one);
  const right = pairs(other);
  if (left.length === 0 || right.length === 0) return 0;
  const open = [...right];
  const shared = left.filter((pair) => {
    const index = open.indexOf(pair);
    if (index >= 0) open.splice(index, 1);
    return index >= 0;
  });
  return (2 * shared.length) / (left.length + right.length);
}

/** The nearest of several texts, when it is near enough that a person may have meant it. */
export function nearest<Item>(
  text: string,
  items: readonly Item[],
  textsOf: (item: Item) => readonly string[],
  atLeast = 0.6,
): Item | undefined {
  let best: Item | undefined;
  let most = atLeast;
  for (const item of items) {
    for (const candidate of textsOf(item)) {
      const alike = likeness(text, candidate);
      if (alike > most || (alike === most && !best)) {
        best = item;
        most = alike;
      }
    }
  }
  return best;
}
