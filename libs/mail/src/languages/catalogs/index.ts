import { ar } from './ar';
import { en, type Catalog } from './en';
import { fr } from './fr';

export type { MessageKey } from './en';

/** Every word that a reader of pages or mails reads, by language (BCP 47) and key. */
export const catalogs = {
  ar,
  en,
  fr,
} satisfies Record<string, Catalog>;
