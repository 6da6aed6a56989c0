/** A Word document (Office Open XML). */
const DOCX = 'application/vnd.openxmlformats-officedocument.wordprocessingml.document';

/** Files that a question may ask for: documents and pictures that no program executes. */
export const MEDIA_TYPES = ['application/pdf', 'image/png', 'image/jpeg', DOCX] as const;
export type MediaType = (typeof MEDIA_TYPES)[number];

/** What a file of each type is called at its end. */
export const FILE_ENDINGS: Record<MediaType, string> = {
  'application/pdf': 'pdf',
  'image/png': 'png',
  'image/jpeg': 'jpg',
  [DOCX]: 'docx',
};

/** Other ends that say the same. */
const SAME_ENDING: Partial<Record<MediaType, RegExp>> = { 'image/jpeg': /\.jp(e|eg|g)$/i };

/**
 * What a file is called, so that its end says what its content is: anyone who downloads `passport.html` and opens it shall get
 * the PDF that was looked at, and no page. An end that says something else is replaced; what is not an end, as in `No. 2`,
 * is kept.
 * @param name without folders.
 */
export function namedByContent(name: string, type: MediaType): string {
  const ending = `.${FILE_ENDINGS[type]}`;
  if ((SAME_ENDING[type] ?? new RegExp(`\\${ending}$`, 'i')).test(name)) return name;
  return `${name.replace(/\.(?=[^.]*[a-z])[a-z0-9]{1,8}$/i, '').replace(/[\s.]+$/, '') || 'file'}${ending}`;
}

/** The names of each type, for people. */
export const FILE_NAMES: Record<MediaType, string> = {
  'application/pdf': 'PDF',
  'image/png': 'PNG',
  'image/jpeg': 'JPEG',
  [DOCX]: 'DOCX',
};

/** What a file is by its content; its name, and what the browser says of it, are anybody's word. Null: none of those taken. */
export function mediaTypeOf(content: Buffer): MediaType | null {
  const starts = (...bytes: number[]) => bytes.every((byte, index) => content[index] === byte);
  // ISO 32000-1, 7.5.2.
  if (content.subarray(0, 5).toString('latin1') === '%PDF-') return 'application/pdf';
  // PNG, 5.2.
  if (starts(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)) return 'image/png';
  if (starts(0xff, 0xd8, 0xff)) return 'image/jpeg';
  if (starts(0x50, 0x4b, 0x03, 0x04)) return isWordDocument(namesInZip(content)) ? DOCX : null;
  return null;
}

/** A document as ECMA-376 packs it, and none with macros. */
function isWordDocument(names: string[]): boolean {
  return (
    names.includes('[Content_Types].xml') &&
    names.includes('word/document.xml') &&
    !names.some((name) => /vbaProject/i.test(name))
  );
}

/** The names in the central directory of an archive (APPNOTE 4.3.12, 4.3.16); nothing is unpacked. Empty when it has none. */
function namesInZip(content: Buffer): string[] {
  const end = content.lastIndexOf('PK\x05\x06', content.length, 'latin1');
  if (end < 0 || end + 22 > content.length) return [];
  const names: string[] = [];
  let at = content.readUInt32LE(end + 16);
  for (let left = content.readUInt16LE(end + 10); left > 0; left--) {
    if (at + 46 > content.length || content.readUInt32LE(at) !== 0x02014b50) return [];
    const length = content.readUInt16LE(at + 28);
    names.push(content.subarray(at + 46, at + 46 + length).toString());
    at += 46 + length + content.readUInt16LE(at + 30) + content.readUInt16LE(at + 32);
  }
  return names;
}
