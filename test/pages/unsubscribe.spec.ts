import type { Browser } from 'playwright-core';
import { startApi, type TestApi } from '../support/api';
import { axeFindings } from '../support/axe';
import { launchBrowser } from '../support/chromium';
import { inviteList, listOf, publishDialogue } from '../support/participants';

describe('the page to unsubscribe', () => {
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

  test('has no script, fits a telephone, and axe-core finds nothing serious, in English and in Arabic', async () => {
    const { Links } = require('@app/platform') as typeof import('@app/platform');
    const { id } = await publishDialogue(api);
    await inviteList(api, id, listOf(1));
    const [mail] = await api.dataSource.query('SELECT message_id FROM mails WHERE dialogue_id = $1', [id]);
    const link = `${origin}/u/${api.app.get(Links).compose('unsubscription', mail.message_id as string, 1)}`;
    for (const language of ['en', 'ar']) {
      // axe-core is a script itself; the page has none.
      const context = await browser.newContext({ viewport: { width: 390, height: 800 } });
      const page = await context.newPage();
      await page.goto(`${link}?lang=${language}`);
      for (const pressed of ['unsubscribed', 'taken back']) {
        const overflow = await page.evaluate(
          () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
        );
        expect([language, await axeFindings(page), overflow]).toEqual([language, [], 0]);
        await page.getByRole('main').getByRole('button').click();
        await page.waitForLoadState();
        expect(await page.getByRole('main').getByRole('button').getAttribute('class')).toBe(
          pressed === 'unsubscribed' ? 'second' : null,
        );
      }
      await context.close();
    }
  });
});
