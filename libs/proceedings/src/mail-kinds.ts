import { declareMailKind } from '@app/mail';

/** The note for file was published. Key: `summary:<registration>:<note>`. */
export const SUMMARY = declareMailKind({ name: 'summary', about: 'registration', ownWords: [] });
