import { simpleParser } from 'mailparser';
import type { ExpectedMail } from './expectation';
import type { Delivered } from './inbox';
import { judge, type LedgerRow } from './judge';
import { read } from './reading';

const START = Date.UTC(2027, 0, 28, 9);
const SENT_AT = START - 3_600_000;

const owed: ExpectedMail = {
  who: 1,
  kind: 'confirmation',
  standing: 'confirmed',
  label: 'confirmation',
  from: SENT_AT - 100,
  until: Infinity,
  language: 'fr',
  timeZone: 'Europe/Paris',
  startsAt: START,
  endsAt: START + 7_200_000,
  calendar: 'REQUEST',
  joinUrl: 'https://meet.example/1',
  link: '/r/',
};

const HTML = `<html lang="fr" dir="ltr"><body><p>Chère <bdi>Odile Vautrin</bdi>, votre inscription : 10:00 (11:00 au Caire)</p>
<a href="https://plenary.example/j/abc">Rejoindre</a> <a href="https://plenary.example/r/abc">Votre lien</a></body></html>`;
const TEXT = `Chère Odile Vautrin, votre inscription : 10:00 (11:00 au Caire)
https://plenary.example/j/abc https://plenary.example/r/abc`;
const CALENDAR = [
  'BEGIN:VCALENDAR',
  'VERSION:2.0',
  'PRODID:-//Test//EN',
  'METHOD:REQUEST',
  'BEGIN:VEVENT',
  'UID:1@plenary.example',
  'SEQUENCE:1',
  'DTSTAMP:20270128T080000Z',
  'DTSTART:20270128T090000Z',
  'DTEND:20270128T110000Z',
  'ORGANIZER:mailto:secretariat@plenary.example',
  'URL:https://meet.example/1',
  'ATTENDEE;PARTSTAT=ACCEPTED:mailto:odile@delegation.example',
  'END:VEVENT',
  'END:VCALENDAR',
].join('\r\n');

async function mail(change: (raw: string) => string = (raw) => raw): Promise<Delivered> {
  const part = (type: string, content: string) =>
    `--cut\r\nContent-Type: ${type}\r\nContent-Transfer-Encoding: base64\r\n\r\n${Buffer.from(change(content)).toString('base64')}\r\n`;
  const raw = Buffer.from(
    [
      'From: secretariat@plenary.example',
      'To: Odile Vautrin <odile@delegation.example>',
      'Subject: Inscription',
      'Message-ID: <11111111-1111-4111-8111-111111111111@plenary.example>',
      'X-Plenary-Mail: confirmation',
      'Content-Language: fr',
      'Auto-Submitted: auto-generated',
      'MIME-Version: 1.0',
      'Content-Type: multipart/alternative; boundary=cut',
      '',
      part('text/plain; charset=utf-8', TEXT) +
        part('text/html; charset=utf-8', HTML) +
        part('text/calendar; charset=utf-8; method=REQUEST', CALENDAR) +
        '--cut--',
    ].join('\r\n'),
  );
  const reading = await read({
    number: 1,
    from: '',
    to: ['odile@delegation.example'],
    receivedAt: new Date(SENT_AT),
    raw,
    acknowledged: true,
    parsed: () => simpleParser(raw),
  });
  return { ...reading, who: 1 };
}

function verdict(mails: Delivered[], uncertain = false, kills = 0) {
  const row: LedgerRow = {
    kind: 'confirmation',
    recipient: 'odile@delegation.example',
    recipient_name: 'Odile Vautrin',
    state: mails.length > 0 ? 'sent' : 'missed',
    uncertain,
    message_id: '11111111-1111-4111-8111-111111111111',
    answer: null,
  };
  return judge([owed], mails, [row], {
    who: () => ({ name: 'Odile Vautrin', email: 'odile@delegation.example' }),
    hostZone: 'Africa/Cairo',
    joinUrls: ['https://meet.example/1'],
    origin: 'https://plenary.example',
    mailFrom: 'secretariat@plenary.example',
    kills,
    connections: 5,
  });
}

test('A mail that says everything it owes shows no difference.', async () => {
  const { counts, differences } = verdict([await mail()]);
  expect(differences).toEqual([]);
  expect(counts).toMatchObject([{ expected: 1, seen: 1, lost: 0, doubled: 0, wrong: 0 }]);
});

test('A mail that never came is lost, and the ledger is asked why.', () => {
  const { counts, differences } = verdict([]);
  expect(counts).toMatchObject([{ expected: 1, seen: 0, lost: 1 }]);
  expect(differences[0]).toContain('lost: confirmation to Odile Vautrin; the ledger says missed');
});

test('A mail that came twice is a difference, unless the ledger had flagged it after a kill.', async () => {
  const twice = [await mail(), await mail()];
  expect(verdict(twice).differences[0]).toContain('doubled: confirmation to Odile Vautrin came 2 times');
  expect(verdict(twice, true, 1).differences).toEqual([]);
  expect(verdict(twice, true, 0).differences[0]).toContain('explain 0 at most');
});

test.each([
  ['the wrong hour in the calendar', '20270128T090000Z', '20270128T100000Z', 'DTSTART is'],
  ['no hour in the reader’s own zone', '10:00', '10:30', 'does not show 10:00'],
  ['somebody else’s name', 'Odile Vautrin', 'Hannah Kerrigan', 'does not name its reader'],
  ['words of another language', 'votre', 'your', 'the words of the text are en'],
  ['no link to join', '/j/', '/k/', 'it lacks the link to join'],
  ['no link to join in the calendar', '//meet.example/1', '//meet.example/2', 'entry lacks the link to join'],
  [
    'a personal link in the calendar',
    'UID:1',
    'URL:https://p.example/r/aaaaaaaaaaaaaaaaaaaaaaaa\r\nUID:1',
    'personal link',
  ],
])('A mail with %s is wrong.', async (_, right, wrong, difference) => {
  const { counts, differences } = verdict([await mail((part) => part.replaceAll(right, wrong))]);
  expect(counts[0]!.wrong).toBe(1);
  expect(differences.join('\n')).toContain(difference);
});

test('A mail that nobody owed is a difference.', async () => {
  const other = { ...(await mail()), messageId: '<2@plenary.example>', kind: 'reminder' };
  const { differences } = verdict([await mail(), other]);
  expect(differences).toContain('not owed: reminder to Odile Vautrin: “Inscription”');
});
