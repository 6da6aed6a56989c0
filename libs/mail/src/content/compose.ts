import { oneLine } from '@app/platform';
import { plain, type Language } from '../languages/languages';
import type { ComposedMail } from '../mail-renderer';
import type { MailContent } from './mail-content';
import { mailHtml } from './mail-layout';
import { imagesOf } from './compose-images';
import { mailText } from './mail-text';

/** A mail ready to be sent: subject, HTML part and text part of one content. */
export function compose(
  envelope: Pick<ComposedMail, 'to' | 'fromName' | 'calendar'>,
  content: MailContent,
  language: Language,
): ComposedMail {
  const images = imagesOf(content.blocks);
  const opening = content.blocks.find((block) => block.kind === 'paragraph' && block.isOpening);
  return {
    ...envelope,
    // A mark of direction in a name would turn what a mail program shows beside it.
    to: { ...envelope.to, name: oneLine(envelope.to.name) ?? '' },
    fromName: oneLine(envelope.fromName) ?? '',
    ...(images.length > 0 && { images }),
    ...(content.wording && { wording: content.wording }),
    ...(opening?.kind === 'paragraph' && { opening: plain(language, opening.text) }),
    language,
    // A header holds one line; what turns a line around has been taken out of every text in it but the isolates.
    subject: plain(language, content.subject)
      .replace(/[\u202A-\u202E]/gu, '')
      .replace(/\s+/gu, ' ')
      .trim(),
    html: mailHtml(content, language),
    text: mailText(content, language),
  };
}
