import { codeImage, type ComposedMail } from '@app/mail';

/** What of a mail may be shown to somebody who is not its reader. */
export interface ShownMail {
  to: { name: string; address: string };
  /** Display name of the sender. */
  from_name: string;
  language: string;
  subject: string;
  html: string;
  text: string;
  /** The calendar entry, its lines unfolded (RFC 5545, 3.1). */
  calendar: string | null;
}

/** Tokens of personal links, and secrets in the service mailbox's addresses; see `Links`. */
const TOKEN = /(?<![\w-])[\w-]{65}(?![\w-])/g;
const ADDRESS_SECRET = /(?<=\+[a-z])[0-9a-v]{42}(?=@)/gi;

/** Six digits that prove who reads a mailbox. */
const CODE = /(?<!\d)\d{6}(?!\d)/g;

/**
 * A mail as its reader sees it, with nothing in it that opens a door: who may look at a mail must not be able to answer,
 * withdraw or enter as its reader. Links look as they do and lead nowhere; the picture for the door is of such a link.
 * @param options.hasCode whether it carries the six digits, which are taken out too.
 */
export function withoutSecrets(mail: ComposedMail, { hasCode }: { hasCode: boolean }): ShownMail {
  const masked = (text: string): string => {
    const shown = text.replace(TOKEN, 'preview').replace(ADDRESS_SECRET, 'preview');
    return hasCode ? shown.replace(CODE, '••••••') : shown;
  };
  const picture = `data:image/png;base64,${codeImage('https://plenary.example/c/preview').toString('base64')}`;
  return {
    to: mail.to,
    from_name: mail.fromName,
    language: mail.language,
    subject: masked(mail.subject),
    html: masked(mail.html).replace(/(?<= src=")cid:[^"]+(?=")/g, picture),
    text: masked(mail.text),
    calendar: mail.calendar ? masked(mail.calendar.content.replace(/\r\n[ \t]/g, '')) : null,
  };
}
