import type { Language } from '../languages/languages';
import type { MailBlock, MailContent, MailLink } from './mail-content';

/** Columns after which a line is wrapped; mail programs quote it once and it still fits 80. */
const COLUMNS = 72;

const shared = new WeakMap<MailBlock, string>();

/** The text part of a mail: lines of at most 72 columns, addresses unbroken on lines of their own. */
export function mailText(content: MailContent, language: Language): string {
  const title = `${wrap(content.title)}\n${'='.repeat(Math.min(width(content.title), COLUMNS))}`;
  return `${[title, ...content.blocks.map((block) => blockText(block, language))].join('\n\n')}\n`;
}

function blockText(block: MailBlock, language: Language): string {
  let text = shared.get(block);
  if (text === undefined) shared.set(block, (text = write(block, language === 'fr' ? '\u202f:' : ':')));
  return text;
}

/** @param colon what a label ends with; French sets a narrow no-break space before it. */
function write(block: MailBlock, colon: string): string {
  switch (block.kind) {
    case 'paragraph':
      return wrap(block.text);
    case 'heading':
      return `${wrap(block.text)}\n${'-'.repeat(Math.min(width(block.text), COLUMNS))}`;
    case 'facts':
      return block.facts
        .map(({ label, values }) =>
          [wrap(`${label}${colon}`), ...values.map((value) => line(value, '  ', colon))].join('\n'),
        )
        .join('\n');
    case 'button':
      return `${wrap(`${block.label}${colon}`)}\n${block.url}`;
    case 'code':
      return `${wrap(`${block.caption}${colon}`)}\n${block.url}`;
    case 'list':
      return block.items.map((item) => bullet(item, colon)).join('\n');
    case 'agenda':
      return block.sessions
        .map((session) =>
          [
            wrap(`${session.times}  ${session.title}`, '', '  '),
            ...session.lines.map((text) => wrap(text, '  ')),
            ...session.items.flatMap((item) => [
              wrap(`${item.times}  ${item.title}`, '  ', '    '),
              ...item.lines.map((text) => wrap(text, '    ')),
            ]),
            ...session.questions.map((text) => wrap(text, '  - ', '    ')),
          ].join('\n'),
        )
        .join('\n\n');
    case 'small':
      return wrap(block.text);
  }
}

/** An address gets a line of its own, so that nothing beside it is taken for a part of it. */
function line(value: string | MailLink, indent: string, colon: string): string {
  if (typeof value === 'string') return wrap(value, indent);
  return value.label === value.url
    ? `${indent}${value.url}`
    : `${wrap(`${value.label}${colon}`, indent)}\n${indent}${value.url}`;
}

function bullet(item: string | MailLink, colon: string): string {
  if (typeof item === 'string') return wrap(item, '- ', '  ');
  return `${wrap(`${item.label}${colon}`, '- ', '  ')}\n  ${item.url}`;
}

/** Breaks at spaces; a line break in the text stays one. A word longer than a line stays whole. */
function wrap(text: string, first = '', rest = first.replace(/\S/g, ' ')): string {
  const lines: string[] = [];
  for (const paragraph of text.split(/\r\n|\r|\n/)) {
    let current = lines.length === 0 ? first : rest;
    let empty = true;
    // Only at ordinary spaces: French sets narrow no-break spaces before its colons.
    for (const word of paragraph.split(/[ \t]+/).filter(Boolean)) {
      if (!empty && width(current) + 1 + width(word) > COLUMNS) {
        lines.push(current);
        current = rest;
        empty = true;
      }
      current += empty ? word : ` ${word}`;
      empty = false;
    }
    lines.push(current.trimEnd());
  }
  return balanceIsolates(lines).join('\n');
}

/** An isolate ends with its line (UAX 9, BD8 and X8): one that is broken over lines is closed and opened again. */
function balanceIsolates(lines: string[]): string[] {
  let open = 0;
  return lines.map((text) => {
    const indent = /^\s*/.exec(text)![0];
    let result = `${indent}${'\u2068'.repeat(open)}${text.slice(indent.length)}`;
    for (const character of text) {
      if (character === '\u2068') open++;
      else if (character === '\u2069') open--;
    }
    result += '\u2069'.repeat(open);
    return result;
  });
}

/** Columns of a text: marks that combine and controls of direction take none. */
function width(text: string): number {
  if (/^[\x20-\x7e]*$/.test(text)) return text.length;
  return [...text.replace(/[\p{Mn}\p{Cf}]/gu, '')].length;
}
