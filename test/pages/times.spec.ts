import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { formatPeriod, formatTimes, formatZone, t, type Language } from '@app/mail';
import { mailHtml } from '../../libs/mail/src/content/mail-layout';
import { startApi, type TestApi } from '../support/api';
import { launchBrowser } from '../support/chromium';
import { answers, inviteList, linkOf, listOf, publishDialogue } from '../support/participants';

const MAILS = join(__dirname, '../golden/mails');
const YEAR = new Date().getUTCFullYear() + 1;

/** A span of hours or an offset, wherever it stands in a text. */
const SPAN = String.raw`\d\d:\d\d\s?–\s?\d\d:\d\d`;
const OFFSET = String.raw`UTC[+\-−]\d`;

/** Where a time or a zone stands on a page, measured. */
interface Measured {
  text: string;
  /** Whether an element keeps it together. */
  isUnit: boolean;
  /** On how many lines it stands. */
  lines: number;
  /** Of a span: whether its start stands to the right of its end. */
  startsRight: boolean | null;
  /** Of a zone: whether its name, or the last part of a long one, stands to the left of its offset. */
  nameLeft: boolean | null;
  /** Whether the brackets around it, if any, belong to it and so never stand on another line. */
  isWithBrackets: boolean;
}

/** Measures every span of hours and every zone that the page shows, in the order of the document. */
async function measured(page: Page): Promise<Measured[]> {
  return page.evaluate(
    ([span, offset]) => {
      const found: Measured[] = [];
      const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
      for (let node = walker.nextNode() as Text | null; node; node = walker.nextNode() as Text | null) {
        const shown = (node.parentElement as HTMLElement).getClientRects().length > 0;
        if (!shown) continue;
        const box = (from: number, to: number) => {
          const range = document.createRange();
          range.setStart(node!, from);
          range.setEnd(node!, to);
          return [...range.getClientRects()].filter(({ width }) => width > 0);
        };
        const lines = (from: number, to: number) =>
          new Set(box(from, to).map(({ top }) => Math.round(top))).size;
        const unit = node.parentElement!.closest('bdi[dir]');
        for (const match of node.data.matchAll(new RegExp(span!, 'g'))) {
          const end = match.index + match[0].length;
          const [first, last] = [box(match.index, match.index + 5)[0]!, box(end - 5, end)[0]!];
          found.push({
            text: match[0],
            isUnit: unit !== null,
            lines: lines(match.index, end),
            startsRight: first.left > last.left,
            nameLeft: null,
            isWithBrackets: true,
          });
        }
        const at = node.data.search(new RegExp(offset!));
        if (at >= 0) {
          found.push({
            text: unit?.textContent ?? node.data,
            isUnit: unit !== null,
            lines: lines(0, node.data.length),
            startsRight: null,
            nameLeft: box(0, 1)[0]!.left < box(at, at + 1)[0]!.left,
            isWithBrackets: !/[(（]$/.test(unit?.previousSibling?.textContent ?? ''),
          });
        }
      }
      return found;
    },
    [SPAN, OFFSET],
  );
}

function expectRight(units: Measured[], language: string, where: string): void {
  for (const unit of units) {
    expect({ where, ...unit }).toEqual({
      where,
      text: unit.text,
      isUnit: true,
      lines: 1,
      startsRight: unit.startsRight === null ? null : language === 'ar',
      nameLeft: unit.nameLeft === null ? null : true,
      isWithBrackets: true,
    });
  }
}

describe('times and zones as a browser shows them', () => {
  let api: TestApi;
  let browser: Browser;
  beforeAll(async () => {
    [api, browser] = await Promise.all([startApi(), launchBrowser()]);
    await api.app.listen(0, '127.0.0.1');
  });
  afterAll(async () => {
    await browser?.close();
    await api?.close();
  });

  const look = async (page: Page, name: string): Promise<void> => {
    const folder = process.env['SCREENSHOTS'];
    if (!folder) return;
    mkdirSync(folder, { recursive: true });
    await page.screenshot({ path: join(folder, `times-${name}.png`), fullPage: true });
  };

  test.each(['ar', 'en', 'es', 'fr', 'ru', 'zh'])(
    'never break and never run backwards in any mail in %s on a telephone',
    async (language) => {
      const page = await browser.newPage({ viewport: { width: 320, height: 700 } });
      const mails = readdirSync(MAILS).filter((name) => name.endsWith(`.${language}.html`));
      let spans = 0;
      for (const name of mails) {
        await page.setContent(readFileSync(join(MAILS, name), 'utf8'));
        const units = await measured(page);
        expectRight(units, language, name);
        spans += units.filter(({ startsRight }) => startsRight !== null).length;
        if (name.startsWith('confirmation.')) await look(page, name.replace('.html', ''));
      }
      expect(spans).toBeGreaterThan(40);
      await page.close();
    },
  );

  test.each(['ar', 'en'] as Language[])(
    'never break in %s at any width, also where clocks change, and never spread a mail',
    async (language) => {
      const [startsAt, endsAt] = [new Date('2027-03-27T22:30:00Z'), new Date('2027-03-28T02:00:00Z')];
      const when = (zone: string) =>
        t(language, 'dialogue.time_for_you', {
          time: formatPeriod(language, startsAt, endsAt, zone),
          zone: formatZone(zone, startsAt, endsAt),
        });
      const zones = [
        'America/Port-au-Prince',
        'America/Argentina/Buenos_Aires',
        'Europe/Madrid',
        'America/St_Johns',
        'America/Bogota',
      ];
      const html = mailHtml(
        {
          subject: 'x',
          preheader: 'x',
          title: 'x',
          blocks: [
            { kind: 'facts', facts: [{ label: 'x', values: zones.map(when) }] },
            {
              kind: 'agenda',
              sessions: zones.map((zone) => ({
                times: formatTimes(language, { startsAt, endsAt }, { startsAt, endsAt }, zone),
                title: 'A session with a title',
                lines: [],
                items: [],
                questions: [],
              })),
            },
            { kind: 'paragraph', text: zones.map(when).join(' ') },
          ],
        },
        language,
      );
      const page = await browser.newPage();
      for (let width = 320; width <= 640; width += 8) {
        await page.setViewportSize({ width, height: 700 });
        await page.setContent(html);
        expectRight(await measured(page), language, `at ${width}`);
        const overflow = await page.evaluate(
          () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
        );
        expect([width, overflow]).toEqual([width, 0]);
      }
      await page.setViewportSize({ width: 320, height: 700 });
      await look(page, `clock-change-${language}`);
      await page.close();
    },
  );

  test.each(['ar', 'en'])('never break and never run backwards on a page in %s', async (language) => {
    const { id, slug } = await publishDialogue(api, { ends_at_local: `${YEAR}-01-29T13:00` });
    await api.replace(`/v1/dialogues/${id}/agenda`, {
      sessions: [{ title: 'Opening', minutes: 120, items: [{ title: 'Welcome', minutes: 15 }] }],
    });
    await inviteList(api, id, listOf(1, language));
    const email = 'person.1@ministry.example';
    await api.submit(`${await linkOf(api, 'invitation', { dialogueId: id, email })}/acceptance`, {
      ...answers,
      language,
    });
    const own = await linkOf(api, 'registration', { dialogueId: id, email });
    const page = await browser.newPage({ viewport: { width: 320, height: 700 } });
    for (const path of [`/d/${slug}`, own]) {
      await page.goto(`${await api.app.getUrl()}${path}?lang=${language}`);
      const units = await measured(page);
      expectRight(units, language, path);
      expect(units.filter(({ startsRight }) => startsRight !== null).length).toBeGreaterThan(1);
      await look(page, `page-${path === own ? 'own' : 'public'}-${language}`);
    }
    await page.close();
  });
});
