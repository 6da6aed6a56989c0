/**
 * An address for whoever may know that it is theirs and no more: `h•••@ministry.example`. A forwarded link must not tell
 * it in full (design, idea 8).
 */
export function maskAddress(address: string): string {
  const at = address.lastIndexOf('@');
  const [first = ''] = address.slice(0, Math.max(0, at));
  return `${first}•••${at < 0 ? '' : address.slice(at)}`;
}

/** Six digits as somebody types them: spaces and a hyphen between them do no harm. Null when it is no code. */
export function readCode(typed: string): string | null {
  const digits = typed.normalize('NFKC').replace(/[\s\u200e\u200f\u2066-\u2069-]/gu, '');
  // Arabic keyboards write Arabic-Indic and Persian digits.
  const western = digits.replace(/[٠-٩۰-۹]/gu, (digit) => String((digit.codePointAt(0)! & 0xf) % 10));
  return /^\d{6}$/.test(western) ? western : null;
}
