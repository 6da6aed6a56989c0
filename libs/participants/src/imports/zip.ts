import { crc32, inflateRaw } from 'node:zlib';
import { promisify } from 'node:util';
import { Problem } from '@app/platform';

const inflate = promisify(inflateRaw);

/** The most bytes that an archive may hold, unpacked. */
export const MOST_UNPACKED_BYTES = 50_000_000;
/** How many times as large as packed its content may be. A sheet that says much of the same reaches about 50. */
const MOST_RATIO = 200;
const MOST_ENTRIES = 1_000;
/** A small entry that packs well proves nothing. */
const SMALL_BYTES = 1_000_000;

const LOCAL_HEADER = 0x04034b50;
const DIRECTORY_HEADER = 0x02014b50;
const DIRECTORY_END = 0x06054b50;
const NAME_IS_UTF8 = 0x0800;
const IS_ENCRYPTED = 0x0001;

/** An entry of an archive as its central directory tells of it. */
interface ZipEntry {
  name: string;
  method: number;
  packedBytes: number;
  bytes: number;
  offset: number;
}

const malformed = (what: string) =>
  Problem.field(
    'file',
    'xlsx_malformed',
    `The file can't be read as XLSX: ${what}. It may have been cut off on its way; open it in the spreadsheet, save it again and send that.`,
  );

const refused = (what: string) =>
  Problem.field(
    'file',
    'xlsx_refused',
    `The file is not opened: ${what}. Copy the list into a new spreadsheet, or save it as "CSV UTF-8", and send that.`,
  );

/**
 * The parts of an XLSX that are XML, unpacked. What the archive claims is judged before anything is unpacked (PKWARE
 * APPNOTE 4.3.12), and unpacking stops where the claim does, so that a lie costs no memory.
 * @throws Problem 422 `xlsx_malformed`, `xlsx_refused`, `xlsx_locked`
 */
export async function unpackXml(file: Buffer): Promise<Map<string, Buffer>> {
  const entries = readDirectory(file);
  judge(entries, file.length);
  const parts = new Map<string, Buffer>();
  for (const entry of entries) {
    if (/\.(xml|rels)$/i.test(entry.name)) parts.set(entry.name, await unpack(file, entry));
  }
  return parts;
}

function readDirectory(file: Buffer): ZipEntry[] {
  const end = file.lastIndexOf(Buffer.from([0x50, 0x4b, 0x05, 0x06]));
  if (end < 0 || end + 22 > file.length) throw malformed('its end is missing');
  if (file.readUInt32LE(end) !== DIRECTORY_END) throw malformed('its end is missing');
  const count = file.readUInt16LE(end + 10);
  const directoryBytes = file.readUInt32LE(end + 12);
  let position = file.readUInt32LE(end + 16);
  if (file.readUInt16LE(end + 4) !== 0 || count === 0xffff || position === 0xffffffff)
    throw refused('it is an archive in several parts, or of a kind for more than four gigabytes');
  if (count > MOST_ENTRIES) throw refused(`it holds ${count} parts, and ${MOST_ENTRIES} are the most`);
  if (position + directoryBytes > end) throw malformed('its table of contents is not where it should be');
  const entries: ZipEntry[] = [];
  for (let index = 0; index < count; index++) {
    if (position + 46 > end || file.readUInt32LE(position) !== DIRECTORY_HEADER)
      throw malformed('its table of contents is cut off');
    const nameBytes = file.readUInt16LE(position + 28);
    const flags = file.readUInt16LE(position + 8);
    const name = file.toString(
      flags & NAME_IS_UTF8 ? 'utf8' : 'latin1',
      position + 46,
      position + 46 + nameBytes,
    );
    if (flags & IS_ENCRYPTED) throw locked();
    entries.push({
      name,
      method: file.readUInt16LE(position + 10),
      packedBytes: file.readUInt32LE(position + 20),
      bytes: file.readUInt32LE(position + 24),
      offset: file.readUInt32LE(position + 42),
    });
    position += 46 + nameBytes + file.readUInt16LE(position + 30) + file.readUInt16LE(position + 32);
  }
  return entries;
}

/** It can't be read without its password. */
export function locked(): Problem {
  return Problem.field(
    'file',
    'xlsx_locked',
    'The file is protected by a password, or is of the old kind .xls. Open it, take the password off, save it as "Excel workbook (.xlsx)" and send that.',
  );
}

function judge(entries: readonly ZipEntry[], fileBytes: number): void {
  const bytes = entries.reduce((sum, entry) => sum + entry.bytes, 0);
  const packedBytes = entries.reduce((sum, entry) => sum + entry.packedBytes, 0);
  if (bytes > MOST_UNPACKED_BYTES)
    throw refused(`unpacked it has ${bytes} bytes, and ${MOST_UNPACKED_BYTES} are the most`);
  // Entries that share their bytes unpack to more than the archive seems to hold.
  if (packedBytes > fileBytes) throw malformed('its parts overlap or are cut off');
  const packsTooWell = (entry: Pick<ZipEntry, 'bytes' | 'packedBytes'>) =>
    entry.bytes > SMALL_BYTES && entry.bytes > MOST_RATIO * entry.packedBytes;
  if (packsTooWell({ bytes, packedBytes }) || entries.some(packsTooWell))
    throw refused(`unpacked it would be more than ${MOST_RATIO} times as large`);
  const nested = entries.find(({ name }) => /\.(zip|xls[a-z]?|ods|7z|rar|gz)$/i.test(name));
  if (nested) throw refused('there is another archive or workbook inside');
}

async function unpack(file: Buffer, { offset, method, packedBytes, bytes }: ZipEntry): Promise<Buffer> {
  if (offset + 30 > file.length || file.readUInt32LE(offset) !== LOCAL_HEADER)
    throw malformed('a part is not where its table of contents says');
  const start = offset + 30 + file.readUInt16LE(offset + 26) + file.readUInt16LE(offset + 28);
  const packed = file.subarray(start, start + packedBytes);
  if (packed.length !== packedBytes) throw malformed('a part is cut off');
  if (method !== 0 && method !== 8) throw refused('it is packed in an unusual way');
  try {
    // One byte more than claimed is a lie already; zlib wants a limit of one at least.
    const content = method === 0 ? packed : await inflate(packed, { maxOutputLength: Math.max(1, bytes) });
    if (content.length === bytes) return content;
  } catch {
    // Told below.
  }
  throw malformed('a part is not as long as its table of contents says, or is damaged');
}

/** An archive of these parts, not compressed: what was judged, and nothing else that the file may have held. */
export function packStored(parts: ReadonlyMap<string, Buffer>): Buffer {
  const written: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const [name, content] of parts) {
    const nameBytes = Buffer.from(name);
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(NAME_IS_UTF8, 2);
    common.writeUInt16LE(33, 8);
    common.writeUInt32LE(crc32(content), 10);
    common.writeUInt32LE(content.length, 14);
    common.writeUInt32LE(content.length, 18);
    common.writeUInt16LE(nameBytes.length, 22);
    const local = Buffer.alloc(4);
    local.writeUInt32LE(LOCAL_HEADER);
    const entry = Buffer.alloc(46);
    entry.writeUInt32LE(DIRECTORY_HEADER);
    entry.writeUInt16LE(20, 4);
    common.copy(entry, 6);
    entry.writeUInt32LE(offset, 42);
    directory.push(entry, nameBytes);
    written.push(local, common, nameBytes, content);
    offset += 30 + nameBytes.length + content.length;
  }
  const listed = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(DIRECTORY_END);
  end.writeUInt16LE(parts.size, 8);
  end.writeUInt16LE(parts.size, 10);
  end.writeUInt32LE(listed.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...written, listed, end]);
}
