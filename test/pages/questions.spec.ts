import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { startApi, type TestApi } from '../support/api';
import { axeFindings } from '../support/axe';
import { launchBrowser } from '../support/chromium';
import { choose, tabTo } from '../support/keyboard';
import { answers, inviteList, linkOf, listOf, publishDialogue } from '../support/participants';

describe('the questions in a form', () => {
  let api: TestApi;
  let browser: Browser;
  let origin: string;
  beforeAll(async () => {
    [api, browser] = await Promise.all([startApi(), launchBrowser()]);
    await api.app.listen(0, '127.0.0.1');
    origin = (await api.app.getUrl()).replace('[::1]', 'localhost');
  });
  afterAll(async () => {
    await browser?.close();
    await api?.close();
  });

  const questions = [
    {
      code: 'diet',
      kind: 'choice',
      label: { en: 'Meals', ar: 'الوجبات' },
      options: [
        { value: 'any', label: { en: 'Anything', ar: 'أي طعام' } },
        { value: 'other', label: { en: 'Something else', ar: 'شيء آخر' } },
      ],
      required: true,
    },
    {
      code: 'other_diet',
      kind: 'text',
      label: { en: 'What do you eat?' },
      help: { en: 'We pass it on to the kitchen, without your name.' },
      required: true,
      asked_if: { of: 'diet', is: ['other'] },
    },
    {
      code: 'topics',
      kind: 'choices',
      label: { en: 'Topics on which you wish to speak', ar: 'المواضيع التي تودون الحديث عنها' },
      options: [
        { value: 'data', label: { en: 'Data', ar: 'البيانات' } },
        { value: 'return', label: { en: 'Return', ar: 'العودة' } },
      ],
      required: true,
    },
    {
      code: 'arrival',
      kind: 'date',
      label: { en: 'Arrival', ar: 'الوصول' },
      asked_if: { of: 'attends', is: ['in_person'] },
    },
    {
      code: 'passport',
      kind: 'file',
      label: { en: 'Passport', ar: 'جواز السفر' },
      required: true,
      asked_if: { of: 'attends', is: ['in_person'] },
      file_types: ['application/pdf', 'image/png'],
      file_bytes: 50_000,
    },
  ];
  const email = 'person.1@ministry.example';
  const prepare = async (language = 'en') => {
    const { id, slug } = await publishDialogue(api, {
      registration: 'open',
      venue: { kind: 'hybrid', platform: 'Kudo', room: 'Hall 1', join_url: 'https://meet.example/hall' },
    });
    const asked = await api.replace(`/v1/dialogues/${id}/questions`, { questions });
    if (asked.statusCode !== 200) throw new Error(asked.body);
    await api.replace(`/v1/dialogues/${id}/privacy-notice`, { texts: { en: 'We keep little.' } });
    await inviteList(api, id, listOf(1, language));
    return { id, slug, link: await linkOf(api, 'invitation', { dialogueId: id, email }) };
  };
  const open = async (path: string, options: BrowserContextOptions = {}): Promise<Page> => {
    const context = await browser.newContext({ locale: 'en-GB', ...options });
    const page = await context.newPage();
    const problems: string[] = [];
    page.on('console', (message) => {
      if (message.type() === 'error' && !/status of 422/.test(message.text())) problems.push(message.text());
    });
    page.on('pageerror', (error) => problems.push(error.message));
    await page.goto(origin + path);
    expect(problems).toEqual([]);
    return page;
  };
  const look = async (page: Page, name: string): Promise<void> => {
    const folder = process.env['SCREENSHOTS'];
    if (!folder) return;
    mkdirSync(folder, { recursive: true });
    await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true });
  };
  const answered = (id: string): Promise<{ code: string; value: unknown }[]> =>
    api.dataSource.query(
      `SELECT q.code, a.value FROM answers a JOIN questions q ON q.id = a.question_id
       WHERE q.dialogue_id = $1 ORDER BY q.position`,
      [id],
    );
  const pdf = { name: 'passport.pdf', mimeType: 'application/pdf', buffer: Buffer.from('%PDF-1.7 passport') };
  /** One of the fields; their names have a dot, which CSS would read. */
  const field = (page: Page, name: string) => page.locator(`[name="${name}"]:not([type=hidden])`);
  const accept = async (page: Page) => {
    await page.locator('form[action*=acceptance] button').click();
    await page.waitForLoadState();
  };

  test.each(['en', 'ar'])(
    'have no serious or critical finding of axe-core, with errors neither (%s)',
    async (language) => {
      const { slug, link } = await prepare();
      for (const [name, path] of [
        ['public', `/d/${slug}`],
        ['invitation', link],
      ] as const) {
        const page = await open(`${path}?lang=${language}`);
        await field(page, 'attends').selectOption('in_person');
        await field(page, 'answers.diet').selectOption('other');
        await look(page, `questions-${name}-${language}`);
        expect([name, await axeFindings(page)]).toEqual([name, []]);
        await page.context().close();
      }
      const page = await open(`${link}?lang=${language}`);
      await accept(page);
      await look(page, `questions-errors-${language}`);
      expect(await axeFindings(page)).toEqual([]);
      const links = page.locator('[role=alert] a');
      const ids = (await Promise.all((await links.all()).map((one) => one.getAttribute('href')))).map(
        (href) => href!.slice(1),
      );
      expect(ids).toEqual(['attends', 'answers.diet', 'answers.topics', 'privacy_notice']);
      for (const id of ids) expect([id, await page.locator(`[id="${id}"]`).count()]).toEqual([id, 1]);
      await page.context().close();
    },
  );

  test('can be answered without JavaScript, a file included, which can be replaced', async () => {
    const { id, link } = await prepare();
    const page = await open(link, { javaScriptEnabled: false });
    expect(await page.getByText('Only if you attend in the room.').count()).toBe(2);
    await field(page, 'attends').selectOption('in_person');
    await field(page, 'answers.diet').selectOption('other');
    await field(page, 'answers.topics').nth(1).check();
    await page.locator('[name=privacy_notice]').check();
    await field(page, 'answers.passport').setInputFiles({ ...pdf, buffer: Buffer.alloc(60_000) });
    await accept(page);
    expect(await page.locator('[role=alert] li').allTextContents()).toEqual([
      expect.stringContaining('What do you eat'),
      expect.stringContaining('this file is too large'),
    ]);
    // What was typed is still there.
    expect(await field(page, 'attends').inputValue()).toBe('in_person');
    expect(await field(page, 'answers.topics').nth(1).isChecked()).toBe(true);
    expect(await page.locator('[name=privacy_notice]').isChecked()).toBe(true);
    await field(page, 'answers.other_diet').fill('Halal');
    await field(page, 'answers.arrival').fill('2027-01-27');
    await field(page, 'answers.passport').setInputFiles(pdf);
    await accept(page);
    expect(await page.locator('.notice h2').first().textContent()).toBe('Your participation is confirmed');
    expect(await answered(id)).toEqual([
      { code: 'diet', value: 'other' },
      { code: 'other_diet', value: 'Halal' },
      { code: 'topics', value: ['return'] },
      { code: 'arrival', value: '2027-01-27' },
      { code: 'passport', value: 'passport.pdf' },
    ]);
    expect(await page.locator('main').textContent()).toContain('passport.pdf');
    await look(page, 'questions-registered-en');
    await field(page, 'answers.topics').nth(1).uncheck();
    await field(page, 'answers.topics').nth(0).check();
    await field(page, 'answers.passport').setInputFiles({ ...pdf, name: 'second.pdf' });
    await page.getByRole('button', { name: 'Save the changes' }).click();
    expect(await page.locator('[role=status]').textContent()).toBe('Your details are saved.');
    expect((await answered(id)).slice(2)).toEqual([
      { code: 'topics', value: ['data'] },
      { code: 'arrival', value: '2027-01-27' },
      { code: 'passport', value: 'second.pdf' },
    ]);
    await page.context().close();
  });

  test('can be answered with the keyboard alone, and appear with their condition where a script runs', async () => {
    const { id, link } = await prepare();
    const page = await open(link);
    expect(await field(page, 'answers.passport').isVisible()).toBe(false);
    expect(await field(page, 'answers.other_diet').isVisible()).toBe(false);
    await tabTo(page, 'attends');
    await choose(page, 'In the room');
    expect(await field(page, 'answers.passport').isVisible()).toBe(true);
    await page.keyboard.press('ArrowDown');
    expect(await field(page, 'answers.passport').isVisible()).toBe(false);
    await tabTo(page, 'answers.diet');
    await choose(page, 'Something');
    await tabTo(page, 'answers.other_diet');
    await page.keyboard.type('Halal');
    await tabTo(page, 'answers.topics');
    await page.keyboard.press('Space');
    await tabTo(page, 'privacy_notice');
    await page.keyboard.press('Space');
    await tabTo(page, 'Accept and register');
    await Promise.all([page.waitForURL(/\/r\//), page.keyboard.press('Enter')]);
    expect(await answered(id)).toEqual([
      { code: 'diet', value: 'other' },
      { code: 'other_diet', value: 'Halal' },
      { code: 'topics', value: ['data'] },
    ]);
    await page.context().close();
  });

  test('read from right to left in Arabic, and say where they are in another language', async () => {
    const { link } = await prepare('ar');
    const page = await open(link);
    expect(await page.getAttribute('html', 'dir')).toBe('rtl');
    await field(page, 'answers.diet').selectOption('other');
    const label = page.locator('label[for="answers.other_diet"] bdi');
    expect([await label.getAttribute('lang'), await label.getAttribute('dir')]).toEqual(['en', 'ltr']);
    const box = (await page.locator('label[for="answers.diet"]').boundingBox())!;
    const control = (await field(page, 'answers.diet').boundingBox())!;
    expect(Math.abs(box.x + box.width - (control.x + control.width))).toBeLessThan(2);
    await page.context().close();
  });

  test('never scroll sideways on a telephone, and give targets of at least 44 pixels', async () => {
    const { slug, link } = await prepare();
    for (const path of [`/d/${slug}`, link, `${link}?lang=ar`]) {
      const page = await open(path, { viewport: { width: 320, height: 640 }, javaScriptEnabled: false });
      await look(page, `questions-narrow-${path.includes('lang=ar') ? 'ar' : path.slice(1, 2)}`);
      const session = await page.context().newCDPSession(page);
      const { result } = await session.send('Runtime.evaluate', {
        expression: `JSON.stringify([document.documentElement.scrollWidth - document.documentElement.clientWidth,
          [...document.querySelectorAll('select, textarea, input:not([type=hidden]):not([type=checkbox]), .check')]
            .filter((element) => element.getBoundingClientRect().height < 44).map(({ outerHTML }) => outerHTML.slice(0, 100))])`,
      });
      expect([path, JSON.parse(result.value as string)]).toEqual([path, [0, []]]);
      await page.context().close();
    }
  });

  test('of which none is shown stand in no form', async () => {
    const { id } = await publishDialogue(api);
    await inviteList(api, id, listOf(1));
    const link = await linkOf(api, 'invitation', { dialogueId: id, email });
    const page = await open(link);
    expect(await page.getByText('Your participation', { exact: true }).count()).toBe(0);
    expect((await api.submit(`${link}/acceptance`, answers)).statusCode).toBe(303);
    await page.context().close();
  });
});
