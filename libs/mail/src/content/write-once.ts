import { remember } from '@app/platform';
import type { Language } from '../languages/languages';
import type { MailBlock } from './mail-content';

/** Stands for a personal link while a block is written; a domain that nobody has (RFC 2606). */
const PERSONAL = 'https://personal.invalid/';

/** An address that stands the same in JSON, in text and in HTML. */
const PLAIN_ADDRESS = /^https?:\/\/[\w.:/-]+$/;

/** What a block says, with `PERSONAL` in the place of its reader's own link. */
interface Saying {
  said: string;
  link: string | undefined;
}

/** A block is written twice, as HTML and as text. */
const sayings = new WeakMap<MailBlock, Saying>();

/**
 * Writes blocks so that the thousands of mails of a mailing share what they have in common: blocks that say the same are
 * written once, and so are those that differ by nothing but their reader's personal link.
 */
export function writeOnce(
  write: (block: MailBlock, language: Language) => string,
): (block: MailBlock, language: Language) => string {
  const byBlock = new WeakMap<MailBlock, string>();
  const bySaying = new Map<string, string>();
  return (block, language) => {
    let written = byBlock.get(block);
    if (written !== undefined) return written;
    const { said, link } = sayingOf(block);
    written = remember(bySaying, `${language} ${said}`, () =>
      write(link === undefined ? block : (JSON.parse(said) as MailBlock), language),
    );
    if (link !== undefined) written = written.replaceAll(PERSONAL, link);
    byBlock.set(block, written);
    return written;
  };
}

function sayingOf(block: MailBlock): Saying {
  let saying = sayings.get(block);
  if (!saying) {
    const link = personalLink(block);
    const said = JSON.stringify(block);
    saying = { said: link === undefined ? said : said.replaceAll(`"${link}"`, `"${PERSONAL}"`), link };
    sayings.set(block, saying);
  }
  return saying;
}

/** The link of a button, or of a fact that is nothing else; both stand on a line of their own. */
function personalLink(block: MailBlock): string | undefined {
  let url: string | undefined;
  if (block.kind === 'button') url = block.url;
  if (block.kind === 'facts') {
    for (const value of block.facts.flatMap(({ values }) => values)) {
      if (typeof value !== 'string' && value.label === value.url) url = value.url;
    }
  }
  return url !== undefined && PLAIN_ADDRESS.test(url) ? url : undefined;
}
