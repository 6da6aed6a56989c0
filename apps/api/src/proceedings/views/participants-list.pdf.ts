import { dirname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { ListInWords } from './participants-list';

/** A long list takes seconds; nothing takes this long. */
const WRITING_MS = 60_000;

/**
 * Typst. What people wrote comes in as data and is never part of this text, so nothing in a name is read as markup.
 * Scripts beyond Latin, Greek, Cyrillic, Arabic and Chinese are set in what fonts the machine has.
 */
const TEMPLATE = `
#let list = json(bytes(sys.inputs.list))
#set document(title: list.title, date: none)
#set text(
  font: ("Noto Sans", "Noto Naskh Arabic", "Noto Sans SC"),
  size: 10pt,
  lang: list.language,
  dir: if list.isRightToLeft { rtl } else { ltr },
)
#let quiet(size: 8.5pt, body) = text(size, fill: luma(85), body)
#set page(
  paper: "a4",
  margin: (x: 22mm, top: 24mm, bottom: 22mm),
  footer: context align(center, quiet[#counter(page).display() / #counter(page).final().first()]),
)
#set par(leading: 0.6em)
#show heading: it => block(above: 6mm, below: 3mm, sticky: true, text(12pt, weight: "bold", it.body))
// Times and zones, which stand in LRI or RLI … PDI, never break.
#show regex("[\\u{2066}\\u{2067}][^\\u{2066}-\\u{2069}]*\\u{2069}"): unit => box(unit)
#quiet(size: 9.5pt, list.kind)
#block(above: 3mm, text(17pt, weight: "bold", list.heading))
#list.when \\
#list.where
#block(below: 5mm, quiet[#list.hint \\ #list.asOf])
#if list.nobody != none [#list.nobody]
#for group in list.groups {
  if group.title != none { heading(group.title) }
  for entry in group.entries {
    block(breakable: false, above: 2mm, below: 2mm, grid(
      columns: (10mm, 1fr),
      column-gutter: 2mm,
      align: (end, start),
      quiet(size: 10pt, str(entry.number) + "."),
      entry.text,
    ))
  }
}
`;

/** Runs in a thread of its own: the compiler works a second for a thousand names, and others shall not wait. */
const COMPILER = `
const { parentPort, workerData } = require('node:worker_threads');
const { NodeCompiler } = require(workerData.library);
const compiler = NodeCompiler.create({ workspace: workerData.fonts[0], fontArgs: [{ fontPaths: workerData.fonts }] });
parentPort.postMessage(compiler.pdf(
  { mainFileContent: workerData.template, inputs: { list: workerData.list } },
));`;

const FONTS = [
  '@expo-google-fonts/noto-sans/400Regular/NotoSans_400Regular.ttf',
  '@expo-google-fonts/noto-sans/700Bold/NotoSans_700Bold.ttf',
  '@expo-google-fonts/noto-naskh-arabic/400Regular/NotoNaskhArabic_400Regular.ttf',
  '@expo-google-fonts/noto-naskh-arabic/700Bold/NotoNaskhArabic_700Bold.ttf',
];

/** Ten megabytes each, which cost twenty of memory and a fifth of a second: only for a list that has Chinese in it. */
const CHINESE_FONTS = [
  '@expo-google-fonts/noto-sans-sc/400Regular/NotoSansSC_400Regular.ttf',
  '@expo-google-fonts/noto-sans-sc/700Bold/NotoSansSC_700Bold.ttf',
];

/** The list as PDF (A4) with its language and title, page numbers, and its fonts inside. */
export function listAsPdf(list: ListInWords): Promise<Buffer> {
  const text = JSON.stringify(list);
  const fonts = /\p{Script=Han}/u.test(text) ? [...FONTS, ...CHINESE_FONTS] : FONTS;
  return new Promise((resolve, reject) => {
    const worker = new Worker(COMPILER, {
      eval: true,
      workerData: {
        library: require.resolve('@myriaddreamin/typst-ts-node-compiler'),
        fonts: fonts.map((font) => dirname(require.resolve(font))),
        template: TEMPLATE,
        list: text,
      },
    });
    const timer = setTimeout(() => fail(new Error('Writing the PDF took too long.')), WRITING_MS);
    const fail = (error: Error) => {
      clearTimeout(timer);
      void worker.terminate();
      reject(error);
    };
    worker.once('message', (pdf: Uint8Array) => {
      clearTimeout(timer);
      resolve(Buffer.from(pdf));
      void worker.terminate();
    });
    worker.once('error', fail);
    worker.once('exit', (code) => fail(new Error(`The writer of the PDF ended with ${code}.`)));
  });
}
