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
    for (const [drawn, font] of streamOf(body).matchAll(
      /\/(F\d+) [\d.]+ Tf|\[[\s\S]*?[)>\d\s]\] ?TJ|\((?:\\[\s\S]|[^\\)])*\) ?Tj/g,
    )) {
      if (font) letters = fonts.get(font) ?? new Map<number, string>();
      else
        lines.push(
          glyphsOf(drawn)
            .map((glyph) => letters.get(glyph) ?? '')
            .join(''),
        );
    }
  }
  return lines.join('\n');
}

function streamOf(body: string): string {
  const content = /stream\r?\n([\s\S]*?)\r?\n?endstream/.exec(body)?.[1];
  if (content === undefined || !/FlateDecode/.test(body)) return '';
  const stream = inflateSync(Buffer.from(content, 'latin1')).toString('latin1');
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

/** The numbers of the glyphs, two bytes each, in strings as PDF escapes them. */
function glyphsOf(drawn: string): number[] {
  const bytes: number[] = [];
  for (const [, written] of drawn.matchAll(/\(((?:\\[\s\S]|[^\\)])*)\)/g)) {
    for (const [sign, octal, letter] of written!.matchAll(/\\([0-7]{1,3})|\\([\s\S])|[\s\S]/g)) {
      if (octal) bytes.push(Number.parseInt(octal, 8));
      else if (letter)
        bytes.push(
          ({ n: 10, r: 13, t: 9, b: 8, f: 12 } as Record<string, number>)[letter] ?? letter.charCodeAt(0),
        );
      else bytes.push(sign.charCodeAt(0));
    }
  }
  return Array.from(
    { length: bytes.length >> 1 },
    (_, index) => bytes[2 * index]! * 256 + bytes[2 * index + 1]!,
  );
}
