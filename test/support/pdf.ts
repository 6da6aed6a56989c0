import { inflateSync } from 'node:zlib';

/**
 * The text of a PDF, a line for each run as it is drawn: streams inflated, glyphs read back by the tables that each font
 * has for copying text out (ISO 32000-2, 9.10.3). Enough for what Typst writes; Arabic comes in the order in which it is drawn.
 */
export function pdfText(pdf: Buffer): string {
  const objects = new Map<string, string>();
  for (const [, number, body] of pdf.toString('latin1').matchAll(/(\d+) 0 obj\s([\s\S]*?)endobj/g))
    objects.set(number!, body!);
  const fonts = new Map<string, Map<number, string>>();
  for (const body of objects.values()) {
    for (const [, name, font] of body.matchAll(/\/(F\d+) (\d+) 0 R/g)) {
      const table = /\/ToUnicode (\d+) 0 R/.exec(objects.get(font!) ?? '')?.[1];
      fonts.set(name!, lettersOf(streamOf(objects.get(table ?? '') ?? '')));
    }
  }
  let letters = new Map<number, string>();
  const lines: string[] = [];
  for (const body of objects.values()) {
    for (const [, font, strings] of streamOf(body).matchAll(
      new RegExp(`/(F\\d+) [\\d.]+ Tf|((?:${STRING}|[-\\d.\\s[\\]])+)T[jJ]`, 'g'),
    )) {
      if (font) letters = fonts.get(font) ?? new Map<number, string>();
      else
        lines.push(
          glyphsOf(strings!)
            .map((glyph) => letters.get(glyph) ?? '')
            .join(''),
        );
    }
  }
  return lines.join('\n');
}

function streamOf(body: string): string {
  const start = /stream\r?\n/.exec(body);
  // Not up to the line end before `endstream`: the last byte of the stream may be one by chance.
  const length = /\/Length (\d+)(?! \d+ R)/.exec(body)?.[1];
  if (!start || !length || !/FlateDecode/.test(body)) return '';
  const first = start.index + start[0].length;
  const content = Buffer.from(body.slice(first, first + Number(length)), 'latin1');
  const stream = inflateSync(content).toString('latin1');
  return / Tf|begincmap/.test(stream) ? stream : '';
}

function lettersOf(table: string): Map<number, string> {
  return new Map(
    [...table.matchAll(/<([0-9A-F]{4})> <([0-9A-F]+)>/gi)].map(([, glyph, text]) => [
      Number.parseInt(glyph!, 16),
      Buffer.from(text!, 'hex').swap16().toString('utf16le'),
    ]),
  );
}

/** A string as PDF writes it: hexadecimal, or in brackets, which may hold a pair of brackets. */
const STRING = String.raw`<[0-9A-Fa-f]*>|\((?:\\[\s\S]|[^\\()]|\((?:\\[\s\S]|[^\\()])*\))*\)`;

const ESCAPED: Record<string, number> = { n: 10, r: 13, t: 9, b: 8, f: 12 };

/** The numbers of the glyphs, two bytes each. */
function glyphsOf(strings: string): number[] {
  const bytes: number[] = [];
  for (const [written] of strings.matchAll(new RegExp(STRING, 'g'))) {
    if (written.startsWith('<')) {
      bytes.push(...Buffer.from(written.slice(1, -1), 'hex'));
      continue;
    }
    for (const [sign, octal, letter] of written.slice(1, -1).matchAll(/\\([0-7]{1,3})|\\([\s\S])|[\s\S]/g)) {
      if (octal) bytes.push(Number.parseInt(octal, 8));
      else bytes.push(letter ? (ESCAPED[letter] ?? letter.charCodeAt(0)) : sign.charCodeAt(0));
    }
  }
  return Array.from(
    { length: bytes.length >> 1 },
    (_, index) => bytes[2 * index]! * 256 + bytes[2 * index + 1]!,
  );
}
