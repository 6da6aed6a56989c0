import { startApi, type TestApi } from '../support/api';
import { answers, inviteList, ledger, linkOf, listOf, publishDialogue } from '../support/participants';

const LINKS = [
  'Win at evil.example/x',
  'www.evil',
  'hxxp://evil',
  'evil．example',
  'ev\u00adil.com',
  'a@b',
  'a＠b',
];

describe('anyone who types into the open form', () => {
  let api: TestApi;
  beforeAll(async () => {
    api = await startApi({
      environment: { UNCONFIRMED_ORIGIN_PER_HOUR: '3', UNCONFIRMED_PER_HOUR: '5', TRUSTED_PROXIES: '1' },
    });
  });
  afterAll(() => api.close());

  let people = 0;
  const person = (name = `Person ${people + 1}`) => ({
    name,
    email: `person.${(people += 1)}@un.example`,
    affiliation: 'UN',
  });
  const ask = (slug: string, body: object, origin = '198.51.100.1') =>
    api.request('POST', `/v1/public/dialogues/${slug}/registrations`, body, {
      token: null,
      headers: { 'x-forwarded-for': origin },
    });

  test.each(LINKS)('has no link mailed as a name: %j', async (name) => {
    const { id, slug } = await publishDialogue(api, { registration: 'open' });
    for (const wrong of [person(name), { ...person(), honorific: name }]) {
      const refused = await ask(slug, wrong);
      expect([refused.statusCode, refused.json().errors]).toEqual([
        422,
        [
          expect.objectContaining({
            code: 'name_has_link',
            detail: expect.stringContaining('Write the name alone'),
          }),
        ],
      ]);
    }
    const page = await api.submit(`/d/${slug}/registrations?lang=en`, { ...answers, ...person(name) });
    expect(page.statusCode).toBe(422);
    expect(page.body).toContain('please write the name alone, without a web address');
    expect(await ledger(api, id)).toEqual([]);
  });

  test('may be called St. John, O. de la Cruz, Md. Rahman, J.R. or Jane Doe, B.Com', async () => {
    const names = ['St. John', 'O. de la Cruz', 'Md. Rahman', 'J.R.', 'Ali a/l Kumar', 'Jane Doe, B.Com'];
    for (const name of names) {
      const { slug } = await publishDialogue(api, { registration: 'open' });
      expect([name, (await ask(slug, person(name))).statusCode]).toEqual([name, 201]);
    }
  });

  test('has no link mailed as the name of a replacement, a nominee or their own', async () => {
    const { id } = await publishDialogue(api);
    await api.dataSource.query(`UPDATE dialogues SET substitution = 'free' WHERE id = $1`, [id]);
    await inviteList(api, id, listOf(1));
    const who = { dialogueId: id, email: 'person.1@ministry.example' };
    await api.submit(`${await linkOf(api, 'invitation', who)}/acceptance`, answers);
    const page = await linkOf(api, 'registration', who);
    const named = await api.submit(`${page}/substitution`, { ...person('evil.example/x'), language: 'en' });
    expect(named.statusCode).toBe(422);
    const own = await api.submit(`${page}/correction`, { name: 'evil.example/x', new_email: '', code: '' });
    expect(own.statusCode).toBe(422);
    const added = await api.request('POST', `/v1/dialogues/${id}/delegations`, {
      organisation: 'Agency',
      seats: 2,
    });
    const nominated = await api.request('POST', `/v1/delegations/${added.json().id}/nominations`, {
      nominees: [{ ...person('evil.example/x'), role: 'member' }],
    });
    expect(nominated.json().errors).toMatchObject([{ field: 'nominees.0.name', code: 'name_has_link' }]);
  });

  test('has their words nowhere in the mail that asks for confirmation', async () => {
    const { id, slug } = await publishDialogue(api, { registration: 'open' });
    await ask(slug, { ...person('Zaphod Beeblebrox'), honorific: 'Galactic' });
    const wording = { subject: 'Hello {name}', opening: ['Welcome, {name}.'], closing: null };
    const url = `/v1/dialogues/${id}/mail-wordings/address-confirmation/en`;
    const { etag } = (await api.request('GET', url)).headers;
    await api.request('PUT', url, wording, { headers: etag ? { 'if-match': etag } : {} });
    const [mail] = await api.dataSource.query('SELECT id FROM mails WHERE dialogue_id = $1', [id]);
    const content = await api.request('GET', `/v1/dialogues/${id}/mails/${mail.id}/content`);
    expect(content.statusCode).toBe(200);
    const { subject, text, html } = content.json().content;
    expect(`${subject} ${text} ${html}`).not.toMatch(/Zaphod|Beeblebrox|Galactic/);
    expect(text).toContain('Hello,');
  });

  test('is held up after so many unconfirmed from one origin, but not others, until some confirm', async () => {
    const { id, slug } = await publishDialogue(api, { registration: 'open' });
    const first = person();
    const statuses = async (count: number, origin?: string) => {
      const all = [];
      for (let time = 0; time < count; time++) all.push((await ask(slug, person(), origin)).statusCode);
      return all;
    };
    expect((await ask(slug, first)).statusCode).toBe(201);
    expect(await statuses(3)).toEqual([201, 201, 429]);
    const refused = await ask(slug, person());
    expect([refused.json().code, Number(refused.headers['retry-after']) > 0]).toEqual([
      'too_many_registrations',
      true,
    ]);
    // Another dialogue is counted apart.
    const other = await publishDialogue(api, { registration: 'open' });
    expect((await ask(other.slug, person())).statusCode).toBe(201);
    // One who confirms makes room for one, however often they confirm and however many were refused.
    const page = await linkOf(api, 'registration', { dialogueId: id, email: first.email });
    for (let time = 0; time < 3; time++) await api.submit(`${page}/confirmation`, {});
    expect(await statuses(2)).toEqual([201, 429]);
    expect(await statuses(1, '203.0.113.9')).toEqual([201]);
  });

  test('could use up the registrations of all with the networks of one IPv6 line', async () => {
    const { slug } = await publishDialogue(api, { registration: 'open' });
    const statuses = [];
    for (const origin of ['2001:db8:7:1::1', '2001:db8:7:2::1', '2001:DB8:0007:ff00::1', '2001:db8:7::9'])
      statuses.push((await ask(slug, person(), origin)).statusCode);
    expect(statuses).toEqual([201, 201, 201, 429]);
    expect((await ask(slug, person(), '2001:db8:8::1')).statusCode).toBe(201);
  });

  test('is held up after so many unconfirmed from all origins together', async () => {
    const { slug } = await publishDialogue(api, { registration: 'open' });
    const statuses = [];
    for (let origin = 1; origin <= 6; origin++)
      statuses.push((await ask(slug, person(), `192.0.2.${origin}`)).statusCode);
    expect(statuses).toEqual([201, 201, 201, 201, 201, 429]);
  });
});
