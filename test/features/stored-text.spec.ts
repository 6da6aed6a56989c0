import { startApi, type TestApi } from '../support/api';
import { answers, inviteList, linkOf, listOf, publishDialogue } from '../support/participants';

describe('names and addresses', () => {
  let api: TestApi;
  beforeAll(async () => {
    api = await startApi({ environment: { DATABASE_CONNECTIONS: '20' } });
  });
  afterAll(() => api.close());

  let people = 0;
  /** Somebody as copied out of a mail program or typed to deceive, and as they are stored. */
  const somebody = () => {
    people += 1;
    return {
      name: `\u202eعلی\u200cرضا\u00ad ${'\u2066'}Man\u200bsy ${people}\u200f`,
      email: `\u202ahoda.${people}@bü\u00adcher.example\u202c `,
      stored: {
        name: `علی\u200cرضا Mansy ${people}`,
        email: `hoda.${people}@bücher.example`,
        email_key: `hoda.${people}@xn--bcher-kva.example`,
      },
    };
  };
  type Written = Pick<ReturnType<typeof somebody>, 'name' | 'email'>;

  /** Rows of a table that have this address, however it was written. */
  const at = async (table: string, key: string) =>
    api.dataSource.query(`SELECT name, email, email_key FROM ${table} WHERE email_key = $1`, [key]);
  const done = async (answer: Promise<{ statusCode: number; body: string }>) => {
    const { statusCode, body } = await answer;
    if (statusCode >= 400) throw new Error(`${statusCode} ${body}`);
  };
  const language = 'fr';
  const time_zone = 'Africa/Cairo';

  /** A registration of person 1 of a new dialogue. */
  const registered = async (changes: object = {}) => {
    const { id } = await publishDialogue(api, changes);
    await inviteList(api, id, listOf(1));
    const who = { dialogueId: id, email: 'person.1@ministry.example' };
    const invitation = await linkOf(api, 'invitation', who);
    await done(api.submit(`${invitation}/acceptance`, answers));
    const page = await linkOf(api, 'registration', who);
    const [row] = await api.dataSource.query('SELECT id FROM registrations WHERE dialogue_id = $1', [id]);
    return { dialogueId: id, invitation, page, id: row.id as string };
  };
  const delegation = async () => {
    const { id } = await publishDialogue(api);
    const focal_point = (
      await api.request('POST', '/v1/people', {
        name: `Focal Point ${(people += 1)}`,
        email: `focal.${people}@mechanism.example`,
        language,
        time_zone,
      })
    ).json().id as string;
    const added = await api.request('POST', `/v1/dialogues/${id}/delegations`, {
      organisation: `Agency ${people}`,
      focal_point,
      seats: 3,
    });
    return added.json().id as string;
  };

  const entrances: [string, string, (who: Written) => Promise<unknown>][] = [
    [
      'the directory',
      'people',
      (who) => done(api.request('POST', '/v1/people', { ...who, language, time_zone })),
    ],
    [
      'a change of the directory',
      'people',
      async (who) => {
        const draft = { name: `Before ${people}`, email: `before.${people}@un.example`, language, time_zone };
        const { id } = (await api.request('POST', '/v1/people', draft)).json();
        await done(api.request('PATCH', `/v1/people/${id}`, who));
      },
    ],
    [
      'a list that is read in',
      'people',
      async (who) => {
        const { id } = await publishDialogue(api);
        await inviteList(api, id, `name,email\n${who.name},${who.email}\n`);
      },
    ],
    [
      'the open form',
      'registrations',
      async (who) => {
        const { slug } = await publishDialogue(api, { registration: 'open' });
        await done(api.submit(`/d/${slug}/registrations`, { ...answers, ...who }));
      },
    ],
    [
      'the open link, as JSON',
      'registrations',
      async (who) => {
        const { slug } = await publishDialogue(api, { registration: 'open' });
        const body = { ...who, affiliation: 'UN' };
        await done(api.request('POST', `/v1/public/dialogues/${slug}/registrations`, body, { token: null }));
      },
    ],
    [
      'the correction of a registration',
      'registrations',
      async (who) => done(api.request('PATCH', `/v1/registrations/${(await registered()).id}`, who)),
    ],
    [
      'nominations, as JSON',
      'people',
      async (who) =>
        done(
          api.request('POST', `/v1/delegations/${await delegation()}/nominations`, {
            nominees: [{ ...who, role: 'member' }],
          }),
        ),
    ],
    [
      'the page of nominations',
      'people',
      async (who) => {
        const id = await delegation();
        await api.dataSource.query('UPDATE delegations SET invited_at = now() WHERE id = $1', [id]);
        const { Links } = require('@app/platform') as typeof import('@app/platform');
        const [{ link_generation }] = await api.dataSource.query(
          'SELECT link_generation FROM delegations WHERE id = $1',
          [id],
        );
        const token = api.app.get(Links).compose('delegation', id, link_generation as number);
        const row = { name_0: who.name, email_0: who.email, role_0: 'member', language_0: 'fr' };
        await done(api.submit(`/n/${token}/nominations`, row));
      },
    ],
    [
      'the substitute of somebody registered',
      'registrations',
      async (who) => {
        const { dialogueId, page } = await registered();
        await api.dataSource.query(`UPDATE dialogues SET substitution = 'free' WHERE id = $1`, [dialogueId]);
        await done(api.submit(`${page}/substitution`, { ...who, language }));
      },
    ],
    [
      'the substitute of somebody invited',
      'people',
      async (who) => {
        const { id } = await publishDialogue(api);
        await api.dataSource.query(`UPDATE dialogues SET substitution = 'free' WHERE id = $1`, [id]);
        await inviteList(api, id, listOf(1));
        const invited = await linkOf(api, 'invitation', {
          dialogueId: id,
          email: 'person.1@ministry.example',
        });
        await done(api.submit(`${invited}/substitution`, { ...who, language }));
      },
    ],
    [
      'a role',
      'organisers',
      async (who) => {
        const { id } = await publishDialogue(api);
        await done(api.request('POST', `/v1/dialogues/${id}/roles`, { ...who, roles: ['viewer'] }));
      },
    ],
  ];

  test.each(entrances)('are stored without marks that nobody sees by %s', async (_, table, enter) => {
    const { stored, ...who } = somebody();
    await enter(who);
    expect(await at(table, stored.email_key)).toEqual([stored]);
  });

  test('are corrected on the page of own data without marks that nobody sees', async () => {
    const { page, id } = await registered();
    const { Links } = require('@app/platform') as typeof import('@app/platform');
    const code = async () => {
      const [newest] = await api.dataSource.query(
        `SELECT id FROM personal_codes WHERE registration_id = $1 ORDER BY created_at DESC, expires_at DESC LIMIT 1`,
        [id],
      );
      return api.app.get(Links).code(newest.id as string);
    };
    const { stored, ...who } = somebody();
    await done(api.submit(`${page}/code`, {}));
    await done(
      api.submit(`${page}/correction`, { name: who.name, new_email: who.email, code: await code() }),
    );
    await done(api.submit(`${page}/address`, { code: await code() }));
    expect(await at('registrations', stored.email_key)).toEqual([stored]);
  });

  test('that hold half of a surrogate pair are stored without it, and are no error of ours', async () => {
    const added = await api.request('POST', '/v1/people', {
      name: 'Hoda \ud83d Idrissi\udc00',
      functional_title: '\udfff Director',
      email: 'hoda\ud800@idrissi.example',
      language,
      time_zone,
    });
    expect(added.json()).toMatchObject({
      name: 'Hoda  Idrissi',
      functional_title: 'Director',
      email: 'hoda@idrissi.example',
    });
    const { id } = await publishDialogue(api);
    const changed = await api.request('PATCH', `/v1/dialogues/${id}`, {
      hosts: ['Agency \ud800'],
      purpose: 'Half \udc00 of it.',
    });
    expect(changed.json()).toMatchObject({ hosts: ['Agency'], purpose: 'Half \ufffd of it.' });
  });

  test('of nothing but marks that nobody sees are empty', async () => {
    const blank = '\u200b\u3164\u2800\u00ad\u200d';
    const added = await api.request('POST', '/v1/people', {
      name: blank,
      email: 'x@un.example',
      language,
      time_zone,
    });
    expect(added.json().errors).toMatchObject([{ field: 'name', code: 'empty' }]);
    const { slug } = await publishDialogue(api, { registration: 'open' });
    const asked = await api.submit(`/d/${slug}/registrations`, {
      ...answers,
      name: blank,
      email: `${blank}@`,
    });
    expect(asked.statusCode).toBe(422);
  });

  test('with a line break or another control character inside are refused in JSON, C1 controls too', async () => {
    for (const sign of ['\n', '\t', '\0', '\u0085', '\u0092', '\u2028']) {
      const added = await api.request('POST', '/v1/people', {
        name: `Hoda${sign}Mansy`,
        email: `hoda${sign}@un.example`,
        language,
        time_zone,
      });
      expect(added.json().errors).toMatchObject([
        { field: 'name', code: 'malformed' },
        { field: 'email', code: 'email_invalid' },
      ]);
    }
  });

  describe('whose domain has letters of its own', () => {
    test('get the lost link by the address in ASCII, and the other way round', async () => {
      const { id, slug } = await publishDialogue(api);
      await inviteList(
        api,
        id,
        'name,email\nIda Fuchs,ida@bücher.example\nAda Fuchs,ada@xn--bcher-kva.example\n',
      );
      const lost = (email: string) => api.submit(`/d/${slug}/link?lang=en`, { email });
      const links = async () =>
        api.dataSource.query(
          `SELECT recipient, count(*)::int FROM mails WHERE dialogue_id = $1 AND kind = 'invitation' GROUP BY 1 ORDER BY 1`,
          [id],
        );
      await lost('\u200eIDA@xn--BCHER-kva.example');
      await lost('ada@Bücher.example');
      expect(await links()).toEqual([
        { recipient: 'ada@xn--bcher-kva.example', count: 2 },
        { recipient: 'ida@bücher.example', count: 2 },
      ]);
    });

    test('sign in by the address in ASCII', async () => {
      const { AccountsService } = require('@app/accounts') as typeof import('@app/accounts');
      await api.app.get(AccountsService).ensureOrganiser('greta@bücher.example', 'Greta');
      await done(api.submit('/sign-in', { email: 'Greta@XN--bcher-kva.example\u200b' }));
      expect(await api.dataSource.query(`SELECT recipient FROM mails WHERE kind = 'sign-in'`)).toEqual([
        { recipient: 'greta@bücher.example' },
      ]);
    });

    test('are limited together with the same address in ASCII', async () => {
      const { id, slug } = await publishDialogue(api);
      await inviteList(api, id, 'name,email\nUlf Fuchs,ulf@bücher.example\n');
      for (let time = 0; time < 8; time++) {
        await api.submit(`/d/${slug}/link`, {
          email: time % 2 ? 'ulf@bücher.example' : 'ulf@xn--bcher-kva.example',
        });
        await api.dataSource.query(`UPDATE mails SET dedupe_key = id || dedupe_key WHERE dialogue_id = $1`, [
          id,
        ]);
      }
      const mails = await api.dataSource.query(
        `SELECT FROM mails WHERE dialogue_id = $1 AND kind = 'invitation'`,
        [id],
      );
      expect(mails).toHaveLength(1 + 5);
    });

    test('are shown as suppressed to the dialogue that writes to them, however it writes them', async () => {
      const { id } = await publishDialogue(api);
      await inviteList(api, id, 'name,email\nOle Fuchs,ole@bücher.example\n');
      await api.dataSource.query(
        `INSERT INTO address_suppressions (email_key, status, diagnostic)
         VALUES ('ole@xn--bcher-kva.example', '5.1.1', '550 gone'), ('other@xn--bcher-kva.example', '5.1.1', '550 gone')`,
      );
      const { items } = (await api.request('GET', `/v1/dialogues/${id}/suppressions`)).json();
      expect(items).toMatchObject([{ address: 'ole@xn--bcher-kva.example' }]);
      const lifted = await api.request('DELETE', `/v1/dialogues/${id}/suppressions/${items[0].id}`);
      expect(lifted.statusCode).toBe(204);
    });
  });

  test('that were stored before have their keys recomputed; of two that are one, both stay and are named', async () => {
    const { AddressKeysInAscii1790800000000: AddressKeys } =
      require('../../libs/database/src/migrations/1790800000000-address-keys-in-ascii') as typeof import('../../libs/database/src/migrations/1790800000000-address-keys-in-ascii');
    const { id: dialogueId } = await publishDialogue(api);
    const organiserId = api.organiser.id;
    const person = (key: string, name: string) =>
      api.dataSource.query(
        `INSERT INTO people (organiser_id, name, name_key, email, email_key, language, time_zone)
         VALUES ($1, $2, lower($2), $3, $3, 'en', 'UTC')`,
        [organiserId, name, key],
      );
    const registration = (key: string, name: string) =>
      api.dataSource.query(
        `INSERT INTO registrations (dialogue_id, name, name_key, email, email_key, language, time_zone, state)
         VALUES ($1, $2, lower($2), $3, $3, 'en', 'UTC', 'unconfirmed')`,
        [dialogueId, name, key],
      );
    for (const put of [person, registration]) {
      await put('eva@straße.example', 'Eva');
      await put('eva@xn--strae-oqa.example', 'Eva');
      await put('eva@straße.example', 'Another Eva');
      await put('یوسف@bücher.example', 'Youssef');
    }
    await api.dataSource.query(
      `INSERT INTO organisers (email, email_key, name) VALUES ('eva@straße.example', 'eva@straße.example', 'Eva')`,
    );
    await api.dataSource.query(
      `INSERT INTO address_suppressions (email_key, status, diagnostic) VALUES ('eva@straße.example', '5.1.1', '550')`,
    );
    await api.dataSource.query(
      `INSERT INTO imports (dialogue_id, organiser_id, rows, file_name)
       VALUES ($1, $2, '[{"line": 2, "email_key": "eva@straße.example"}, {"line": 3, "email_key": "a@b.example"}]', 'x')`,
      [dialogueId, organiserId],
    );
    const runner = api.dataSource.createQueryRunner();
    const keys = async (table: string) =>
      (
        await api.dataSource.query(
          `SELECT name, email_key FROM ${table} WHERE email LIKE 'eva@%' OR name = 'Youssef' ORDER BY email_key, name`,
        )
      ).map(({ name, email_key }: { name: string; email_key: string }) => [name, email_key]);
    await new AddressKeys().up(runner);
    const after = [
      ['Eva', 'eva@straße.example'],
      ['Another Eva', 'eva@xn--strae-oqa.example'],
      ['Eva', 'eva@xn--strae-oqa.example'],
      ['Youssef', 'یوسف@xn--bcher-kva.example'],
    ];
    for (const table of ['people', 'registrations'])
      expect((await keys(table)).toSorted()).toEqual(after.toSorted());
    expect(await keys('organisers')).toEqual([['Eva', 'eva@xn--strae-oqa.example']]);
    expect(
      await api.dataSource.query(`SELECT email_key FROM address_suppressions WHERE email_key LIKE 'eva@%'`),
    ).toEqual([{ email_key: 'eva@xn--strae-oqa.example' }]);
    const [{ rows }] = await api.dataSource.query(`SELECT rows FROM imports WHERE file_name = 'x'`);
    expect(rows).toEqual([
      { line: 2, email_key: 'eva@xn--strae-oqa.example' },
      { line: 3, email_key: 'a@b.example' },
    ]);
    expect(
      await api.dataSource.query(
        `SELECT action, r.name, o.name AS beside, a.dialogue_id IS NOT NULL AS "hasDialogue" FROM audit_entries a
         JOIN (SELECT id, name FROM people UNION ALL SELECT id, name FROM registrations) r ON r.id = a.subject_id
         JOIN (SELECT id, name FROM people UNION ALL SELECT id, name FROM registrations) o ON o.id::text = a.details ->> 'beside'
         WHERE action LIKE '%set_aside' ORDER BY action`,
      ),
    ).toEqual([
      { action: 'person.address_set_aside', name: 'Eva', beside: 'Eva', hasDialogue: false },
      { action: 'registration.address_set_aside', name: 'Eva', beside: 'Eva', hasDialogue: true },
    ]);
    // Run once more it finds the same, and it can be taken back.
    await new AddressKeys().up(runner);
    for (const table of ['people', 'registrations'])
      expect((await keys(table)).toSorted()).toEqual(after.toSorted());
    await new AddressKeys().down(runner);
    expect(await keys('organisers')).toEqual([['Eva', 'eva@straße.example']]);
    await runner.release();
  });
});
