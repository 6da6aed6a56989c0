import { domainToASCII } from 'node:url';
import { isEmail } from 'class-validator';
import { plainAddress } from './stored-text.rules';

/**
 * Whether a mail can be addressed to it: no line break, no other control character, no mark that nobody sees, and
 * well-formed (RFC 5321).
 */
export function isAddress(address: string): boolean {
  return (
    plainAddress(address) === address &&
    !/[\p{Cc}\u2028\u2029]/u.test(address) &&
    isEmail(address, { allow_utf8_local_part: true })
  );
}

/** Spacing accents that keyboards offer as an apostrophe; NFKC would make a space and a combining accent of them. */
const SPACING_ACCENTS = /[\u00b4\u0384\u1fbd\u1fbf\u1ffd\u1ffe]/gu;

/**
 * What stands for an apostrophe: typewriter, typographic and modifier letters, the signs of transliterated ayn and hamza,
 * the okina, primes, and the apostrophes of Armenian, Hebrew, N'Ko and the saltillo.
 */
const APOSTROPHES =
  /[`\u02b9\u02bb-\u02bf\u02c8\u02ca\u02cb\u055a\u05f3\u07f4\u07f5\u2018\u2019\u201b\u2032\u2035\ua78b\ua78c]/gu;

/** Hyphens and dashes of every length, and the minus. */
const HYPHENS = /[\p{Pd}\u2043\u2212]/gu;

/** Dots between the parts of a name, as Chinese, Japanese and Catalan write them. */
const MIDDLE_DOTS = /[\u16eb\u2022\u2027\u2219\u22c5\u30fb]/gu;

/** Marks that cannot be seen: format characters, joiners, selectors of variants, fillers. */
const INVISIBLE = /[\p{Cf}\p{Default_Ignorable_Code_Point}]/gu;

/**
 * Vowel marks that Hebrew, Arabic and Syriac may write or leave out, and the tatweel. Hamza and madda (U+0653-0655) belong
 * to the letter and stay. Ranges, not scripts: a stored key must not change with the Unicode version of Node.js.
 */
const VOWEL_MARKS =
  /[\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u0640\u064b-\u0652\u0656-\u065f\u0670\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed\u0730-\u074a\u0898-\u089f\u08ca-\u08e1\u08e3-\u08ff]/gu;

/**
 * A name for comparison only: two ways to type one name have one key (docs/decisions/0027). Never shown.
 *
 * It ignores case in every script, spaces, invisible marks, optional vowel marks, and which apostrophe, hyphen, dot or
 * Unicode form was typed. It keeps accents, and whether an apostrophe, a hyphen or a space is there.
 * `"Aïssatou  N’DIAYE"` and `"Aïssatou N'Diaye"` are one; `"Ines"` and `"Inés"` are two.
 *
 * Keys are stored. A change of this rule needs a migration that recomputes them; see `RecomputedNameKeys` in libs/database.
 */
export function nameKey(name: string): string {
  const typed = name.normalize('NFC').replace(SPACING_ACCENTS, "'");
  const seen = oneSpaced(typed.replace(INVISIBLE, ''));
  const key = oneSpaced(
    foldCase(seen.normalize('NFKC').replace(INVISIBLE, ''))
      .replace(APOSTROPHES, "'")
      .replace(HYPHENS, '-')
      .replace(MIDDLE_DOTS, '\u00b7')
      // Keyboards differ: the Persian yeh and kaf are the Arabic ones; a wasla only says how an alef is read.
      .replace(/\u06cc/gu, '\u064a')
      .replace(/\u06a9/gu, '\u0643')
      .replace(/\u0671/gu, '\u0627')
      .replace(VOWEL_MARKS, '')
      .normalize('NFKC'),
  );
  // A name of nothing but such marks is compared as it is written: no name has an empty key.
  return key || oneSpaced(name);
}

/**
 * Lower case, by way of upper case: so `ß` is `ss`, the final sigma a sigma, and the four letters i of Turkish are one, as
 * in a list that somebody typed in capitals.
 */
function foldCase(text: string): string {
  return text
    .toLowerCase()
    .toUpperCase()
    .toLowerCase()
    .replace(/ς/gu, 'σ')
    .replace(/i\u0307/gu, 'i');
}

/** White space and control characters between words as one space. */
function oneSpaced(text: string): string {
  return text.replace(/[\s\p{Cc}\u2800]+/gu, ' ').trim();
}

/** What stands between the key of a name and the number of a row set aside; no key of a name holds it. */
const ASIDE = '\t';

/**
 * The key of a row that was stored beside another one when their names were still two and now have one key. It is found by
 * id and by link as before, but only the other row is found by name.
 * @param number from 2
 */
export function keySetAside(key: string, number: number): string {
  return `${key}${ASIDE}${number}`;
}

/** Whether a stored key is that of a row set aside, and its name has this key. */
export function isSetAside(stored: string, key: string): boolean {
  return stored.startsWith(`${key}${ASIDE}`);
}

/** SQL of the key of the name behind a stored key, set aside or not. */
export function ownKey(column: string): string {
  return `split_part(${column}, E'\\t', 1)`;
}

/**
 * An address for comparison only: without marks that nobody sees, in lower case, its domain in ASCII (RFC 5891). What is
 * written `ida@bücher.example` in one place and `ida@xn--bcher-kva.example` in another is one mailbox. Never written to.
 */
export function emailKey(address: string): string {
  const plain = plainAddress(address.normalize('NFKC')).toLowerCase();
  const at = plain.lastIndexOf('@') + 1;
  return at === 0 ? plain : plain.slice(0, at) + asciiDomain(plain.slice(at));
}

/** The domain of an address, in lower case and in ASCII: for what concerns all mailboxes there. */
export function domainOf(address: string): string {
  const key = emailKey(address);
  return key.slice(key.lastIndexOf('@') + 1);
}

/** What is no domain stays as it is: `domainToASCII` would read an address of a page or a number into it. */
function asciiDomain(domain: string): string {
  const dotted = domain.replaceAll('\u3002', '.');
  if (/^[\x21-\x7e]*$/.test(dotted) || !/^[\p{L}\p{M}\p{N}.-]+$/u.test(dotted)) return domain;
  return domainToASCII(dotted) || domain;
}
