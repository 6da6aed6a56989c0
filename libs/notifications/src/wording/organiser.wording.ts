import { t, type Language, type MailBlock } from '@app/mail';

/**
 * The way to the organisers' page, which asks them to sign in first. Mails to organisers say themselves who and what is
 * waiting, and lead nowhere else: what the API answers is JSON, and asks a browser for a token.
 */
export function organiserPageBlocks(page: string, language: Language): MailBlock[] {
  return [
    { kind: 'button', label: t(language, 'mail.organiser_page'), url: page },
    { kind: 'paragraph', text: t(language, 'mail.organiser_page.more') },
  ];
}
