import { declareMailKind } from '@app/mail';

/**
 * The note for file was published: about the dialogue when their part in it is over, so it can be ended. Key:
 * `summary:<registration>:<note>`.
 */
export const SUMMARY = declareMailKind({
  name: 'summary',
  about: 'registration',
  unsubscribable: true,
  ownWords: [],
});
