import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { startApi, type TestApi } from '../support/api';
import { axeFindings } from '../support/axe';
import { choose, tabTo } from '../support/keyboard';
import { launchBrowser } from '../support/chromium';
import { answers, linkOf, publishDialogue } from '../support/participants';

const YEAR = new Date().getUTCFullYear() + 1;

describe('the page of a focal point', () => {
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

  let delegations = 0;
  /** A delegation of three seats with a head of delegation who has confirmed and a member who has not answered. */
  const prepare = async (language = 'en', nominated = 2) => {
    delegations += 1;
    const { id } = await publishDialogue(api);
    const focal = await api.request('POST', '/v1/people', {
      honorific: 'Dr.',
      name: 'Salma Idrissi',
      email: `salma.${delegations}@rabat.example`,
      language,
      time_zone: 'Asia/Jakarta',
    });
    const added = await api.request('POST', `/v1/dialogues/${id}/delegations`, {
      organisation: 'Rabat Process',
      focal_point: focal.json().id,
      seats: 3,
      seats_by_role: { head_of_delegation: 1, observer: 0 },
      nominations_close_at_local: `${YEAR}-01-20T18:00`,
    });
    if (added.statusCode !== 201) throw new Error(added.body);
    const { id: delegation } = added.json() as { id: string };
    const people = [
      { name: 'محمد رفعت الحلبي', email: 'head@ministry.example', role: 'head_of_delegation' },
      { name: 'Anahit Sargsyan', email: 'member@ministry.example', role: 'member' },
    ].slice(0, nominated);
    if (people.length > 0) {
      await api.request('POST', `/v1/delegations/${delegation}/nominations`, { nominees: people });
      await api.submit(
        `${await linkOf(api, 'invitation', { dialogueId: id, email: 'head@ministry.example' })}/acceptance`,
        answers,
      );
    }
    const { Links } = require('@app/platform') as typeof import('@app/platform');
    const path = `/n/${api.app.get(Links).compose('delegation', delegation, 1)}`;
    const nominees = async (): Promise<{ name: string; state: string }[]> =>
      (await api.request('GET', `/v1/delegations/${delegation}`)).json().nominees;
    return { id, delegation, path, nominees };
  };
  const open = async (path: string, options: BrowserContextOptions = {}): Promise<Page> => {
    const context = await browser.newContext({ locale: 'en-GB', ...options });
    const page = await context.newPage();
    const problems: string[] = [];
    page.on('console', (message) => {
      if (message.type() === 'error') problems.push(message.text());
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

  test('has no serious or critical finding of axe-core, in English and in Arabic, open, wrong and closed', async () => {
    for (const language of ['en', 'ar']) {
      const { delegation, path } = await prepare(language);
      const page = await open(path);
      await page.locator('details').evaluateAll((all) => all.forEach((one) => one.setAttribute('open', '')));
      await look(page, `nomination-${language}`);
      expect([language, await axeFindings(page)]).toEqual([language, []]);
      await page.fill('[name=name_0]', 'One');
      await page.locator('form[action*=nominations] button[type=submit]').click();
      await page.waitForLoadState();
      await look(page, `nomination-wrong-${language}`);
      expect(await page.title()).toMatch(language === 'en' ? /^Error: / : /^خطأ: /);
      expect([language, 'wrong', await axeFindings(page)]).toEqual([language, 'wrong', []]);
      await page.context().close();

      await api.dataSource.query(
        `UPDATE delegations SET nominations_close_at = now() - interval '1 hour' WHERE id = $1`,
        [delegation],
      );
      const closed = await open(path);
      expect(await closed.locator('form').count()).toBe(0);
      await look(closed, `nomination-closed-${language}`);
      expect([language, 'closed', await axeFindings(closed)]).toEqual([language, 'closed', []]);
      await closed.context().close();
    }
  });

  test('lets somebody nominate with the keyboard alone', async () => {
    const { path, nominees } = await prepare('en', 0);
    const page = await open(path);
    await tabTo(page, 'name_0');
    await page.keyboard.type('Katarina Medved');
    await tabTo(page, 'email_0');
    await page.keyboard.type('katarina@ministry.example');
    await tabTo(page, 'role_0');
    await choose(page, 'Head');
    await tabTo(page, 'Person 2');
    await page.keyboard.press('Enter');
    await tabTo(page, 'name_1');
    await page.keyboard.type('Anahit Sargsyan');
    await tabTo(page, 'email_1');
    await page.keyboard.type('anahit@ministry.example');
    await tabTo(page, 'Nominate');
    await Promise.all([page.waitForURL(/nominated=2/), page.keyboard.press('Enter')]);
    expect(await page.locator('[role=status]').textContent()).toContain('2 people are nominated');
    expect(await nominees()).toMatchObject([
      { name: 'Katarina Medved', role: 'head_of_delegation', state: 'sent' },
      { name: 'Anahit Sargsyan', role: 'member', state: 'sent' },
    ]);
    await page.context().close();
  });

  test('works without JavaScript: nominate, replace, remove; and leads to what is wrong', async () => {
    const { path, nominees } = await prepare();
    const page = await open(path, { javaScriptEnabled: false });
    // Both the head's role and a seat too many.
    await page.fill('[name=name_0]', 'Third Person');
    await page.fill('[name=email_0]', 'third@ministry.example');
    await page.selectOption('[name=role_0]', 'head_of_delegation');
    await page.locator('form[action*=nominations] button[type=submit]').click();
    expect(await page.locator('[role=alert]').textContent()).toContain(
      'Head of delegation: one person too many. Nobody was nominated.',
    );
    expect(await page.inputValue('[name=name_0]')).toBe('Third Person');
    expect(await page.inputValue('[name=role_0]')).toBe('head_of_delegation');

    await page.selectOption('[name=replaces_0]', { label: 'محمد رفعت الحلبي' });
    await page.locator('form[action*=nominations] button[type=submit]').click();
    expect(await page.locator('[role=status]').textContent()).toContain('One person is nominated');
    expect((await nominees()).map(({ name }) => name)).toEqual(['Third Person', 'Anahit Sargsyan']);

    await page.locator('summary', { hasText: 'Anahit Sargsyan' }).click();
    await page.getByRole('button', { name: 'Yes, remove' }).last().click();
    expect(await page.locator('[role=status]').textContent()).toBe('One person is no longer nominated.');
    expect((await nominees()).map(({ name }) => name)).toEqual(['Third Person']);
    await page.context().close();
  });

  test('reads from right to left in Arabic, names each in their own direction, with the deadline in both zones', async () => {
    const { path } = await prepare('ar');
    const page = await open(path);
    expect([await page.getAttribute('html', 'lang'), await page.getAttribute('html', 'dir')]).toEqual([
      'ar',
      'rtl',
    ]);
    const seats = (await page.locator('section[aria-labelledby=seats]').textContent())!;
    expect(seats.replace(/[\u2066-\u2069]/g, '')).toMatch(/بتوقيتكم: .*23:00.*بتوقيت الجهة المضيفة: .*18:00/);
    const label = (await page.locator('label[for=email_0]').boundingBox())!;
    const field = (await page.locator('#email_0').boundingBox())!;
    expect(Math.abs(label.x + label.width - (field.x + field.width))).toBeLessThan(2);
    expect(await page.locator('bdi', { hasText: 'Anahit Sargsyan' }).count()).toBeGreaterThan(0);
    await page.context().close();
  });

  test('never scrolls sideways on a telephone, has targets of 44 pixels, and no secret in the address bar', async () => {
    const { path } = await prepare();
    for (const asked of ['', '?lang=ar']) {
      const page = await open(path + asked, { viewport: { width: 320, height: 640 } });
      expect(await page.evaluate(() => location.pathname)).toMatch(/^\/n\/[0-9a-f-]{36}$/);
      const overflow = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      expect([asked, overflow]).toEqual([asked, 0]);
      const small = await page.evaluate(() =>
        [...document.querySelectorAll('button, summary, select, input:not([type=hidden])')]
          .filter((element) => element.checkVisibility() && element.getBoundingClientRect().height < 44)
          .map((element) => element.outerHTML.slice(0, 100)),
      );
      expect(small).toEqual([]);
      await look(page, `nomination-narrow${asked.slice(-2)}`);
      await page.context().close();
    }
  });
});
