/** What is never part of a secret in JSON: an escape, whose letters would otherwise join the word after it. */
const ESCAPE = String.raw`\\u[0-9a-f]{4}|\\.`;
/** What a link consists of, as it is or percent-encoded. */
const WORD = String.raw`(?:[\w-]|%[0-9a-f]{2})+`;
const ESCAPE_OR_WORD = new RegExp(`${ESCAPE}|${WORD}`, 'gis');

/** Longer than an id (36) and shorter than any secret: 43 characters, and a link has an id before them. */
const LEAST_SECRET = 40;

/** Names of constraints and indices are long, too: words joined by `_`. */
const NAME = /^[a-z]+(_[a-z]+)+$/;

/**
 * The text with `***` for every bearer token, personal link and sign-in link, for what is logged. A link with something
 * added, left out at its end or percent-encoded is found too: any long word that no person writes counts as a secret.
 */
export function redactSecrets(text: string): string {
  return text
    .replace(/(Bearer\s+|plenary_)[\w.-]+/gi, '$1***')
    .replace(ESCAPE_OR_WORD, (word) => (isSecret(word) ? '***' : word));
}

function isSecret(word: string): boolean {
  if (word.length < LEAST_SECRET) return false;
  // Encoded twice, `%25` and two digits are left: still one word, and long enough.
  const plain = word.replace(/%[0-9a-f]{2}/gi, (code) => String.fromCharCode(parseInt(code.slice(1), 16)));
  return plain.length >= LEAST_SECRET && !NAME.test(plain);
}
