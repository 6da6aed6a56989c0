import { setTimeout as sleep } from 'node:timers/promises';
import type { ExecutionContext } from '@nestjs/common';
import { startApi, type TestApi } from '../support/api';
import { inviteList, linkOf, listOf, publishDialogue } from '../support/participants';

// Everything that the API ever logs, as it is written. Read when the log is first loaded.
process.env.LOG_LEVEL = 'trace';

let api: TestApi;
let lines: string[];

beforeAll(async () => {
  const { log, plainLog } = require('@app/platform') as typeof import('@app/platform');
  const { symbols } = require('pino') as typeof import('pino');
  lines = [];
  for (const logger of [log, plainLog]) {
    const { [symbols.streamSym]: stream } = logger as unknown as Record<
      symbol,
      { write: (line: string) => void }
    >;
    stream!.write = (line) => void lines.push(line);
  }
  api = await startApi();
});
afterAll(() => api.close());
beforeEach(() => {
  lines.length = 0;
});

/** What was logged, once the line of the last request is there too. */
async function logged(): Promise<string> {
  for (let time = 0; time < 100 && !lines.some((line) => line.includes('"/health/ready"')); time++) {
    await api.app.inject('/health/ready');
    await sleep(10);
  }
  for (const line of lines) expect(() => JSON.parse(line) as unknown).not.toThrow();
  return lines.join('');
}

/** The address with its nth character percent-encoded. */
function encoded(url: string, at: number): string {
  return `${url.slice(0, at)}%${url.charCodeAt(at).toString(16)}${url.slice(at + 1)}`;
}

describe('the log', () => {
  test('held links with a percent-encoded character, a letter more or an unknown path after them', async () => {
    const { id } = await publishDialogue(api);
    await inviteList(api, id, listOf(1));
    const link = await linkOf(api, 'invitation', { dialogueId: id, email: 'person.1@ministry.example' });
    const token = link.split('/').at(-1)!;
    lines.length = 0;
    const addresses = [
      link,
      `${link}/`,
      `${link}x`,
      `${link}.`,
      link.slice(0, -3),
      encoded(link, link.length - 5),
      encoded(encoded(link, link.length - 5), 5),
      encoded(encoded(link, link.length - 5), link.length - 5),
      encoded(link, 1),
      link.replace('/i/', '/r/'),
      link.replace('/i/', '/nowhere/'),
      link.replace('/i/', '/'),
      link.replace('/i/', '//i//'),
      `${link}/acceptance`,
      `${link}/acceptance/again`,
      `/d/x?link=${token}`,
      `/d/${token}`,
      `/v1/dialogues/${token}`,
      `/v1/registrations/${token}/link`,
      `/health/live?${encoded(token, 9)}`,
      `/sign-in/${token}`,
      `/f/${token}.ics`,
      `/%ff${link}`,
      `${link}/%ff`,
      `/docs/${token}`,
      `/assets/${token}`,
      `${link}?lang=en#${token}`,
      `/i/=${token}`,
      `/${token.slice(0, 30)}/${token.slice(30)}`,
    ];
    for (const url of addresses) {
      for (const method of ['GET', 'POST', 'PUT'] as const)
        await api.app.inject({ method, url, headers: { referer: `http://plenary.example${link}` } });
    }
    const text = await logged();
    expect(lines.filter((line) => line.includes('"msg":"request"')).length).toBeGreaterThan(
      addresses.length * 2,
    );
    // The id before the secret opens nothing; of what comes after it not even a part is there.
    for (let at = 22; at < token.length - 10; at++) expect(text).not.toContain(token.slice(at, at + 10));
    expect(text).toContain('"path":"/i/:key"');
    expect(text).toContain('"path":"/i/:key/acceptance"');
  });

  test('names the route and the ids in it, and nothing else that was asked for', async () => {
    const { id } = await publishDialogue(api);
    lines.length = 0;
    await api.request('GET', `/v1/dialogues/${id}/registrations?q=Karin%20Holm`);
    await api.request('GET', '/v1/dialogues/karin.holm@ministry.example');
    await api.request('GET', '/wp-login.php?user=karin.holm@ministry.example');
    const text = await logged();
    expect(text).toContain(`"path":"/v1/dialogues/${id}/registrations"`);
    expect(text).toContain('"path":"/v1/dialogues/:id"');
    expect(text).toContain('"path":"/wp-login.php"');
    expect(text).not.toMatch(/karin/i);
  });

  test('held secrets in messages, traces and fields of errors', async () => {
    const { log, NestLog } = require('@app/platform') as typeof import('@app/platform');
    const secret = 'Zk'.repeat(33);
    log.error({ err: new Error(`no answer from /r/${secret}x`) }, 'failed');
    log.error(new Error(`no answer from /r/${secret}`));
    log.warn({ anything: { deep: [`"\n${secret}"`] }, url: `/i/${encoded(secret, 20)}?x` }, `\t${secret}`);
    new NestLog().error(new Error(`in ${secret}`));
    new NestLog().error(`in ${secret}`, `Error\n    at ${secret}`);
    const text = await logged();
    expect(text).toContain('no answer from /r/***');
    expect(text).not.toContain('ZkZk');
  });
});

describe('a route of organisers', () => {
  test('was open by an address in which a character is percent-encoded', async () => {
    const { id } = await publishDialogue(api);
    const path = `/v1/dialogues/${id}`;
    for (const url of [path, `${path}/`, encoded(path, 1), encoded(path, 2), encoded(path, 5)]) {
      const [without, wrong, own] = await Promise.all([
        api.request('GET', url, undefined, { token: null }),
        api.request('GET', url, undefined, { token: 'wrong' }),
        api.request('GET', url),
      ]);
      expect([url, without.statusCode, wrong.statusCode, own.statusCode]).toEqual([url, 401, 401, 200]);
      expect(own.json().id).toBe(id);
    }
    const { token } = await api.newOrganiser('Reader', 'read');
    const change = await api.request(
      'POST',
      encoded('/v1/mechanisms', 1),
      { code: 'X', name: 'X' },
      { token },
    );
    expect([change.statusCode, change.json().code]).toEqual([403, 'scope_insufficient']);
  });

  test('is closed when nobody said whom it is for, wherever its address begins', async () => {
    const { OrganiserGuard } =
      require('../../apps/api/src/http/organiser.guard') as typeof import('../../apps/api/src/http/organiser.guard');
    for (const url of ['/forgotten', '/', '/v1/forgotten', '/health/forgotten']) {
      const request = { url, method: 'GET', headers: {}, cookies: {}, routeOptions: { url } };
      const host = {
        getHandler: () => () => undefined,
        getClass: () => OrganiserGuard,
        switchToHttp: () => ({ getRequest: () => request }),
      };
      await expect(
        api.app.get(OrganiserGuard).canActivate(host as unknown as ExecutionContext),
      ).rejects.toMatchObject({ status: 401 });
    }
  });
});
