import { Mail, UnitOfWork } from '@app/mail';
import { startApi, type TestApi } from '../support/api';
import { inviteList, listOf, publishDialogue } from '../support/participants';
import { writtenBy } from '../support/renderers';

describe('mails that cannot be written', () => {
  let api: TestApi;
  let dialogue: { id: string };
  beforeAll(async () => {
    api = await startApi({ environment: { CHANGE_GATHERING_SECONDS: '60' } });
  });
  afterAll(() => api.close());
  beforeEach(async () => {
    await api.dataSource.query('TRUNCATE mails CASCADE');
    dialogue = await publishDialogue(api);
    await inviteList(api, dialogue.id, listOf(2));
  });

  const fail = (since = "now() - interval '2 minutes'") =>
    api.dataSource.query(
      `UPDATE mails SET state = 'deferred', unwritten_since = ${since} WHERE kind = 'invitation'`,
    );
  const tell = () => {
    const { UnwrittenTeller } = require('@app/notifications') as typeof import('@app/notifications');
    const { Environment } = require('@app/platform') as typeof import('@app/platform');
    return new UnwrittenTeller(api.app.get(UnitOfWork), api.app.get(Environment)).tell();
  };
  const notices = (): Promise<Mail[]> => api.dataSource.manager.findBy(Mail, { kind: 'unwritten' });

  test('were noticed by nobody: anyone who manages the dialogue is notified once, and nobody else', async () => {
    const viewer = await api.newOrganiser();
    await api.dataSource.query(
      `INSERT INTO dialogue_roles (dialogue_id, organiser_id, name, roles) VALUES ($1, $2, 'Viewer', '{viewer}')`,
      [dialogue.id, viewer.id],
    );
    await fail();
    expect(await Promise.all([tell(), tell()]).then(([one, two]) => one + two)).toBe(1);
    expect(await tell()).toBe(0);
    const [notice, ...others] = await notices();
    expect(others).toEqual([]);
    expect(notice).toMatchObject({ recipient: api.organiser.email, dialogueId: dialogue.id });
    const { subject, text } = await writtenBy(api, 'unwritten', notice!);
    expect(subject).toMatch(/^2 messages have not been sent: /);
    expect(text).toContain('person.1@ministry.example');
    expect(text).toContain('person.2@ministry.example');
  });

  test('are no concern of anybody while they may still be written at the next attempt', async () => {
    await fail('now()');
    expect(await tell()).toBe(0);
  });

  test('are told the next day again while they wait, and not when they have gone', async () => {
    await fail();
    await tell();
    await api.dataSource.query(
      `UPDATE mails SET state = 'sent', dedupe_key = regexp_replace(dedupe_key, '[^:]*$', '2020-01-01')
       WHERE kind = 'unwritten'`,
    );
    expect(await tell()).toBe(1);
    const [, again] = (await notices()).toSorted((one, other) => Number(one.id) - Number(other.id));
    await api.dataSource.query(
      `UPDATE mails SET state = 'sent', unwritten_since = NULL WHERE kind = 'invitation'`,
    );
    await expect(writtenBy(api, 'unwritten', again!)).rejects.toThrow('All could be written meanwhile.');
    expect(await tell()).toBe(0);
  });

  test('are told when their use ended over it', async () => {
    await fail();
    await api.dataSource.query(`UPDATE mails SET state = 'missed' WHERE kind = 'invitation'`);
    expect(await tell()).toBe(1);
  });

  test('never bring a notice about a notice', async () => {
    await fail();
    await tell();
    await api.dataSource.query(
      `UPDATE mails SET unwritten_since = now() - interval '1 hour', state = 'deferred' WHERE kind = 'unwritten'`,
    );
    await api.dataSource.query(`DELETE FROM mails WHERE kind = 'invitation'`);
    expect(await tell()).toBe(0);
  });
});
