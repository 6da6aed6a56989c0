import { plain, sign, type Language } from '../languages/languages';
import type { MailBlock, MailContent, MailLink } from './mail-content';
import { writeOnce } from './write-once';

/** Columns after which a line is wrapped; mail programs quote it once and it still fits 80. */
const COLUMNS = 72;

/** The text part of a mail: lines of at most 72 columns, addresses unbroken on lines of their own. */
export function mailText(content: MailContent, language: Language): string {
  const said = plain(language, content.title);
  const title = `${wrap(said)}\n${'='.repeat(Math.min(width(said), COLUMNS))}`;
  return `${[title, ...content.blocks.map((block) => blockText(block, language))].join('\n\n')}\n`;
}

const blockText = writeOnce((block, language) =>
  plain(language, write(block, sign(language, ':').trimEnd())),
);

/** @param colon what a label ends with. */
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

/** What takes two columns: Chinese, Japanese and Korean characters and the marks among them (UAX 11). */
const WIDE =
  '\\u1100-\\u115f\\u2e80-\\ua4cf\\uac00-\\ud7a3\\uf900-\\ufaff\\ufe30-\\ufe4f\\uff00-\\uff60\\uffe0-\\uffe6\\u{20000}-\\u{3fffd}';
const HAS_WIDE = new RegExp(`[${WIDE}]`, 'u');
const EVERY_WIDE = new RegExp(`[${WIDE}]`, 'gu');

/**
 * Between characters of a script without spaces, as UAX 14 allows: never before a mark that ends something (its rules
 * LB13 and LB21, and the small letters of Japanese), never after one that opens something (LB14), and never inside what
 * is not of that script: a Latin name, an address, a number.
 */
const BETWEEN_WIDE = new RegExp(
  '(?<![（［｛〔〈《「『【〖“‘(\\[{\\u2066-\\u2068])' +
    '(?![、。，．：；！？）］｝〕〉》」』】〗”’…—～·・々ーぁぃぅぇぉっゃゅょァィゥェォッャュョ％)\\]},.:;!?%\\u2069\\p{M}])' +
    `(?:(?<=[${WIDE}])|(?=[${WIDE}]))`,
  'u',
);

/** Breaks at spaces and between Chinese characters; a line break in the text stays one. A longer word stays whole. */
function wrap(text: string, first = '', rest = first.replace(/\S/g, ' ')): string {
  const lines: string[] = [];
  for (const paragraph of text.split(/\r\n|\r|\n/)) {
    let current = lines.length === 0 ? first : rest;
    let columns = width(current);
    let empty = true;
    // Only at ordinary spaces: French sets narrow no-break spaces before its colons.
    for (const word of paragraph.split(/[ \t]+/).filter(Boolean)) {
      const parts = HAS_WIDE.test(word) ? word.split(BETWEEN_WIDE) : [word];
      for (const [index, part] of parts.entries()) {
        const gap = empty || index > 0 ? '' : ' ';
        const added = gap.length + width(part);
        if (!empty && columns + added > COLUMNS) {
          lines.push(current);
          current = rest + part;
          columns = width(current);
        } else {
          current += gap + part;
          columns += added;
        }
        empty = false;
      }
    }
    lines.push(current.trimEnd());
  }
  return balanceIsolates(lines).join('\n');
}

/** An isolate ends with its line (UAX 9, BD8 and X8): one that is broken over lines is closed and opened again. */
function balanceIsolates(lines: string[]): string[] {
  const open: string[] = [];
  return lines.map((text) => {
    const indent = /^\s*/.exec(text)![0];
    let result = `${indent}${open.join('')}${text.slice(indent.length)}`;
    for (const character of text) {
      if (/[\u2066-\u2068]/u.test(character)) open.push(character);
      else if (character === '\u2069') open.pop();
    }
    result += '\u2069'.repeat(open.length);
    return result;
  });
}

/** Columns of a text: marks that combine and controls of direction take none, Chinese characters two. */
function width(text: string): number {
  if (/^[\x20-\x7e]*$/.test(text)) return text.length;
  return [...text.replace(/[\p{Mn}\p{Cf}]/gu, '').replace(EVERY_WIDE, '  ')].length;
}
