/** Why a code need not be mailed any more; null when it must. */
export function staleCode(code: { used: boolean; expired: boolean; newest: boolean }): string | null {
  if (code.used) return 'The code was used.';
  if (code.expired) return 'The code has expired.';
  return code.newest ? null : 'A newer code was asked for.';
}
