import ICAL from 'ical.js';
import type { Mail } from '@app/mail';
import { startApi, type TestApi } from '../support/api';
import { answers, inviteList, linkOf, listOf, publishDialogue } from '../support/participants';

let api: TestApi;
beforeAll(async () => {
  api = await startApi({ environment: { CHANGE_GATHERING_SECONDS: '0' } });
});
afterAll(() => api.close());

const YEAR = new Date().getUTCFullYear() + 1;

interface Entry {
  uid: string;
  sequence: number;
  stamp: number;
  starts: string;
  isCancelled: boolean;
  location: string;
}

/** What of an iCalendar text a calendar program goes by. */
function read(text: string): Entry[] {
  const calendar = new ICAL.Component(ICAL.parse(text));
  return calendar.getAllSubcomponents('vevent').map((component) => {
    const zone = calendar.getFirstSubcomponent('vtimezone')!;
    ICAL.TimezoneService.reset();
    ICAL.TimezoneService.register(new ICAL.Timezone(zone));
    const event = new ICAL.Event(component);
    return {
      uid: event.uid,
      sequence: event.sequence,
      stamp: (component.getFirstPropertyValue('dtstamp') as ICAL.Time).toUnixTime(),
      starts: event.startDate.toJSDate().toISOString(),
      isCancelled: component.getFirstPropertyValue('status') === 'CANCELLED',
      location: event.location,
    };
  });
}

/** A calendar program: of two entries with one UID it keeps the newer (RFC 5546, 2.1.5). */
class Calendar {
  private readonly entries = new Map<string, Entry>();

  apply(text: string): void {
    for (const entry of read(text)) {
      const had = this.entries.get(entry.uid);
      const isNewer =
        !had ||
        entry.sequence > had.sequence ||
        (entry.sequence === had.sequence && entry.stamp >= had.stamp);
      if (isNewer) this.entries.set(entry.uid, entry);
    }
  }

  /** Where its owner sees it to be. */
  locations(): string[] {
    return [...this.entries.values()].filter((entry) => !entry.isCancelled).map(({ location }) => location);
  }

  /** What its owner sees. */
  shown(): string[] {
    return [...this.entries.values()].filter((entry) => !entry.isCancelled).map(({ starts }) => starts);
  }
}

/** Of what sort the secret links in a text are, such as `/j/`. */
const linksIn = (text: string): string[] =>
  [...text.replaceAll('\r\n ', '').matchAll(/(\/[a-z]\/)[\w-]{65}(?![\w-])/g)].map(([, sort]) => sort!);

/** The link to join in an iCalendar text. */
const joinIn = (text: string): string | undefined =>
  /\/j\/[\w-]{65}(?![\w-])/.exec(text.replaceAll('\r\n ', ''))?.[0];

/** Somebody who takes part in a dialogue, and everything that they are mailed. */
async function participant(changes: object = {}) {
  const { id, slug } = await publishDialogue(api, changes);
  await inviteList(api, id, listOf(1));
  const email = 'person.1@ministry.example';
  const invitation = await linkOf(api, 'invitation', { email, dialogueId: id });
  expect((await api.submit(`${invitation}/acceptance`, answers)).statusCode).toBe(303);
  const { Links } = require('@app/platform') as typeof import('@app/platform');
  const { Mail: MailRow, MailRenderers } = require('@app/mail') as typeof import('@app/mail');
  const { ChangeAnnouncer } = require('@app/notifications') as typeof import('@app/notifications');
  const [registration] = await api.dataSource.query(
    'SELECT id, link_generation FROM registrations WHERE dialogue_id = $1',
    [id],
  );
  const mailed: string[] = [];
  let last = '0';
  /** Renders what was queued since, as a worker would now. */
  const deliver = async (): Promise<void> => {
    await api.app.get(ChangeAnnouncer).announce();
    const rows: Mail[] = await api.dataSource
      .getRepository(MailRow)
      .createQueryBuilder('m')
      .where('m.dialogueId = :id AND m.subjectId = :subject AND m.id > :last', {
        id,
        subject: registration.id,
        last,
      })
      .orderBy('m.id')
      .getMany();
    for (const row of rows) {
      last = row.id;
      const mail = (await api.app.get(MailRenderers).of(row.kind).render([row])).get(row.id);
      if (mail && 'calendar' in mail && mail.calendar) mailed.push(mail.calendar.content);
    }
  };
  await deliver();
  const patch = async (body: object): Promise<void> => {
    expect((await api.request('PATCH', `/v1/dialogues/${id}`, body)).statusCode).toBe(200);
    await deliver();
  };
  const token = api.app.get(Links).compose('feed', registration.id, registration.link_generation);
  return {
    id,
    slug,
    registrationId: registration.id as string,
    token,
    mailed,
    deliver,
    move: (day: string, more: object = {}) =>
      patch({ starts_at_local: `${YEAR}-${day}T11:00`, ends_at_local: `${YEAR}-${day}T13:00`, ...more }),
    page: await linkOf(api, 'registration', { email, dialogueId: id }),
    feed: (headers = {}) => api.app.inject({ method: 'GET', url: `/f/${token}.ics`, headers }),
  };
}

/** What a calendar shows after all entries, in whatever order and each as often as it came. */
function shownInAnyOrder(mailed: string[]): string[][] {
  const orders = [mailed, mailed.toReversed(), [...mailed, ...mailed], [...mailed.toReversed(), ...mailed]];
  for (let turn = 1; turn < mailed.length; turn++)
    orders.push([...mailed.slice(turn), ...mailed.slice(0, turn)]);
  return orders.map((order) => {
    const calendar = new Calendar();
    for (const text of order) calendar.apply(text);
    return calendar.shown();
  });
}

describe('a calendar', () => {
  test('that is mailed every entry shows what is so, in whatever order they come and however often', async () => {
    const who = await participant();
    const first = `${YEAR}-01-28T09:00:00.000Z`;
    const steps: [what: string, act: () => Promise<unknown>, shown: string[]][] = [
      ['confirmed', async () => {}, [first]],
      ['moved', () => who.move('06-10'), [`${YEAR}-06-10T08:00:00.000Z`]],
      ['moved back', () => who.move('01-28'), [first]],
      ['withdrawn', () => api.submit(`${who.page}/withdrawal`, {}), []],
      ['come back', () => api.submit(`${who.page}/registration`, answers), [first]],
      [
        'postponed',
        () => api.request('POST', `/v1/dialogues/${who.id}/postponement`, { reason: 'Elections' }),
        [],
      ],
      ['published again', () => who.move('06-11'), [`${YEAR}-06-11T08:00:00.000Z`]],
      ['cancelled', () => api.request('POST', `/v1/dialogues/${who.id}/cancellation`, {}), []],
    ];
    for (const [what, act, shown] of steps) {
      const before = who.mailed.length;
      await act();
      await who.deliver();
      const entries = what === 'confirmed' ? before : before + 1;
      expect({ what, entries: who.mailed.length }).toEqual({ what, entries });
      for (const seen of shownInAnyOrder(who.mailed)) expect({ what, seen }).toEqual({ what, seen: shown });
      // The feed says the same, and shows nothing twice where a program has both.
      const both = new Calendar();
      both.apply((await who.feed()).body);
      expect({ what, feed: both.shown() }).toEqual({ what, feed: shown });
      for (const text of who.mailed) both.apply(text);
      expect({ what, both: both.shown() }).toEqual({ what, both: shown });
    }
    const entries = who.mailed.flatMap(read);
    expect(new Set(entries.map(({ uid }) => uid)).size).toBe(1);
    const sequences = entries.map(({ sequence }) => sequence);
    expect(sequences).toEqual([...new Set(sequences)].toSorted((one, other) => one - other));
  });

  test('is one entry for a dialogue of two days across a change of the clocks', async () => {
    const who = await participant({
      time_zone: 'Europe/Madrid',
      starts_at_local: `${YEAR}-03-27T15:00`,
      ends_at_local: `${YEAR}-03-28T13:00`,
    });
    const [row] = await api.dataSource.query('SELECT starts_at, ends_at FROM dialogues WHERE id = $1', [
      who.id,
    ]);
    const calendar = new ICAL.Component(ICAL.parse(who.mailed[0]!));
    ICAL.TimezoneService.reset();
    ICAL.TimezoneService.register(new ICAL.Timezone(calendar.getFirstSubcomponent('vtimezone')!));
    const event = new ICAL.Event(calendar.getFirstSubcomponent('vevent')!);
    expect(event.startDate.toJSDate()).toEqual(row.starts_at);
    expect(event.endDate.toJSDate()).toEqual(row.ends_at);
  });

  test.each([
    ['while they take part', false],
    ['while the mail that says they withdrew still waits', true],
  ])('ends for who is erased %s', async (_, withdrawn) => {
    const who = await participant();
    if (withdrawn) await api.submit(`${who.page}/withdrawal`, {});
    const erased = await api.request('POST', `/v1/registrations/${who.registrationId}/erasure`, {});
    expect(erased.statusCode).toBeLessThan(300);
    await who.deliver();
    expect(who.mailed.at(-1)).toMatch(/METHOD:CANCEL[\s\S]*ATTENDEE[^]*person\.1@ministry\.example/);
    for (const seen of shownInAnyOrder(who.mailed)) expect(seen).toEqual([]);
  });

  test('has nothing to end for who is erased and had no place', async () => {
    const who = await participant();
    await api.submit(`${who.page}/withdrawal`, {});
    await who.deliver();
    await api.dataSource.query(`UPDATE mails SET state = 'sent', sent_at = now() WHERE dialogue_id = $1`, [
      who.id,
    ]);
    const before = who.mailed.length;
    await api.request('POST', `/v1/registrations/${who.registrationId}/erasure`, {});
    await who.deliver();
    expect(who.mailed).toHaveLength(before);
  });
});

describe('an entry whose link to join was forwarded', () => {
  test.each([
    ['DELETE', 'join-link', 'join-link'],
    ['POST', 'join-link', 'join-link'],
    ['DELETE', 'link', 'join-link'],
    ['POST', 'link', 'registration-link'],
  ] as const)(
    'had the platform’s own address, which nobody could revoke: %s …/%s ends it, and the entry follows by one mail',
    async (method, what, kind) => {
      const who = await participant();
      const [first] = who.mailed;
      const seen = [first!];
      for (const turn of [1, 2]) {
        const revoked = await api.request(method, `/v1/registrations/${who.registrationId}/${what}`);
        expect(revoked.statusCode).toBeLessThan(300);
        await who.deliver();
        expect(who.mailed).toHaveLength(1 + turn);
        seen.push(who.mailed.at(-1)!);
      }
      const entries = seen.flatMap(read);
      expect(new Set(entries.map(({ uid }) => uid)).size).toBe(1);
      const sequences = entries.map(({ sequence }) => sequence);
      expect(sequences).toEqual([...new Set(sequences)].toSorted((one, other) => one - other));
      const links = seen.map(joinIn);
      expect(new Set(links).size).toBe(3);
      const opens = await Promise.all(links.map((url) => api.app.inject({ method: 'GET', url: url! })));
      expect(opens.map(({ statusCode }) => statusCode)).toEqual([404, 404, 200]);
      // In whatever order they come, a program shows the one that works.
      for (const order of [seen, seen.toReversed()]) {
        const calendar = new Calendar();
        for (const text of order) calendar.apply(text);
        expect(calendar.locations()).toEqual([expect.stringContaining(links[2]!)]);
      }
      const mails: { kind: string; dedupe_key: string }[] = await api.dataSource.query(
        `SELECT kind, dedupe_key FROM mails WHERE dialogue_id = $1 AND kind <> 'invitation' ORDER BY id`,
        [who.id],
      );
      expect(mails.map((mail) => mail.kind)).toEqual(['confirmation', kind, kind]);
    },
  );

  test('was mailed to somebody under review as updated, without the link', async () => {
    const who = await participant();
    await api.dataSource.query(
      `UPDATE registrations SET state = 'under_review', approval_round = 1 WHERE id = $1`,
      [who.registrationId],
    );
    const before = joinIn(who.mailed.at(-1)!);
    expect(
      (await api.request('DELETE', `/v1/registrations/${who.registrationId}/join-link`)).statusCode,
    ).toBe(204);
    await who.deliver();
    const now = joinIn(who.mailed.at(-1)!);
    expect(now).not.toBe(before);
    expect((await api.app.inject({ method: 'GET', url: now! })).statusCode).toBe(200);
  });

  test('was mailed to a substitute whom nobody has approved yet', async () => {
    const who = await participant();
    const mailed = who.mailed.length;
    await api.dataSource.query(
      `UPDATE registrations SET state = 'under_review', approval_round = 1, substitutes_for = id WHERE id = $1`,
      [who.registrationId],
    );
    const revoke = (method: 'POST' | 'DELETE') =>
      api.request(method, `/v1/registrations/${who.registrationId}/join-link`);
    const renewed = await revoke('POST');
    expect([renewed.statusCode, renewed.json().code]).toEqual([409, 'not_confirmed']);
    expect((await revoke('DELETE')).statusCode).toBe(204);
    // Another time is told to them, too, and puts nothing into a calendar.
    await who.move('03-10');
    expect(who.mailed).toHaveLength(mailed);
  });

  test('gets no mail where no calendar has it: not confirmed, in the room, postponed', async () => {
    const who = await participant();
    const mailed = who.mailed.length;
    const revoke = () => api.request('DELETE', `/v1/registrations/${who.registrationId}/join-link`);
    const venue = {
      kind: 'hybrid',
      platform: 'Kudo',
      room: 'B1',
      join_url: 'https://meet.example/secret-room',
    };
    await api.dataSource.query(`UPDATE dialogues SET venue = $2 WHERE id = $1`, [who.id, venue]);
    for (const [dialogue, registration, attends] of [
      ['published', 'withdrawn', null],
      ['published', 'confirmed', 'in_person'],
      ['postponed', 'confirmed', null],
      ['cancelled', 'confirmed', null],
    ]) {
      await api.dataSource.query(
        `WITH moved AS (UPDATE dialogues SET state = $2 WHERE id = $1)
         UPDATE registrations SET state = $3, attends = $4, confirmed_at = CASE WHEN $3 = 'confirmed' THEN now() END
         WHERE dialogue_id = $1`,
        [who.id, dialogue, registration, attends],
      );
      expect((await revoke()).statusCode).toBe(204);
      await who.deliver();
      expect([dialogue, registration, who.mailed.length]).toEqual([dialogue, registration, mailed]);
    }
  });

  test('is not mailed by a renewal that was revoked before it went', async () => {
    const who = await participant();
    await api.request('POST', `/v1/registrations/${who.registrationId}/link`);
    await api.request('DELETE', `/v1/registrations/${who.registrationId}/link`);
    await who.deliver();
    // One entry, by the mail of the last: no mail carries the link that was revoked, or another in its place.
    expect(who.mailed).toHaveLength(2);
    const [registration] = await api.dataSource.query(
      `SELECT link_generation + join_link_revocations AS generation FROM registrations WHERE id = $1`,
      [who.registrationId],
    );
    expect(registration.generation).toBe(3);
  });

  test('ends for who is erased after it was replaced', async () => {
    const who = await participant();
    for (let times = 0; times < 3; times++) {
      await api.request('POST', `/v1/registrations/${who.registrationId}/join-link`);
      await who.deliver();
    }
    await api.request('POST', `/v1/registrations/${who.registrationId}/erasure`, {});
    await who.deliver();
    for (const seen of shownInAnyOrder(who.mailed)) expect(seen).toEqual([]);
    for (const [method, what] of [
      ['POST', 'join-link'],
      ['DELETE', 'join-link'],
      ['POST', 'link'],
      ['DELETE', 'link'],
    ] as const) {
      const answer = await api.request(method, `/v1/registrations/${who.registrationId}/${what}`);
      expect([method, what, answer.statusCode]).toEqual([method, what, 404]);
    }
  });
});

describe('where somebody comes in the place of another', () => {
  const [leaver, substitute] = ['person.1@ministry.example', 'hoda@ministry.example'];
  const substitution = { name: 'Hoda Mansy', email: substitute, language: 'ar' };

  /** Does something, and renders what was queued by it, as a worker would: who gets which entry by which mail. */
  async function entriesBy(id: string, act: () => Promise<unknown>) {
    const { Mail: MailRow, MailRenderers } = require('@app/mail') as typeof import('@app/mail');
    const mails = () =>
      api.dataSource.getRepository(MailRow).find({ where: { dialogueId: id }, order: { id: 'ASC' } });
    const before = (await mails()).length;
    await act();
    const queued = (await mails()).slice(before);
    return Promise.all(
      queued.map(async (row) => {
        const mail = (await api.app.get(MailRenderers).of(row.kind).render([row])).get(row.id);
        const text = mail && 'calendar' in mail ? mail.calendar?.content.replaceAll('\r\n ', '') : undefined;
        return { kind: row.kind, to: row.recipient, text };
      }),
    );
  }
  const page = (id: string, email: string) => linkOf(api, 'registration', { dialogueId: id, email });
  const attendee = (text: string) => /^ATTENDEE;.*$/m.exec(text)?.[0].trim();

  test('the one who leaves has it taken out, and the other gets one of their own once the seat is theirs', async () => {
    const { id } = await publishDialogue(api);
    await api.dataSource.query(`UPDATE dialogues SET substitution = 'free' WHERE id = $1`, [id]);
    await inviteList(api, id, listOf(1));
    const invitation = await linkOf(api, 'invitation', { dialogueId: id, email: leaver });
    const [confirmed] = await entriesBy(id, () => api.submit(`${invitation}/acceptance`, answers));
    const [left, offered, ...none] = await entriesBy(id, async () =>
      api.submit(`${await page(id, leaver)}/substitution`, substitution),
    );
    expect([left!.kind, left!.to, offered!.kind, offered!.to, none]).toEqual([
      'substituted',
      leaver,
      'substitute',
      substitute,
      [],
    ]);
    expect(left!.text).toContain('METHOD:CANCEL');
    // Whoever presses Accept in an entry believes that the seat is theirs.
    expect(offered!.text).toBeUndefined();

    const [own, ...others] = await entriesBy(id, async () =>
      api.submit(`${await page(id, substitute)}/offer-acceptance`, {
        ...answers,
        language: 'ar',
        time_zone: 'Asia/Tokyo',
      }),
    );
    expect([own!.kind, own!.to, others]).toEqual(['confirmation', substitute, []]);
    const text = own!.text!;
    expect(text).toContain('METHOD:REQUEST');
    expect(text).toContain('STATUS:CONFIRMED');
    expect(attendee(text)).toMatch(
      /PARTSTAT=ACCEPTED;RSVP=FALSE;CN="Hoda Mansy":MAILTO:hoda@ministry\.example$/,
    );
    expect(text.match(/^ATTENDEE/gm)).toHaveLength(1);
    // Nothing of the person they come for, no personal link but their own to join, and the time on the hosts' clock, which every
    // program converts.
    expect(text).not.toMatch(/Person 1|person\.1|meet\.example/);
    expect(linksIn(text)).toEqual(['/j/', '/j/', '/j/']);
    expect(text).toContain(`DTSTART;TZID=Africa/Cairo:${YEAR}0128T110000`);

    const registrations = await api.dataSource.query(
      'SELECT id, email FROM registrations WHERE dialogue_id = $1',
      [id],
    );
    const idOf = (email: string) => registrations.find((row: { email: string }) => row.email === email).id;
    const uids = [confirmed!, left!, own!].map((mail) => read(mail.text!)[0]!.uid);
    expect(uids).toEqual([leaver, leaver, substitute].map((email) => `${idOf(email)}@plenary.example`));
    // An assistant keeps the calendar of both.
    for (const seen of shownInAnyOrder([confirmed!.text!, left!.text!, text]))
      expect(seen).toEqual([`${YEAR}-01-28T09:00:00.000Z`]);
  });

  test('and the other way round when the first comes after all', async () => {
    const { id } = await publishDialogue(api);
    await api.dataSource.query(`UPDATE dialogues SET substitution = 'free' WHERE id = $1`, [id]);
    await inviteList(api, id, listOf(1));
    const invitation = await linkOf(api, 'invitation', { dialogueId: id, email: leaver });
    const accept = async (email: string) =>
      api.submit(`${await page(id, email)}/offer-acceptance`, {
        ...answers,
        language: 'en',
        time_zone: 'UTC',
      });
    const mailed = [
      ...(await entriesBy(id, () => api.submit(`${invitation}/acceptance`, answers))),
      ...(await entriesBy(id, async () =>
        api.submit(`${await page(id, leaver)}/substitution`, substitution),
      )),
      ...(await entriesBy(id, () => accept(substitute))),
      ...(await entriesBy(id, async () =>
        api.submit(`${await page(id, substitute)}/substitution`, {
          name: 'Person 1',
          email: leaver,
          language: 'en',
        }),
      )),
      ...(await entriesBy(id, () => accept(leaver))),
    ];
    const shownTo = (email: string) =>
      shownInAnyOrder(mailed.filter(({ to, text }) => to === email && text).map(({ text }) => text!));
    for (const seen of shownTo(substitute)) expect(seen).toEqual([]);
    for (const seen of shownTo(leaver)) expect(seen).toEqual([`${YEAR}-01-28T09:00:00.000Z`]);
  });
});

describe('the feed of a participant', () => {
  test('holds nobody’s name, no answer to give and no personal link; their own link to join while they are confirmed', async () => {
    const who = await participant();
    const answer = await who.feed();
    expect(answer.statusCode).toBe(200);
    expect(answer.headers['content-type']).toBe('text/calendar; charset=utf-8');
    const text = answer.body.replaceAll('\r\n ', '');
    expect(text).toContain('REFRESH-INTERVAL;VALUE=DURATION:PT1H');
    expect(text).toContain('X-PUBLISHED-TTL:PT1H');
    expect(linksIn(text)).toEqual(['/j/', '/j/', '/j/']);
    expect(text).not.toMatch(/METHOD|ATTENDEE|ORGANIZER|Person 1|person\.1|meet\.example/);
    const page = await api.app.inject({ method: 'GET', url: who.page });
    expect(page.body).toContain(`webcal://plenary.example/f/${who.token}.ics`);

    for (const state of ['under_review', 'awaiting_approval', 'offered', 'refused', 'withdrawn']) {
      await api.dataSource.query(
        `UPDATE registrations SET state = $2, confirmed_at = CASE WHEN $2 = 'under_review' THEN now() END WHERE id = $1`,
        [who.registrationId, state],
      );
      const feed = (await who.feed()).body.replaceAll('\r\n ', '');
      expect([state, linksIn(feed), feed.includes('secret-room')]).toEqual([state, [], false]);
    }
  });

  test('has the new link to join as soon as the old one is revoked, and keeps its own address', async () => {
    const who = await participant();
    const before = (await who.feed()).body;
    expect(
      (await api.request('DELETE', `/v1/registrations/${who.registrationId}/join-link`)).statusCode,
    ).toBe(204);
    const after = await who.feed();
    expect(after.statusCode).toBe(200);
    expect(joinIn(after.body)).not.toBe(joinIn(before));
    expect(read(after.body)[0]!.sequence).toBeGreaterThan(read(before)[0]!.sequence);
  });

  test('is sent again only when something in it changed', async () => {
    const who = await participant();
    const { etag } = (await who.feed()).headers;
    const again = await who.feed({ 'if-none-match': `W/${etag as string}` });
    expect([again.statusCode, again.body]).toEqual([304, '']);
    await api.dataSource.query(`UPDATE dialogues SET title = 'Renamed' WHERE id = $1`, [who.id]);
    const renamed = await who.feed({ 'if-none-match': etag as string });
    expect(renamed.statusCode).toBe(200);
    expect(renamed.body).toContain('SUMMARY:Renamed');
  });

  test('has no entry for who never took part, ends with its link, and its secret is in no log', async () => {
    const who = await participant();
    await api.dataSource.query(
      `UPDATE registrations SET state = 'unconfirmed', participation_count = 0, confirmed_at = NULL WHERE id = $1`,
      [who.registrationId],
    );
    const empty = await who.feed();
    expect(empty.statusCode).toBe(200);
    expect(read(empty.body)).toEqual([]);
    await api.dataSource.query(
      'UPDATE registrations SET link_generation = link_generation + 1 WHERE id = $1',
      [who.registrationId],
    );
    expect((await who.feed()).statusCode).toBe(404);
    expect((await api.app.inject({ method: 'GET', url: `/r/${who.token}` })).statusCode).toBe(404);
    const { redactSecrets } = require('@app/platform') as typeof import('@app/platform');
    expect(redactSecrets(`/f/${who.token}.ics?x=1`)).toBe('/f/***.ics?x=1');
  });

  test('is named in a mail that came without its entry', async () => {
    const who = await participant();
    const { Mail: MailRow, MailRenderers } = require('@app/mail') as typeof import('@app/mail');
    const row = await api.dataSource
      .getRepository(MailRow)
      .findOneByOrFail({ kind: 'confirmation', dialogueId: who.id });
    for (const [withoutAttachments, says] of [
      [false, false],
      [true, true],
    ] as const) {
      const mail = (
        await api.app
          .get(MailRenderers)
          .of('confirmation')
          .render([{ ...row, withoutAttachments }])
      ).get(row.id)!;
      expect('text' in mail && mail.text.includes(`http://plenary.example/f/${who.token}.ics`)).toBe(says);
    }
  });
});

describe('the feed of a dialogue', () => {
  test('says when and where, and not how to join; a cancelled one stays as cancelled, a draft has none', async () => {
    const { id, slug } = await publishDialogue(api);
    const feed = () => api.app.inject({ method: 'GET', url: `/d/${slug}/calendar.ics` });
    const { body } = await feed();
    expect(read(body)).toMatchObject([
      { starts: `${YEAR}-01-28T09:00:00.000Z`, isCancelled: false, location: 'Online, Kudo' },
    ]);
    expect(body.replaceAll('\r\n ', '')).not.toMatch(/secret-room|ATTENDEE|ORGANIZER/);
    expect((await api.app.inject({ method: 'GET', url: `/d/${slug}` })).body).toContain(
      `webcal://plenary.example/d/${slug}/calendar.ics`,
    );
    await api.request('POST', `/v1/dialogues/${id}/cancellation`, {});
    expect(read((await feed()).body)).toMatchObject([{ isCancelled: true }]);
    await api.dataSource.query(`UPDATE dialogues SET published_at = NULL WHERE id = $1`, [id]);
    expect((await feed()).statusCode).toBe(404);
  });
});
