import { declareMailKind } from '@app/mail';

/**
 * The one-time link of an organiser. Awaited: without it nobody could lift what keeps mails from an address. Key:
 * `sign-in:<link>`.
 */
export const SIGN_IN = declareMailKind({ name: 'sign-in', about: 'sign-in link', awaited: true });
