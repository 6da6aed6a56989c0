import type { MailBlock, MailContent } from '../content/mail-content';
import { fillIn, type Placeholder, type Words } from './wordings.rules';

/**
 * A mail in an organiser's own words: subject and opening replaced, the closing put before the small print. Greeting,
 * facts, buttons, links and small print stay. Where one placeholder has no value the whole mail stays as Plenary says it:
 * no reader meets a hole, or half of a text. A mail without an opening of its own is not theirs to adapt.
 */
export function inOwnWords(
  content: MailContent,
  words: Words | undefined,
  valueOf: (placeholder: Placeholder) => string | null,
): MailContent {
  const opening = content.blocks.findIndex((block) => block.kind === 'paragraph' && block.isOpening);
  if (!words || opening === -1) return content;
  const missing: Placeholder[] = [];
  const fill = (text: string): string => {
    const filled = fillIn(text, valueOf);
    if ('text' in filled) return filled.text;
    missing.push(filled.missing);
    return '';
  };
  const paragraphs = (texts: string[]): MailBlock[] =>
    texts.map((text) => ({ kind: 'paragraph', text: fill(text) }));
  const subject = words.subject === null ? content.subject : fill(words.subject);
  const opened = words.opening === null ? [content.blocks[opening]!] : paragraphs(words.opening);
  const closed = paragraphs(words.closing ?? []);
  if (missing.length > 0) return { ...content, wording: { missing } };
  const rest = content.blocks.slice(opening + 1);
  const small = rest.findLastIndex(({ kind }) => kind !== 'small') + 1;
  return {
    ...content,
    subject,
    wording: 'own',
    blocks: [
      ...content.blocks.slice(0, opening),
      ...opened,
      ...rest.slice(0, small),
      ...closed,
      ...rest.slice(small),
    ],
  };
}
