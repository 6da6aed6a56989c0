import { plain } from '@app/mail';
import type { DialogueNow } from '../recipients/dialogues';
import { agendaBlocks, ownPartBlocks, periodLines } from './dialogue.wording';

/** What an English reader reads of it. */
const read = (text: string) => plain('en', text);

const period = { startsAt: new Date('2027-01-28T09:00:00Z'), endsAt: new Date('2027-01-28T11:00:00Z') };

describe('the time of a dialogue', () => {
  test("is told in the reader's zone beside the host's", () => {
    expect(periodLines('en', period, 'Africa/Cairo', 'Asia/Jakarta').map(read)).toEqual([
      'Your time: Thursday, 28 January 2027, 16:00–18:00 (Asia/Jakarta,\u00a0UTC+7)',
      'Time of the hosts: Thursday, 28 January 2027, 11:00–13:00 (Africa/Cairo,\u00a0UTC+2)',
    ]);
  });

  test('is told once where both clocks show the same, though the zones have different names', () => {
    expect(periodLines('en', period, 'Africa/Cairo', 'Europe/Athens').map(read)).toEqual([
      'Thursday, 28 January 2027, 11:00–13:00 (Africa/Cairo,\u00a0UTC+2)',
    ]);
  });

  test("follows the reader's clock over a change to summer time that the host's does not share", () => {
    const lines = (day: string) =>
      periodLines(
        'en',
        { startsAt: new Date(`2027-03-${day}T09:00:00Z`), endsAt: new Date(`2027-03-${day}T10:00:00Z`) },
        'Asia/Jakarta',
        'Europe/Madrid',
      ).map(read)[0];
    expect(lines('27')).toContain('10:00–11:00 (Europe/Madrid,\u00a0UTC+1)');
    expect(lines('28')).toContain('11:00–12:00 (Europe/Madrid,\u00a0UTC+2)');
  });

  test('that runs over a change of clocks says both offsets, to the reader and of the agenda', () => {
    const night = { startsAt: new Date('2027-03-27T22:00:00Z'), endsAt: new Date('2027-03-28T06:00:00Z') };
    expect(periodLines('en', night, 'Africa/Cairo', 'Europe/Madrid').map(read)).toEqual([
      expect.stringContaining('(Europe/Madrid,\u00a0UTC+1\u00a0→\u00a0UTC+2)'),
      expect.stringContaining('(Africa/Cairo,\u00a0UTC+2)'),
    ]);
    const agenda = [{ title: 'A', minutes: 480, moderator: null, guidingQuestions: [], items: [] }];
    const [, zone] = agendaBlocks(
      { ...night, documents: [], agenda } as unknown as DialogueNow,
      'en',
      'Europe/Madrid',
    );
    expect(zone).toMatchObject({ kind: 'small', text: expect.stringContaining('UTC+1\u00a0→\u00a0UTC+2') });
  });

  test('names both days when it runs over midnight for the reader', () => {
    const [own] = periodLines(
      'en',
      { startsAt: new Date('2027-01-28T12:00:00Z'), endsAt: new Date('2027-01-28T14:00:00Z') },
      'Africa/Cairo',
      'Australia/Sydney',
    );
    expect(own).toMatch(/28 January.*23:00.*29 January.*01:00/);
  });
});

describe('the times of an agenda', () => {
  /** A first day of two hours, a night, and the opening of the second day. */
  const dialogue = (endsAt: string) =>
    ({
      startsAt: new Date('2027-01-28T09:00:00Z'),
      endsAt: new Date(endsAt),
      documents: [],
      agenda: [
        ['Opening', 120, 'amina'],
        ['Night', 22 * 60, null],
        ['Closing', 60, 'amina'],
      ].map(([title, minutes, moderatorKey]) => ({
        title,
        minutes,
        moderator: null,
        moderatorKey,
        guidingQuestions: [],
        items: [{ title: `${title}: words`, minutes: 15, moderator: null, moderatorKey: null, speakers: [] }],
      })),
    }) as unknown as DialogueNow;
  const sessions = (of: DialogueNow, timeZone = 'Africa/Cairo') => {
    const agenda = agendaBlocks(of, 'en', timeZone).find((block) => block.kind === 'agenda')!;
    return agenda.sessions.map(({ times, items }) => [times, ...items.map((item) => item.times)].map(read));
  };

  test('name the day of each session of several days, and of items where the session takes several', () => {
    expect(sessions(dialogue('2027-01-29T10:00:00Z'))).toEqual([
      ['Thu 28 Jan, 11:00–13:00', '11:00–11:15'],
      ['Thu 28 Jan, 13:00 – Fri 29 Jan, 11:00', 'Thu 28 Jan, 13:00–13:15'],
      ['Fri 29 Jan, 11:00–12:00', '11:00–11:15'],
    ]);
  });

  test('name it by the clock of the reader, for whom one day of the hosts may be two', () => {
    const oneDay = { ...dialogue('2027-01-28T14:00:00Z') };
    oneDay.agenda = oneDay.agenda.slice(0, 1);
    expect(sessions(oneDay)[0]![0]).toBe('11:00–13:00');
    expect(sessions(oneDay, 'Asia/Tokyo')[0]![0]).toBe('18:00–20:00');
    expect(sessions(oneDay, 'Pacific/Auckland')[0]![0]).toBe('Thu 28 Jan, 22:00 – Fri 29 Jan, 00:00');
  });

  test('are written anew when nothing but the end of the dialogue was moved to another day', () => {
    const [short, long] = ['2027-01-28T12:00:00Z', '2027-01-29T10:00:00Z'].map((endsAt) => {
      const of = dialogue(endsAt);
      of.agenda = of.agenda.slice(0, 1);
      return sessions(of)[0]![0];
    });
    expect([short, long]).toEqual(['11:00–13:00', 'Thu 28 Jan, 11:00–13:00']);
  });

  test("name the day of each of a person's own parts", () => {
    const [, list] = ownPartBlocks(dialogue('2027-01-29T10:00:00Z'), 'amina', 'en', 'Africa/Cairo');
    const { items } = list as { items: string[] };
    expect(items.map(read)).toEqual(['Thu 28 Jan, 11:00–13:00  Opening', 'Fri 29 Jan, 11:00–12:00  Closing']);
  });
});
