import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { startApi, type TestApi } from '../support/api';
import { launchBrowser } from '../support/chromium';
import { AccountsService } from '@app/accounts';

const AXE = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

describe('the pages of an organiser in a browser', () => {
  let api: TestApi;
  let browser: Browser;
  let address: string;
  beforeAll(async () => {
    [api, browser] = await Promise.all([startApi(), launchBrowser()]);
    await api.app.listen(0, '127.0.0.1');
    address = await api.app.getUrl();
    await api.request('POST', '/v1/dialogues', {
      title: 'Dialogue with <b>mechanisms</b>',
      starts_at_local: `${new Date().getUTCFullYear() + 1}-01-28T11:00`,
      ends_at_local: `${new Date().getUTCFullYear() + 1}-01-28T13:00`,
      time_zone: 'Africa/Cairo',
      venue: { kind: 'virtual', platform: 'Kudo' },
      hosts: ['Agency for Migration'],
      working_languages: ['en'],
      places: 60,
    });
  });
  afterAll(async () => {
    await browser?.close();
    await api?.close();
  });

  const open = async (locale: string): Promise<{ context: BrowserContext; page: Page }> => {
    // The check runs inside the page, which our policy would forbid.
    const context = await browser.newContext({ locale, bypassCSP: true });
    return { context, page: await context.newPage() };
  };
  const signInPath = async () =>
    new URL(await api.app.get(AccountsService).newSignInLink(api.organiser.id)).pathname;
  const seriousFindings = async (page: Page): Promise<string[]> => {
    await page.evaluate(AXE);
    const { violations } = await page.evaluate(() =>
      (
        globalThis as never as { axe: { run(): Promise<{ violations: { id: string; impact: string }[] }> } }
      ).axe.run(),
    );
    return violations.filter(({ impact }) => ['serious', 'critical'].includes(impact)).map(({ id }) => id);
  };

  test('a link opened from webmail broke the form of another tab: its proof stays, and no other site’s form carries it', async () => {
    const { context, page } = await open('en');
    const proof = (of: Page) => of.locator('input[name=proof]').inputValue();
    await page.goto(address + (await signInPath()));
    // Another host is another site to the browser, and this one shows our link as webmail does.
    const foreign = createServer((request, answer) => {
      const [what, path] = request.url!.slice(1).split('?');
      const body =
        what === 'form'
          ? `<form method="post" action="${address}${path}"><button>Send</button></form>`
          : `<a href="${address}${path}">Sign in to Plenary</a>`;
      answer.setHeader('content-type', 'text/html').end(body);
    });
    await new Promise<void>((listens) => foreign.listen(0, () => listens()));
    const webmail = `http://localhost:${(foreign.address() as AddressInfo).port}`;
    try {
      const tab = await context.newPage();
      const path = await signInPath();
      await tab.goto(`${webmail}/mail?${path}`);
      const [opened] = await Promise.all([tab.waitForRequest(address + path), tab.getByRole('link').click()]);
      await tab.waitForURL(`**${path}`);
      expect(await opened.headerValue('cookie')).toContain('plenary_form=');
      expect(await proof(tab)).toBe(await proof(page));

      await tab.goto(`${webmail}/form?${path}`);
      const [sent] = await Promise.all([
        tab.waitForRequest((request) => request.method() === 'POST'),
        tab.getByRole('button').click(),
      ]);
      expect((await sent.response())!.status()).toBe(403);
      expect(await sent.headerValue('cookie')).toBeNull();
    } finally {
      foreign.closeAllConnections();
      await new Promise((closed) => foreign.close(closed));
      await context.close();
    }
  });

  test('with the keyboard alone: sign in, make a token, revoke it, sign out', async () => {
    const { context, page } = await open('en');
    await page.goto(address + (await signInPath()));
    await page.getByRole('button', { name: 'Sign in' }).focus();
    await page.keyboard.press('Enter');
    await page.waitForURL('**/organiser');
    expect(await page.getByRole('row', { name: /Dialogue with <b>mechanisms/ }).innerText()).toContain(
      '0 of 60 places confirmed',
    );

    await page.getByLabel('Name').focus();
    await page.keyboard.type('Script');
    await page.keyboard.press('Enter');
    const token = await page
      .getByRole('status')
      .getByText(/^plenary_/)
      .innerText();
    expect((await api.request('GET', '/v1/tokens', undefined, { token })).statusCode).toBe(200);
    expect(await seriousFindings(page)).toEqual([]);

    await page.goto(`${address}/organiser`);
    await page.getByRole('button', { name: 'Revoke Script' }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Revoke Script' }).waitFor({ state: 'detached' });
    expect((await api.request('GET', '/v1/tokens', undefined, { token })).statusCode).toBe(401);

    await page.getByRole('button', { name: 'Sign out' }).focus();
    await page.keyboard.press('Enter');
    await page.waitForURL('**/sign-in');
    await context.close();
  });

  test('in Arabic, from right to left, without a serious finding, wide and narrow', async () => {
    const { context, page } = await open('ar');
    for (const path of ['/sign-in', await signInPath()]) {
      await page.goto(address + path);
      expect(await page.locator('html').getAttribute('dir')).toBe('rtl');
      expect([path, await seriousFindings(page)]).toEqual([path, []]);
    }
    await page.getByRole('button').click();
    await page.waitForURL('**/organiser');
    expect(await page.getByRole('heading', { level: 1 }).innerText()).toBe('حواراتكم');
    for (const width of [1280, 320]) {
      await page.setViewportSize({ width, height: 800 });
      expect([width, await seriousFindings(page)]).toEqual([width, []]);
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      expect([width, overflow]).toEqual([width, 0]);
    }
    await context.close();
  });

  test('the description of the API can be browsed under its policy', async () => {
    const context = await browser.newContext();
    const page = await context.newPage();
    const refused: string[] = [];
    page.on('console', (message) => message.type() === 'error' && refused.push(message.text()));
    await page.goto(`${address}/docs`);
    await page.getByText('/v1/mechanisms', { exact: true }).first().waitFor();
    expect(refused).toEqual([]);
    await context.close();
  });
});
