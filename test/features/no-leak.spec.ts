import type { Queue } from 'bullmq';
import type { LightMyRequestResponse as Response } from 'fastify';
import { startApi, type TestApi } from '../support/api';
import { inviteList, ledger, linkOf, listOf, publishDialogue } from '../support/participants';
import { countStatements } from '../support/statements';

let api: TestApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());

/** What somebody who asks can see, and what the database is asked for meanwhile. */
interface Seen {
  status: number;
  headers: Record<string, unknown>;
  body: string;
  statements: string[];
  jobs: number;
}

/** The queue of mails, as BullMQ has it: each of its jobs passes here. */
function mailJobs(): Queue {
  const { MailQueue } = require('@app/mail') as typeof import('@app/mail');
  return (api.app.get(MailQueue) as unknown as { mails: Queue }).mails;
}

/** Sends a request and looks as closely as anybody outside can, and closer. */
async function look(send: () => Promise<Response>): Promise<Seen> {
  const add = jest.spyOn(mailJobs(), 'add');
  let answer: Response | undefined;
  const statements = await countStatements(api.dataSource, async () => {
    answer = await send();
  });
  // A hint is not waited for, but given before the answer.
  const jobs = add.mock.calls.length;
  add.mockRestore();
  const { date: _, 'x-request-id': __, ...headers } = answer!.headers;
  return {
    status: answer!.statusCode,
    headers,
    body: answer!.body,
    // What was written for somebody known is taken back, and for somebody unknown kept: the one word that differs.
    statements: statements.map((text) =>
      text.replace(/^(ROLLBACK TO|RELEASE) SAVEPOINT/u, 'END OF SAVEPOINT'),
    ),
    jobs,
  };
}

/** All of them look alike, down to the statements and their order. */
function expectAlike(seen: Record<string, Seen>): void {
  const [first, ...others] = Object.entries(seen);
  expect(first![1].statements.length).toBeGreaterThan(3);
  expect(first![1].statements.filter((text) => /^(START TRANSACTION|BEGIN)/u.test(text))).toHaveLength(1);
  expect(first![1].jobs).toBe(1);
  for (const [name, other] of others) expect({ [name]: other }).toEqual({ [name]: first![1] });
}

let prepared = 0;

/** A dialogue with an open link, a question and a privacy notice, and people in every state. */
async function prepare() {
  const { id, slug } = await publishDialogue(api, { registration: 'open' });
  const notice = await api.replace(`/v1/dialogues/${id}/privacy-notice`, {
    texts: { en: 'We keep it.' },
  });
  expect(notice.statusCode).toBe(200);
  // Addresses of their own: mails to one are limited.
  const home = `ministry-${++prepared}.example`;
  await inviteList(api, id, listOf(1).replaceAll('ministry.example', home));
  const people = {
    unknown: { name: 'Nobody Yet', email: `nobody@${home}` },
    invited: { name: 'Person 1', email: `person.1@${home}` },
    unconfirmed: { name: 'Uma Asked', email: `uma@${home}` },
    confirmed: { name: 'Carla Confirmed', email: `carla@${home}` },
    withdrawn: { name: 'Wanda Withdrawn', email: `wanda@${home}` },
  };
  const register = (who: { name: string; email: string }) =>
    api.request(
      'POST',
      `/v1/public/dialogues/${slug}/registrations`,
      { ...who, affiliation: 'Ministry', privacy_notice_version: 1 },
      { token: null },
    );
  for (const who of [people.unconfirmed, people.confirmed, people.withdrawn]) {
    expect((await register(who)).statusCode).toBe(201);
  }
  for (const who of [people.confirmed, people.withdrawn]) {
    const page = await linkOf(api, 'registration', { dialogueId: id, email: who.email });
    expect((await api.submit(`${page}/confirmation`, {})).statusCode).toBe(303);
    if (who === people.withdrawn) await api.submit(`${page}/withdrawal`, {});
  }
  return { id, slug, home, people, register };
}

/** As each of these people would send it. */
async function lookAtEach<Who>(
  people: Record<string, Who>,
  send: (who: Who) => Promise<Response>,
): Promise<Record<string, Seen>> {
  const seen: Record<string, Seen> = {};
  for (const [name, who] of Object.entries(people)) seen[name] = await look(() => send(who));
  return seen;
}

describe('nobody learns from an answer who is known', () => {
  it('when registering by JSON', async () => {
    const { id, home, people, register } = await prepare();
    const before = await api.dataSource.query(
      'SELECT name, state, version FROM registrations WHERE dialogue_id = $1 ORDER BY name',
      [id],
    );
    expectAlike(await lookAtEach(people, register));
    // Each got the mail that is theirs, and nothing of what was written for the known was kept.
    const mails = (await ledger(api, id)).map(({ kind, recipient }) => `${kind} ${recipient}`);
    expect(mails).toContain(`address-confirmation nobody@${home}`);
    expect(mails).toContain(`registration-link carla@${home}`);
    expect(mails).toContain(`registration-link wanda@${home}`);
    expect(mails).not.toContain(`registration-link nobody@${home}`);
    expect(mails.filter((mail) => mail === `address-confirmation carla@${home}`)).toHaveLength(1);
    const after: { name: string }[] = await api.dataSource.query(
      'SELECT name, state, version FROM registrations WHERE dialogue_id = $1 ORDER BY name',
      [id],
    );
    const untouched = (rows: { name: string }[]) => rows.filter(({ name }) => /Carla|Wanda/u.test(name));
    expect(untouched(after)).toEqual(untouched(before));
    expect(after).toHaveLength(before.length + 2);
  });

  it('when registering on the page', async () => {
    const { slug, people } = await prepare();
    const seen = await lookAtEach(people, (who) =>
      api.submit(`/d/${slug}/registrations`, {
        ...who,
        affiliation: 'Ministry',
        language: 'en',
        time_zone: 'UTC',
        privacy_notice: '1',
      }),
    );
    expect(seen.unknown).toMatchObject({
      status: 303,
      headers: { location: `/d/${slug}/registrations?lang=en` },
    });
    expectAlike(seen);
  });

  it('when asking for a link again by JSON, and every link goes to its address', async () => {
    const { id, slug, home, people } = await prepare();
    const count = (await ledger(api, id)).length;
    expectAlike(
      await lookAtEach(people, ({ email }) =>
        api.request('POST', `/v1/public/dialogues/${slug}/link`, { email }, { token: null }),
      ),
    );
    expect((await ledger(api, id)).slice(count)).toEqual([
      { kind: 'invitation', recipient: `person.1@${home}` },
      { kind: 'address-confirmation', recipient: `uma@${home}` },
      { kind: 'registration-link', recipient: `carla@${home}` },
      { kind: 'registration-link', recipient: `wanda@${home}` },
    ]);
  });

  it('when asking for a link again on the page', async () => {
    const { slug, people } = await prepare();
    const seen = await lookAtEach(people, ({ email }) => api.submit(`/d/${slug}/link`, { email }));
    expectAlike(seen);
    expect(seen.unknown).toMatchObject({
      status: 303,
      headers: { location: `/d/${slug}/link?lang=en&sent` },
    });
    expect((await api.app.inject(`/d/${slug}/link?sent`)).body).toContain('Please look into your mailbox');
    const wrong = await api.submit(`/d/${slug}/link`, { email: 'no address' });
    expect([wrong.statusCode, wrong.body.includes('no address')]).toEqual([422, true]);
  });

  it('when asking for a link again so often that no more mails go there', async () => {
    const { id, slug, people } = await prepare();
    const ask = (email: string) => api.submit(`/d/${slug}/link`, { email });
    for (let times = 0; times < 5; times++) await ask(people.confirmed.email);
    for (let times = 0; times < 5; times++) await ask(people.unknown.email);
    const count = (await ledger(api, id)).length;
    const [known, unknown] = [await ask(people.confirmed.email), await ask(people.unknown.email)];
    expect([known.statusCode, known.body, known.headers.location]).toEqual([
      unknown.statusCode,
      unknown.body,
      unknown.headers.location,
    ]);
    expect(known.statusCode).toBe(303);
    expect(await ledger(api, id)).toHaveLength(count);
  });

  it('when signing in, and the mail is queued before the answer', async () => {
    const seen = await lookAtEach(
      { unknown: 'nobody@secretariat.example', known: api.organiser.email },
      async (email) => {
        const answer = await api.submit('/sign-in', { email });
        const [{ count }] = await api.dataSource.query(
          `SELECT count(*)::int AS count FROM mails WHERE kind = 'sign-in' AND recipient = $1`,
          [email],
        );
        expect(count).toBe(email === api.organiser.email ? 1 : 0);
        return answer;
      },
    );
    expectAlike(seen);
  });

  it('when opening a link that is wrong, revoked or another dialogue’s', async () => {
    const { id, slug, people } = await prepare();
    const page = await linkOf(api, 'registration', { dialogueId: id, email: people.confirmed.email });
    await api.dataSource.query(
      'UPDATE registrations SET link_generation = link_generation + 1 WHERE dialogue_id = $1',
      [id],
    );
    const [revoked, wrong] = [await api.app.inject(page), await api.app.inject(`/r/${'A'.repeat(65)}`)];
    expect([revoked.statusCode, revoked.body]).toEqual([wrong.statusCode, wrong.body]);
    expect(slug).toBeTruthy();
  });
});

describe('wishes for lost links from one network', () => {
  test('come to an end, whatever addresses they name', async () => {
    const { slug } = await publishDialogue(api);
    const { RateLimits } =
      require('../../apps/api/src/http/rate-limits') as typeof import('../../apps/api/src/http/rate-limits');
    const limits = api.app.get(RateLimits);
    for (let wish = 0; wish < 299; wish++) await limits.asks('198.51.100.7');
    const ask = () =>
      api.app.inject({
        method: 'POST',
        url: `/v1/public/dialogues/${slug}/link`,
        remoteAddress: '198.51.100.7',
        payload: { email: 'whoever@ministry.example' },
      });
    expect((await ask()).statusCode).toBe(202);
    const refused = await ask();
    expect([refused.statusCode, refused.json().code]).toEqual([429, 'too_many_wishes']);
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
  });
});
