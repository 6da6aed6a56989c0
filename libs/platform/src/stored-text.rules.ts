/**
 * Marks that show nothing: format characters (soft hyphen, zero-width space, those that set a direction), what Unicode
 * says is ignored by default (fillers), noncharacters and lone halves of a surrogate pair. The
 * Arabic and Syriac number signs are format characters, too, but they are seen.
 */
const UNSEEN =
  /(?![\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\u{110bd}\u{110cd}])[\p{Cf}\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}\p{Cs}]/gu;

/** The Braille pattern without dots looks like a space. */
const BLANK = '\u2800';

/** Of the marks above, what can matter: joiners and their opposite, and the selectors of a variant of the character before. */
const JOINER = '[\u200c\u200d]';
const SELECTOR = '[\u180b-\u180f\ufe00-\ufe0f\u{e0100}-\u{e01ef}]';
const HAS_VARIANTS = String.raw`(?:(?=\p{L})[\p{Script=Han}\p{Script=Mongolian}]|\p{Extended_Pictographic})`;
const LETTER = String.raw`[\p{L}\p{M}]`;
/** Signs that kill a vowel. Malayalam, Sinhala and Bengali write a letter of its own as one of them and a joiner. */
const VIRAMA = '[\u094d\u09cd\u0a4d\u0acd\u0b4d\u0bcd\u0c4d\u0ccd\u0d4d\u0dca]';

const MAY_MATTER = new RegExp(`${JOINER}|${SELECTOR}`, 'u');
const REPEATED_JOINERS = new RegExp(`(${JOINER})${JOINER}+`, 'gu');
/** Joiners between letters and selectors after what has variants; as a group, all other joiners and selectors. */
const EACH_MATTERING = new RegExp(
  `(?<=${LETTER})${JOINER}(?=${LETTER})|(?<=${VIRAMA})\u200d|(?<=${HAS_VARIANTS})${SELECTOR}|(${JOINER}|${SELECTOR})`,
  'gu',
);

/**
 * Text without marks that nobody sees, by which two texts that look the same differ, or a text shows as something else
 * than it is. Line breaks stay, and so do joiners between letters: Persian and Indian names are spelled with them.
 */
export function withoutUnseen(text: string): string {
  const seen = text.replaceAll(BLANK, ' ').replace(UNSEEN, (mark) => (MAY_MATTER.test(mark) ? mark : ''));
  if (!MAY_MATTER.test(seen)) return seen;
  return seen
    .replace(REPEATED_JOINERS, '$1')
    .replace(EACH_MATTERING, (mark, meaningless: string | undefined) => (meaningless ? '' : mark));
}

/**
 * One line as it is stored, wherever it comes from: without marks that nobody sees; any run of white space, line breaks
 * and control characters is one space, none at the ends. Empty: null.
 */
export function oneLine(text: string | null | undefined): string | null {
  return (
    withoutUnseen(text ?? '')
      .replace(/[\s\p{Cc}]+/gu, ' ')
      .trim() || null
  );
}

/**
 * An address as it is stored, wherever it comes from: without the marks that come with it when it is copied, and without
 * spaces around it. A line break inside stays, so that the address is refused: it could carry a second recipient into a
 * header.
 */
export function plainAddress(address: string): string {
  return address.replace(UNSEEN, '').replaceAll(BLANK, ' ').trim();
}

/** Whether there is a mark in it that nobody sees and that means nothing. */
export function hasUnseen(text: string): boolean {
  return withoutUnseen(text) !== text;
}
