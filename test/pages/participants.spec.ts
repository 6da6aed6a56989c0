import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { startApi, type TestApi } from '../support/api';
import { launchBrowser } from '../support/chromium';
import { choose, tabTo } from '../support/keyboard';
import { answers, inviteList, linkOf, listOf, publishDialogue } from '../support/participants';
import { reference } from '../support/reference-dialogue';

const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

describe('the pages of participants', () => {
  let api: TestApi;
  let browser: Browser;
  let origin: string;
  beforeAll(async () => {
    [api, browser] = await Promise.all([startApi(), launchBrowser()]);
    await api.app.listen(0, '127.0.0.1');
    origin = (await api.app.getUrl()).replace('[::1]', 'localhost');
    for (const { code, name, also_known_as = [] } of reference.mechanisms) {
      await api.request('POST', '/v1/mechanisms', { code, name, other_names: also_known_as, chairs: [] });
    }
  });
  afterAll(async () => {
    await browser?.close();
    await api?.close();
  });

  const person = 'person.1@ministry.example';
  /** A dialogue with the agenda of the reference, one place and four people. */
  const prepare = async (language = 'en') => {
    const dialogue = await publishDialogue(api, { registration: 'open', places: 1 });
    await api.replace(`/v1/dialogues/${dialogue.id}/agenda`, { sessions: reference.agenda });
    await inviteList(api, dialogue.id, listOf(4, language));
    const invitation = (number: number) =>
      linkOf(api, 'invitation', { dialogueId: dialogue.id, email: `person.${number}@ministry.example` });
    const registration = async (number: number) => {
      await api.submit(`${await invitation(number)}/acceptance`, { ...answers, language });
      return linkOf(api, 'registration', {
        dialogueId: dialogue.id,
        email: `person.${number}@ministry.example`,
      });
    };
    return { ...dialogue, invitation, registration };
  };
  const open = async (path: string, options: BrowserContextOptions = {}): Promise<Page> => {
    const context = await browser.newContext({ locale: 'en-GB', ...options });
    const page = await context.newPage();
    const problems: string[] = [];
    page.on('console', (message) => {
      // Chromium notes that the page of a wrong link is a 404.
      if (message.type() === 'error' && !/status of 404/.test(message.text())) problems.push(message.text());
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
  /** What axe-core finds that is serious or critical (WCAG 2.2 A and AA). */
  const findings = async (page: Page): Promise<string[]> => {
    // Through the debugger, which the page's own policy does not bind.
    const session = await page.context().newCDPSession(page);
    await session.send('Runtime.evaluate', { expression: axe });
    const { result } = await session.send('Runtime.evaluate', {
      expression: `axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })
        .then(({ violations }) => JSON.stringify(violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
          .map(({ id, nodes }) => id + ': ' + nodes.map(({ html }) => html.slice(0, 200)).join(' | '))))`,
      awaitPromise: true,
      returnByValue: true,
    });
    return JSON.parse(result.value as string) as string[];
  };
  const overflow = (page: Page) =>
    page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

  test('have no serious or critical finding of axe-core, in English and in Arabic', async () => {
    const { slug, invitation, registration } = await prepare();
    const declined = await invitation(3);
    const pages: Record<string, string> = {
      public: `/d/${slug}`,
      received: `/d/${slug}/registrations`,
      invitation: await invitation(1),
      confirmed: await registration(4),
      waitlisted: await registration(2),
      accepted: await invitation(4),
      wrong: '/i/nothing',
    };
    await api.submit(`${declined}/declination`, {});
    pages.declined = declined;
    pages.participants = `${pages.confirmed}/participants`;
    for (const [name, path] of Object.entries(pages)) {
      for (const language of ['en', 'ar']) {
        const page = await open(`${path}?lang=${language}`);
        await look(page, `${name}-${language}`);
        expect([name, language, await findings(page)]).toEqual([name, language, []]);
        await page.context().close();
      }
    }
  });

  test('have none either while a registration is considered, offered or refused', async () => {
    const { id, registration, invitation } = await prepare('ar');
    const pages: Record<string, string> = {};
    const states = ['awaiting_approval', 'offered', 'under_review', 'refused'];
    for (const [index, state] of states.entries()) {
      pages[state] = await registration(index + 1);
      await api.dataSource.query(
        `UPDATE registrations SET state = $2, waitlist_number = NULL,
           confirmed_at = CASE WHEN $2 = 'under_review' THEN now() END,
           offer_expires_at = CASE WHEN $2 = 'offered' THEN now() + interval '2 days' END
         WHERE dialogue_id = $1 AND email = $3`,
        [id, state, `person.${index + 1}@ministry.example`],
      );
    }
    pages.refused_invitation = await invitation(4);
    for (const [name, path] of Object.entries(pages)) {
      for (const language of ['en', 'ar']) {
        const page = await open(`${path}?lang=${language}`);
        await look(page, `${name}-${language}`);
        expect([name, language, await findings(page), await overflow(page)]).toEqual([name, language, [], 0]);
        await page.context().close();
      }
    }
  });

  test('let somebody accept with the keyboard alone', async () => {
    const { id, invitation } = await prepare();
    const page = await open(await invitation(1));
    await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.activeElement?.className)).toBe('skip');
    await page.keyboard.press('Enter');
    await tabTo(page, 'functional_title');
    await page.keyboard.press('ControlOrMeta+a');
    await page.keyboard.type('Minister');
    await tabTo(page, 'mechanism');
    await choose(page, 'Rabat');
    await tabTo(page, 'consent_to_be_listed');
    await choose(page, 'Yes, in the record');
    await tabTo(page, 'Accept and register');
    await Promise.all([page.waitForURL(/\/r\//), page.keyboard.press('Enter')]);
    expect(await page.locator('.notice h2').textContent()).toBe('Your participation is confirmed');
    const { items } = (await api.request('GET', `/v1/dialogues/${id}/registrations`)).json();
    expect(items[0]).toMatchObject({
      functional_title: 'Minister',
      mechanism: 'RABAT',
      consent_to_be_listed: 'after',
    });
    await page.context().close();
  });

  test('lead the keyboard to what is wrong, and keep what was typed', async () => {
    const { slug } = await prepare();
    const page = await open(`/d/${slug}`);
    await page.fill('[name=name]', 'محمد رفعت الحلبي');
    await page.fill('[name=email]', 'nobody');
    await page.locator('form button[type=submit]').click();
    // The browser moves the focus when it first shows the new page, which is later than its load.
    await page.waitForFunction(() => document.activeElement?.getAttribute('role') === 'alert');
    expect(await page.title()).toMatch(/^Error: /);
    await look(page, 'errors');
    expect(await findings(page)).toEqual([]);
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.waitForURL(/#email$/);
    expect(await page.inputValue('[name=name]')).toBe('محمد رفعت الحلبي');
    const described = await page.getAttribute('[name=email]', 'aria-describedby');
    expect(await page.locator(`#${described!.split(' ')[1]}`).textContent()).toContain('name@organisation');
    await page.context().close();
  });

  test('work without JavaScript: accept, change, withdraw, come back', async () => {
    const { invitation } = await prepare();
    const page = await open(await invitation(1), { javaScriptEnabled: false });
    await page.locator('form[action*=acceptance] button').click();
    expect(await page.locator('.notice h2').first().textContent()).toBe('Your participation is confirmed');
    await page.fill('[name=capacity]', 'observer');
    await page.getByRole('button', { name: 'Save the changes' }).click();
    expect(await page.locator('[role=status]').textContent()).toBe('Your details are saved.');
    expect(await page.inputValue('[name=capacity]')).toBe('observer');
    await page.locator('summary').click();
    await page.getByRole('button', { name: 'Yes, withdraw' }).click();
    expect(await page.locator('.notice h2').first().textContent()).toBe('You have withdrawn');
    await look(page, 'withdrawn-en');
    await page.getByRole('button', { name: 'Register again' }).click();
    expect(await page.locator('.notice h2').first().textContent()).toBe('Your participation is confirmed');
    await page.context().close();
  });

  test('take the secret out of the address bar, and work there after reloading', async () => {
    const { invitation } = await prepare();
    const page = await open(await invitation(1));
    expect(await page.evaluate(() => location.pathname)).toMatch(/^\/i\/[0-9a-f-]{36}$/);
    await page.reload();
    expect(await page.locator('h1').textContent()).toBe('Dialogue with inter-state consultation mechanisms');
    await page.getByRole('link', { name: 'العربية' }).click();
    expect(await page.getAttribute('html', 'dir')).toBe('rtl');
    await page.context().close();
  });

  test('read from right to left in Arabic, with the reader’s own time', async () => {
    const { invitation } = await prepare('ar');
    const page = await open(await invitation(1));
    expect([await page.getAttribute('html', 'lang'), await page.getAttribute('html', 'dir')]).toEqual([
      'ar',
      'rtl',
    ]);
    expect(await page.locator('dl.facts').textContent()).toContain('بتوقيتكم');
    const label = (await page.locator('label[for=affiliation]').boundingBox())!;
    const field = (await page.locator('#affiliation').boundingBox())!;
    expect(Math.abs(label.x + label.width - (field.x + field.width))).toBeLessThan(2);
    await page.context().close();
  });

  test.each([
    ['on a telephone', { viewport: { width: 320, height: 640 } }],
    ['at 200 % zoom on a small screen', { viewport: { width: 640, height: 400 }, deviceScaleFactor: 2 }],
  ])('never scroll sideways %s', async (_, options) => {
    const { slug, invitation, registration } = await prepare();
    for (const path of [`/d/${slug}`, await invitation(2), await registration(1), `/d/${slug}?lang=ar`]) {
      const page = await open(path, options);
      expect([path, await overflow(page)]).toEqual([path, 0]);
      if (options.viewport.width === 320)
        await look(page, `narrow-${path.slice(1, 2)}${path.includes('ar') ? '-ar' : ''}`);
      await page.context().close();
    }
  });

  test('give buttons and fields targets of at least 44 pixels', async () => {
    const { invitation } = await prepare();
    const page = await open(await invitation(1));
    const small = await page.evaluate(() =>
      [
        ...document.querySelectorAll(
          'button, .button, select, input:not([type=hidden]):not([type=checkbox]), .languages a',
        ),
      ]
        .filter((element) => element.getBoundingClientRect().height < 44)
        .map((element) => element.outerHTML.slice(0, 100)),
    );
    expect(small).toEqual([]);
    await page.context().close();
  });

  test('never show the address of the person, nor the link to join before they are confirmed', async () => {
    const { invitation, registration } = await prepare();
    await registration(2);
    const page = await open(await invitation(1));
    const html = await page.content();
    expect(html).not.toContain(person);
    expect(html).not.toContain('secret-room');
    const waiting = await open(await registration(1));
    expect(await waiting.content()).not.toContain('secret-room');
    await page.context().close();
    await waiting.context().close();
  });
});
