import { mkdirSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { startApi, type TestApi } from '../support/api';
import { launchBrowser } from '../support/chromium';
import {
  answers,
  inviteList,
  linkOf,
  listOf,
  publishDialogue,
  type TestDialogue,
} from '../support/participants';
import { AccountsService } from '@app/accounts';
import { Links } from '@app/platform';

const AXE = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

describe('the pages at the door, to join, and for a substitute', () => {
  let api: TestApi;
  let browser: Browser;
  let platform: Server;
  let origin: string;
  let platformUrl: string;
  beforeAll(async () => {
    [api, browser] = await Promise.all([startApi(), launchBrowser()]);
    await api.app.listen(0, '127.0.0.1');
    origin = await api.app.getUrl();
    // The platform of the meeting, elsewhere, which sends everybody on as such platforms do.
    platform = createServer((request, response) => {
      if (request.url === '/room')
        response.writeHead(302, { location: `http://localhost:${port()}/in` }).end();
      else response.end('<!doctype html><title>In the meeting</title>');
    });
    await new Promise<void>((resolve) => platform.listen(0, () => resolve()));
    const port = () => (platform.address() as AddressInfo).port;
    platformUrl = `http://127.0.0.1:${port()}/room`;
  });
  afterAll(async () => {
    await browser?.close();
    await new Promise((resolve) => platform?.close(resolve));
    await api?.close();
  });

  const person = (number: number) => `person.${number}@ministry.example`;
  const prepare = async (
    people: number,
    {
      venue,
      minutesAgo,
      substitution = 'free',
    }: { venue: object; minutesAgo: number; substitution?: string },
  ): Promise<TestDialogue & { ids: string[] }> => {
    const dialogue = await publishDialogue(api, { venue });
    await inviteList(api, dialogue.id, listOf(people));
    for (let number = 1; number <= people; number++) {
      const link = await linkOf(api, 'invitation', { dialogueId: dialogue.id, email: person(number) });
      await api.submit(`${link}/acceptance`, { ...answers, attends: 'in_person' });
    }
    await api.dataSource.query(
      `UPDATE dialogues SET substitution = $3, starts_at = now() - $2 * interval '1 minute',
         ends_at = now() + (120 - $2) * interval '1 minute' WHERE id = $1`,
      [dialogue.id, minutesAgo, substitution],
    );
    const rows: { id: string }[] = await api.dataSource.query(
      'SELECT id FROM registrations WHERE dialogue_id = $1 ORDER BY email',
      [dialogue.id],
    );
    return { ...dialogue, ids: rows.map(({ id }) => id) };
  };
  const room = { kind: 'in_person', room: 'Hall 3' };
  const token = (purpose: 'check-in' | 'join' | 'delegation', id: string) =>
    api.app.get(Links).compose(purpose, id, 1);
  /** A browser without JavaScript, unless it is to be examined. */
  const newContext = (options: BrowserContextOptions = {}) =>
    browser.newContext({ locale: 'en-GB', javaScriptEnabled: false, ...options });
  const signIn = async (context: BrowserContext): Promise<Page> => {
    const page = await context.newPage();
    const link = await api.app.get(AccountsService).newSignInLink(api.organiser.id);
    await page.goto(origin + new URL(link).pathname);
    await page.getByRole('button').first().click();
    await page.waitForURL('**/organiser');
    return page;
  };
  const look = async (page: Page, name: string): Promise<void> => {
    const folder = process.env['SCREENSHOTS'];
    if (!folder) return;
    mkdirSync(folder, { recursive: true });
    await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true });
  };
  const findings = async (page: Page): Promise<string[]> => {
    const session = await page.context().newCDPSession(page);
    await session.send('Runtime.evaluate', { expression: AXE });
    const { result } = await session.send('Runtime.evaluate', {
      expression: `axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })
        .then(({ violations }) => JSON.stringify(violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
          .map(({ id, nodes }) => id + ': ' + nodes.map(({ html }) => html.slice(0, 200)).join(' | '))))`,
      awaitPromise: true,
      returnByValue: true,
    });
    return JSON.parse(result.value as string) as string[];
  };

  test('have no serious or critical finding, in English and in Arabic, wide and narrow', async () => {
    const held = await prepare(3, { venue: room, minutesAgo: 10 });
    const virtual = await prepare(1, {
      venue: { kind: 'virtual', platform: 'Kudo', join_url: platformUrl },
      minutesAgo: 5,
    });
    const ahead = await prepare(1, {
      venue: { kind: 'hybrid', room: 'Hall 3', platform: 'Kudo', join_url: platformUrl },
      minutesAgo: -600,
      substitution: 'approved',
    });
    await api.request('POST', `/v1/dialogues/${held.id}/arrivals`, { registration_id: held.ids[1] });
    const own = await linkOf(api, 'registration', { dialogueId: ahead.id, email: person(1) });
    const [delegation] = await api.dataSource.query(
      `WITH focal_point AS (
         INSERT INTO people (organiser_id, name, name_key, email, email_key, language, time_zone)
         VALUES ($2, 'Nadia Benkirane', 'nadia benkirane', 'nadia@m.example', 'nadia@m.example', 'en', 'UTC') RETURNING id)
       INSERT INTO delegations (dialogue_id, organisation, focal_point_id) SELECT $1, 'Ministry of Interior', id FROM focal_point
       RETURNING id`,
      [ahead.id, api.organiser.id],
    );
    await api.dataSource.query('UPDATE registrations SET delegation_id = $2 WHERE dialogue_id = $1', [
      ahead.id,
      delegation.id,
    ]);
    await api.dataSource.query(
      `INSERT INTO places (dialogue_id, scope, delegation_id, places, taken) VALUES ($1, 'delegation', $2, 2, 1)`,
      [ahead.id, delegation.id],
    );
    await api.submit(`${own}/substitution`, { name: 'Hoda Mansy', email: 'hoda@m.example', language: 'ar' });
    const asked = await publishDialogue(api, {});
    await inviteList(api, asked.id, listOf(1));
    await api.dataSource.query(`UPDATE dialogues SET substitution = 'free' WHERE id = $1`, [asked.id]);
    const invitation = await linkOf(api, 'invitation', { dialogueId: asked.id, email: person(1) });
    const pages: Record<string, string> = {
      invitation,
      declining: `${invitation}/substitution`,
      person: `/c/${token('check-in', held.ids[0]!)}`,
      arrived: `/c/${token('check-in', held.ids[1]!)}?already`,
      list: `/door/${held.id}`,
      listEarly: `/door/${ahead.id}`,
      join: `/j/${token('join', virtual.ids[0]!)}`,
      joinEarly: `/j/${token('join', ahead.ids[0]!)}`,
      registration: own,
      substitution: `${own}/substitution`,
      focalPoint: `/n/${token('delegation', delegation.id)}`,
    };
    for (const locale of ['en', 'ar']) {
      const context = await newContext({ locale, javaScriptEnabled: true });
      const page = await signIn(context);
      for (const [name, path] of Object.entries(pages)) {
        const answer = await page.goto(`${origin}${path}${path.includes('?') ? '&' : '?'}lang=${locale}`);
        expect([name, answer!.status()]).toEqual([name, 200]);
        for (const width of [1100, 320]) {
          await page.setViewportSize({ width, height: 800 });
          await look(page, `${name}-${locale}-${width}`);
          expect([name, locale, width, await findings(page)]).toEqual([name, locale, width, []]);
          const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
          expect([name, locale, width, overflow]).toEqual([name, locale, width, 0]);
        }
      }
      await context.close();
    }
  });

  test('two officers work the list without JavaScript, and the second is told who was first', async () => {
    const { id } = await prepare(2, { venue: room, minutesAgo: -20 });
    const [one, other] = [await signIn(await newContext()), await signIn(await newContext())];
    for (const page of [one, other]) {
      await page.goto(`${origin}/door/${id}`);
      await page.getByLabel('Name or code').fill('person 2');
      await page.getByRole('button', { name: 'Search' }).click();
      await page.waitForURL('**/door/**q=person**');
    }
    await one.getByRole('button', { name: 'Check in: Ms. Person 2' }).click();
    await one.getByText('1 of 2 have arrived.').waitFor();
    await one.getByText(/Checked in at \d\d:\d\d by/).waitFor();
    await other.getByRole('button', { name: 'Check in: Ms. Person 2' }).click();
    await other.getByText(/Already there: Checked in at \d\d:\d\d by/).waitFor();
    await other.getByRole('button', { name: 'Mark as left: Ms. Person 2' }).click();
    await other.getByText(/Left at \d\d:\d\d/).waitFor();
    await other.getByRole('button', { name: 'Take back: Ms. Person 2' }).click();
    await other.getByText('0 of 2 have arrived.').waitFor();
    expect(await other.getByText('Checked in at').count()).toBe(0);
    for (const page of [one, other]) await page.context().close();
  });

  test('the button to join leads to the platform, and where that sends them on', async () => {
    const { id, ids } = await prepare(1, {
      venue: { kind: 'virtual', platform: 'Kudo', join_url: platformUrl },
      minutesAgo: 5,
    });
    // With JavaScript and without: the policy of the page is the browser's to keep.
    for (const javaScriptEnabled of [true, false]) {
      const context = await newContext({ javaScriptEnabled });
      const page = await context.newPage();
      await page.goto(`${origin}/j/${token('join', ids[0]!)}`);
      await page.getByRole('button', { name: 'Join the meeting' }).click();
      await page.waitForURL('**/in');
      expect(await page.title()).toBe('In the meeting');
      await context.close();
    }
    const came = await api.dataSource.query('SELECT noted_how FROM attendances WHERE dialogue_id = $1', [id]);
    expect(came).toEqual([{ noted_how: 'online' }]);
  });

  test('a delegate names a substitute without JavaScript, and the focal point approves', async () => {
    const { id } = await prepare(1, { venue: room, minutesAgo: -600, substitution: 'approved' });
    const [delegation] = await api.dataSource.query(
      `WITH focal_point AS (
         INSERT INTO people (organiser_id, name, name_key, email, email_key, language, time_zone)
         VALUES ($2, 'Nadia Slim', 'nadia slim', 'slim@m.example', 'slim@m.example', 'en', 'UTC') RETURNING id)
       INSERT INTO delegations (dialogue_id, organisation, focal_point_id) SELECT $1, 'Ministry of Interior', id FROM focal_point
       RETURNING id`,
      [id, api.organiser.id],
    );
    await api.dataSource.query('UPDATE registrations SET delegation_id = $2 WHERE dialogue_id = $1', [
      id,
      delegation.id,
    ]);
    await api.dataSource.query(
      `INSERT INTO places (dialogue_id, scope, delegation_id, places, taken) VALUES ($1, 'delegation', $2, 2, 1)`,
      [id, delegation.id],
    );
    const context = await newContext();
    const page = await context.newPage();
    await page.goto(origin + (await linkOf(api, 'registration', { dialogueId: id, email: person(1) })));
    await page.getByText('Name a substitute').first().click();
    const form = page.locator('#substitute');
    await form.getByLabel('Name', { exact: false }).first().fill('Hoda Mansy');
    await form.getByRole('button', { name: 'Name this person' }).click();
    // Without an address: told, and what was typed is kept.
    await page.getByRole('alert').getByText('Email address').waitFor();
    expect(await page.locator('#substitute-name').inputValue()).toBe('Hoda Mansy');
    await page.locator('#substitute-email').fill('hoda@ministry.example');
    await page.getByRole('button', { name: 'Name this person' }).click();
    await page.getByText('You proposed').waitFor();
    await page.goto(`${origin}/n/${token('delegation', delegation.id)}`);
    await page.getByText('proposes').waitFor();
    await page.getByRole('button', { name: 'Refuse' }).click();
    await page.getByText('please give the reason').waitFor();
    await page.getByRole('button', { name: 'Approve' }).click();
    await page.waitForURL('**/n/*');
    expect(await page.getByText('proposes').count()).toBe(0);
    const states = await api.dataSource.query(
      'SELECT name, state FROM registrations WHERE dialogue_id = $1 ORDER BY name',
      [id],
    );
    expect(states).toEqual([
      { name: 'Hoda Mansy', state: 'offered' },
      { name: 'Person 1', state: 'withdrawn' },
    ]);
    await context.close();
  });
});
