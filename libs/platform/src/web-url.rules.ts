/** The longest address that is taken, in characters. */
export const MOST_OF_A_URL = 2_000;

/** What no address may hold as it is (RFC 3986, 2; RFC 3987, 2.2): spaces, controls and invisible marks among them. */
const NOT_IN_A_URL = /[\p{C}\p{Z}<>"'`{}|\\^]/u;

/**
 * Whether a text is the address of something on the web that may be shown to people as a link: http or https, written out in
 * full, and read alike by everybody. What browsers mend or read in their own way is refused: a backslash, a user before the
 * host (`https://trusted.example@elsewhere.example`), a host that is written with %, or has an empty part.
 */
export function isWebUrl(text: string): boolean {
  if (text.length > MOST_OF_A_URL || NOT_IN_A_URL.test(text)) return false;
  const authority = /^https?:\/\/([^/?#]+)/i.exec(text)?.[1];
  if (authority === undefined || /[@%]/.test(authority) || !URL.canParse(text)) return false;
  const { hostname } = new URL(text);
  // A dot at the end is the root of the DNS, and no empty part.
  return hostname.startsWith('[') || /^[^.]+(\.[^.]+)*\.?$/.test(hostname);
}
