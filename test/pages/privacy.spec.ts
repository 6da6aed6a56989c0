import type { Browser, Page } from 'playwright-core';
import { startApi, type TestApi } from '../support/api';
import { axeFindings } from '../support/axe';
import { launchBrowser } from '../support/chromium';
import { answers, inviteList, linkOf, listOf, publishDialogue } from '../support/participants';

describe('the pages about people’s own data', () => {
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

  const who = 'person.1@ministry.example';

  async function prepare(): Promise<{ id: string; slug: string; page: string }> {
    const { id, slug } = await publishDialogue(api);
    await api.replace(`/v1/dialogues/${id}/privacy-notice`, {
      texts: {
        en: 'We keep your data for 90 days.\n\nThen they are removed.',
        ar: 'نحتفظ ببياناتكم 90 يومًا.',
      },
    });
    await inviteList(api, id, listOf(1));
    const accepted = await api.submit(
      `${await linkOf(api, 'invitation', { dialogueId: id, email: who })}/acceptance`,
      { ...answers, privacy_notice: '1' },
    );
    if (accepted.statusCode !== 303) throw new Error(accepted.body);
    return { id, slug, page: await linkOf(api, 'registration', { dialogueId: id, email: who }) };
  }

  /** Without JavaScript, as it has to work. */
  async function open(path: string, script = false): Promise<Page> {
    const context = await browser.newContext({
      javaScriptEnabled: script,
      viewport: { width: 390, height: 800 },
    });
    const page = await context.newPage();
    await page.goto(origin + path);
    return page;
  }

  async function newestCode(dialogueId: string): Promise<string> {
    const { Links } = require('@app/platform') as typeof import('@app/platform');
    const [row] = await api.dataSource.query(
      `SELECT c.id FROM personal_codes c JOIN registrations r ON r.id = c.registration_id
       WHERE r.dialogue_id = $1 ORDER BY c.created_at DESC LIMIT 1`,
      [dialogueId],
    );
    return api.app.get(Links).code(row.id as string);
  }

  test('have no serious or critical finding of axe-core, in English and in Arabic, and fit a telephone', async () => {
    const { slug, page: link } = await prepare();
    for (const path of [`${link}/data`, `/d/${slug}/privacy`, `/d/${slug}/erased`, `/d/${slug}/link`]) {
      for (const language of ['en', 'ar']) {
        const page = await open(`${path}?lang=${language}`, true);
        const overflow = await page.evaluate(
          () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
        );
        expect([path, language, await axeFindings(page), overflow]).toEqual([path, language, [], 0]);
        await page.context().close();
      }
    }
  });

  test('let somebody correct their address and then erase their data, without JavaScript', async () => {
    const { id, slug, page: link } = await prepare();
    const page = await open(link);
    await page.getByRole('link', { name: 'Your data: get a file, correct, erase' }).click();
    expect(await page.textContent('main')).toContain('p•••@ministry.example');
    await page.getByRole('button', { name: 'Send me a code' }).click();
    expect(await page.getByRole('status').textContent()).toContain('p•••@ministry.example');

    const correct = page.locator('section[aria-labelledby=correct]');
    await correct.getByLabel('New email address').fill('elsewhere@agency.example');
    await correct.getByLabel('Code').fill('12');
    await correct.getByRole('button').click();
    expect(await page.getByRole('alert').textContent()).toContain('this code does not work');
    expect(await correct.getByLabel('New email address').inputValue()).toBe('elsewhere@agency.example');
    await correct.getByLabel('Code').fill(await newestCode(id));
    await correct.getByRole('button').click();

    const confirm = page.locator('section[aria-labelledby=address]');
    await confirm.getByLabel('Code').fill(await newestCode(id));
    await confirm.getByRole('button').click();
    expect(await page.getByRole('status').textContent()).toBe('Your correction is saved.');
    expect(await page.textContent('main')).toContain('e•••@agency.example');

    await page.getByRole('button', { name: /Send me a new code/u }).click();
    const erase = page.locator('section[aria-labelledby=erase]');
    await erase.getByLabel('Code').fill(await newestCode(id));
    await erase.getByRole('button').click();
    expect(new URL(page.url()).pathname).toBe(`/d/${slug}/erased`);
    expect(await page.textContent('h1')).toBe('Your data are erased');
    expect((await page.goto(origin + link))?.status()).toBe(404);
    await page.context().close();
  });
});
