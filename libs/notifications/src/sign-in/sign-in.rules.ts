/** Why a sign-in link need not be mailed any more; null when it must. */
export function staleSignIn(link: { used: boolean; expired: boolean }): string | null {
  if (link.used) return 'The link was used.';
  return link.expired ? 'The link has expired.' : null;
}
