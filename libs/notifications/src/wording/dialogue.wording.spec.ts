import { periodLines } from './dialogue.wording';

const period = { startsAt: new Date('2027-01-28T09:00:00Z'), endsAt: new Date('2027-01-28T11:00:00Z') };

describe('the time of a dialogue', () => {
  test("is told in the reader's zone beside the host's", () => {
    expect(periodLines('en', period, 'Africa/Cairo', 'Asia/Jakarta')).toEqual([
      'Your time: Thursday, 28 January 2027, 16:00–18:00 (Asia/Jakarta,\u00a0UTC+7)',
      'Time of the hosts: Thursday, 28 January 2027, 11:00–13:00 (Africa/Cairo,\u00a0UTC+2)',
    ]);
  });

  test('is told once where both clocks show the same, though the zones have different names', () => {
    expect(periodLines('en', period, 'Africa/Cairo', 'Europe/Athens')).toEqual([
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
      )[0];
    expect(lines('27')).toContain('10:00–11:00 (Europe/Madrid,\u00a0UTC+1)');
    expect(lines('28')).toContain('11:00–12:00 (Europe/Madrid,\u00a0UTC+2)');
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
