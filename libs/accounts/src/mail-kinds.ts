import { declareMailKind } from '@app/mail';

/** The one-time link of an organiser. Key: `sign-in:<link>`. */
export const SIGN_IN = declareMailKind({ name: 'sign-in', about: 'sign-in link' });
