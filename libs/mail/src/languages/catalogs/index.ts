import { ar } from './ar';
import { en, type Catalog } from './en';
import { es } from './es';
import { fr } from './fr';
import { ru } from './ru';
import { zh } from './zh';

export type { MessageKey } from './en';

/** Every word that a reader of pages or mails reads, by language (BCP 47) and key. */
export const catalogs = {
  ar,
  en,
  es,
  fr,
  ru,
  zh,
} satisfies Record<string, Catalog>;
