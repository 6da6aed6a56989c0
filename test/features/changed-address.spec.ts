import ICAL from 'ical.js';
import { startApi, type TestApi } from '../support/api';
import { answers, inviteList, linkOf, listOf, publishDialogue } from '../support/participants';

const OLD = 'person.1@ministry.example';
const NEW = 'amal.haddad@ministry.example';

interface Row {
  id: string;
  kind: string;
  recipient: string;
}

describe('an address that is corrected', () => {
  let api: TestApi;
  let dialogue: { id: string };
  beforeAll(async () => {
    api = await startApi();
  });
  afterAll(() => api.close());

  /** Somebody who takes part and has the entry in the calendar at their old address. */
  const registered = async (state = 'confirmed'): Promise<string> => {
    dialogue = await publishDialogue(api);
    await inviteList(api, dialogue.id, listOf(1));
    const who = { dialogueId: dialogue.id, email: OLD };
    await api.submit(`${await linkOf(api, 'invitation', who)}/acceptance`, answers);
    const [{ id }] = await api.dataSource.query('SELECT id FROM registrations WHERE dialogue_id = $1', [
      dialogue.id,
    ]);
    if (state !== 'confirmed') await api.submit(`${await linkOf(api, 'registration', who)}/withdrawal`, {});
    await api.dataSource.query(`UPDATE mails SET state = 'sent' WHERE dialogue_id = $1`, [dialogue.id]);
    return id as string;
  };
  const correct = async (id: string, body: object): Promise<void> => {
    const answer = await api.request('PATCH', `/v1/registrations/${id}`, body);
    expect([answer.statusCode, answer.body]).toEqual([200, expect.any(String)]);
  };
  const waiting = (): Promise<Row[]> =>
    api.dataSource.query(
      `SELECT id::text, kind, recipient FROM mails WHERE dialogue_id = $1 AND state = 'queued' ORDER BY id`,
      [dialogue.id],
    );
  const written = async ({ id, kind }: Row) => {
    const { Mail } = require('@app/mail') as typeof import('@app/mail');
    const { writtenBy } = require('../support/renderers') as typeof import('../support/renderers');
    const mail = await api.dataSource.manager.findOneByOrFail(Mail, { id });
    return writtenBy(api, kind, mail);
  };
  const entryOf = (content: string) =>
    new ICAL.Event(new ICAL.Component(ICAL.parse(content)).getFirstSubcomponent('vevent')!);

  test('left the entry in the calendar at the old one: it is removed there, and comes to the new one', async () => {
    const id = await registered();
    await correct(id, { email: NEW, name: 'Amal Haddad' });
    const rows = await waiting();
    expect(rows.map(({ kind, recipient }) => [kind, recipient])).toEqual([
      ['calendar-removal', OLD],
      ['registration-link', NEW],
    ]);
    const [removal, link] = await Promise.all(rows.map(written));
    expect([removal!.to.address, removal!.calendar?.method]).toEqual([OLD, 'CANCEL']);
    expect([link!.to.address, link!.calendar?.method]).toEqual([NEW, 'REQUEST']);
    const [gone, here] = [removal, link].map((mail) => entryOf(mail!.calendar!.content));
    expect(gone!.uid).toBe(here!.uid);
    // Newer than the old entry, and older than the new one: both addresses may lead to one calendar.
    expect([gone!.sequence, here!.sequence]).toEqual([here!.sequence - 1, gone!.sequence + 1]);
    expect(gone!.attendees[0]!.getFirstValue()).toBe(`MAILTO:${OLD}`);
  });

  test('is not told to the old one, nor the new name, nor any link', async () => {
    const id = await registered();
    await correct(id, { email: NEW, name: 'Amal Haddad' });
    const removal = await written((await waiting())[0]!);
    const said = JSON.stringify({ ...removal, calendar: removal.calendar?.content.replaceAll('\r\n ', '') });
    expect(said).not.toMatch(/amal/i);
    expect(said).not.toMatch(/\/(r|j|i)\/|secret-room/);
  });

  test('told the old one the secret address of their feed where the server refused the entry as too large', async () => {
    const id = await registered();
    await correct(id, { email: NEW });
    const [row] = await waiting();
    await api.dataSource.query('UPDATE mails SET without_attachments = true WHERE id = $1', [row!.id]);
    const removal = await written(row!);
    expect(removal.to.address).toBe(OLD);
    expect(removal.text).not.toMatch(/\/f\//);
  });

  test('left the link to join in the old entry working', async () => {
    const id = await registered();
    const { Links } = require('@app/platform') as typeof import('@app/platform');
    const old = `/j/${api.app.get(Links).compose('join', id, 1)}`;
    expect((await api.request('GET', old, undefined, { token: null })).statusCode).toBe(200);
    await correct(id, { email: NEW });
    expect((await api.request('GET', old, undefined, { token: null })).statusCode).not.toBe(200);
  });

  test('by an organizer left the personal link in the mails at the old one working', async () => {
    const id = await registered();
    const { Links } = require('@app/platform') as typeof import('@app/platform');
    const link = (generation: number) => `/r/${api.app.get(Links).compose('registration', id, generation)}`;
    const status = async (path: string) =>
      (await api.request('GET', path, undefined, { token: null })).statusCode;
    expect(await status(link(1))).toBe(200);
    await correct(id, { email: NEW });
    expect([await status(link(1)), await status(link(2))]).toEqual([404, 200]);
    const mail = await written((await waiting()).at(-1)!);
    expect(mail.text).toContain(link(2));
  });

  test.each([
    ['of somebody on the waiting list', `state = 'waitlisted', confirmed_at = NULL, waitlist_number = 1`],
    [
      'of a substitute whom nobody has approved yet',
      `state = 'under_review', substitutes_for = id, approval_round = 1`,
    ],
  ])(
    'by an organizer left the personal link at the old one working: %s, who has no calendar entry',
    async (_, is) => {
      const id = await registered();
      await api.dataSource.query(`UPDATE registrations SET ${is} WHERE id = $1`, [id]);
      const { Links } = require('@app/platform') as typeof import('@app/platform');
      const old = `/r/${api.app.get(Links).compose('registration', id, 1)}`;
      expect((await api.request('GET', old, undefined, { token: null })).statusCode).toBe(200);
      await correct(id, { email: NEW });
      expect((await api.request('GET', old, undefined, { token: null })).statusCode).toBe(404);
      const rows = await waiting();
      expect(rows.map(({ kind, recipient }) => [kind, recipient])).toEqual([['registration-link', NEW]]);
      expect((await written(rows[0]!)).calendar).toBeUndefined();
    },
  );

  test('twice before a mail went is written to once, at the last one', async () => {
    const id = await registered();
    await correct(id, { email: 'amal.hadad@ministry.example' });
    await correct(id, { email: NEW });
    const links = (await waiting()).filter(({ kind }) => kind === 'registration-link');
    expect(links).toHaveLength(2);
    await expect(written(links[0]!)).rejects.toThrow('They have another address by now.');
    expect((await written(links[1]!)).to.address).toBe(NEW);
  });

  test.each([
    ['it is the same, written in another way', 'confirmed', { email: 'Person.1@MINISTRY.example' }],
    ['something else was corrected', 'confirmed', { affiliation: 'Ministry of Labour' }],
    ['they do not take part', 'withdrawn', { email: NEW }],
  ])('sends nothing where %s', async (_, state, body) => {
    const id = await registered(state);
    await correct(id, body);
    expect(await waiting()).toEqual([]);
  });

  test('sends nothing to an address to which nothing went, or which is theirs again', async () => {
    const id = await registered();
    await api.dataSource.query(`UPDATE mails SET state = 'failed' WHERE dialogue_id = $1`, [dialogue.id]);
    await correct(id, { email: NEW });
    await expect(written((await waiting())[0]!)).rejects.toThrow('Nothing was sent to the old address.');
    await api.dataSource.query(`UPDATE mails SET state = 'sent' WHERE state = 'failed'`);
    await correct(id, { email: OLD });
    await expect(written((await waiting())[0]!)).rejects.toThrow('The address is theirs again.');
  });

  test('kept the entry in the calendar of somebody who was erased before its removal went', async () => {
    const id = await registered();
    await correct(id, { email: 'amal.hadad@ministry.example' });
    await correct(id, { email: NEW, name: 'Amal Haddad' });
    const [first] = await waiting();
    expect((await api.request('POST', `/v1/registrations/${id}/erasure`)).statusCode).toBe(204);
    // Nothing went to the second address, so that there is nothing to remove.
    const rows = await waiting();
    expect(rows.map(({ kind, recipient }) => [kind, recipient])).toEqual([
      ['calendar-removal', OLD],
      ['erased', NEW],
    ]);
    expect(rows[0]!.id).toBe(first!.id);
    const removal = await written(rows[0]!);
    expect([removal.to.address, removal.calendar?.method]).toEqual([OLD, 'CANCEL']);
    const gone = entryOf(removal.calendar!.content);
    expect(gone.attendees[0]!.getFirstValue()).toBe(`MAILTO:${OLD}`);
    expect(gone.uid).toBe(entryOf((await written(rows[1]!)).calendar!.content).uid);
    expect(JSON.stringify(removal)).not.toMatch(/amal/i);

    const kept = () =>
      api.dataSource.query(
        `SELECT recipient, recipient_name, parameters, useful_until <= now() + interval '3 days' AS "isShort"
         FROM mails WHERE id = $1`,
        [first!.id],
      );
    const { RetentionService } = require('@app/participants') as typeof import('@app/participants');
    await api.app.get(RetentionService).forget();
    expect(await kept()).toMatchObject([{ recipient: OLD, isShort: true }]);
    await api.dataSource.query(`UPDATE mails SET state = 'sent' WHERE id = $1`, [first!.id]);
    await api.app.get(RetentionService).forget();
    expect(await kept()).toMatchObject([{ recipient: '', recipient_name: '', parameters: {} }]);
  });

  test('by whose owner it was taken back is written to once by an erasure, at the address that is theirs', async () => {
    const id = await registered();
    await correct(id, { email: NEW });
    await correct(id, { email: OLD });
    expect((await api.request('POST', `/v1/registrations/${id}/erasure`)).statusCode).toBe(204);
    expect((await waiting()).map(({ kind, recipient }) => [kind, recipient])).toEqual([['erased', OLD]]);
  });

  test('is removed for whoever is erased as an entry of the directory, too', async () => {
    const id = await registered();
    await correct(id, { email: NEW });
    const [{ person_id }] = await api.dataSource.query(
      'SELECT person_id FROM invitations WHERE dialogue_id = $1',
      [dialogue.id],
    );
    expect((await api.request('POST', `/v1/people/${person_id}/erasure`)).statusCode).toBe(204);
    const [removal] = await waiting();
    expect(removal).toMatchObject({ kind: 'calendar-removal', recipient: OLD });
    expect((await written(removal!)).calendar?.method).toBe('CANCEL');
  });
});
