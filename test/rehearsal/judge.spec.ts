import { simpleParser } from 'mailparser';
import type { ExpectedMail } from './expectation';
import type { Delivered } from './inbox';
import { judge, type LedgerRow } from './judge';
import { read } from './reading';

const START = Date.UTC(2027, 0, 28, 9);
const SENT_AT = START - 3_600_000;

const owed: ExpectedMail = {
  who: 1,
  email: 'odile@delegation.example',
  kind: 'confirmation',
  fate: 'arrives',
  tells: null,
  words: null,
  dialogue: 1,
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

const HTML = `<html lang="fr" dir="ltr"><body><table><tr><td lang="fr" dir="ltr"><p>Chère <bdi>Odile Vautrin</bdi>, votre inscription : 10:00 (11:00 au Caire)</p>
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
  `ORGANIZER:mailto:returns+c${'1'.repeat(42)}@plenary.example`,
  'URL:https://plenary.example/j/cal',
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
      'In-Reply-To: <dialogue.1@plenary.example>',
      'References: <dialogue.1@plenary.example>',
      'List-Id: <1.dialogues.plenary.example>',
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
    from: `returns+b${'1'.repeat(42)}@plenary.example`,
    to: ['odile@delegation.example'],
    receivedAt: new Date(SENT_AT),
    raw,
    acknowledged: true,
    parsed: () => simpleParser(raw),
  });
  return { ...reading, who: 1 };
}

function verdict(
  mails: Delivered[],
  uncertain = false,
  kills = 0,
  { want = owed, state = mails.length > 0 ? 'sent' : 'missed' }: { want?: ExpectedMail; state?: string } = {},
) {
  const row: LedgerRow = {
    id: '1',
    kind: 'confirmation',
    recipient: 'odile@delegation.example',
    recipient_name: 'Odile Vautrin',
    state,
    uncertain,
    message_id: '11111111-1111-4111-8111-111111111111',
    answer: null,
  };
  return judge([want], mails, [row], {
    who: () => ({ name: 'Odile Vautrin', email: 'odile@delegation.example' }),
    hostZone: 'Africa/Cairo',
    joinUrls: ['https://meet.example/1'],
    origin: 'https://plenary.example',
    mailFrom: 'secretariat@plenary.example',
    returns: 'returns@plenary.example',
    ownWords: ['Réservez ce jour.'],
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
  ['no link to join', '/j/abc', '/k/abc', 'it lacks the link to join'],
  ['no link to join in the calendar', '/j/cal', '/k/cal', 'entry lacks the link to join'],
  [
    'the platform’s own address in the calendar',
    'UID:1',
    'LOCATION:https://meet.ex\r\n ample/1\r\nUID:1',
    'the platform’s own address',
  ],
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

test.each([
  ['a return path that all share', { returnPath: 'returns@plenary.example' }, 'its return path is'],
  ['somebody else as its sender', { from: 'mallory@foe.example' }, 'it is from mallory@foe.example'],
  ['one click too many', { unsubscribe: '<https://plenary.example/u/1>' }, 'one can unsubscribe from it'],
  ['a cell that runs the other way', { cells: ['fr ltr', 'fr rtl'] }, 'a cell says lang and dir fr rtl'],
  ['no thread', { references: '' }, 'references of dialogue 1 is empty'],
])('A mail with %s is a difference.', async (_, change, difference) => {
  expect(verdict([{ ...(await mail()), ...change }]).differences.join('\n')).toContain(difference);
});

test('A mail that can be done without must offer one click.', async () => {
  const want: ExpectedMail = { ...owed, kind: 'summary', calendar: null };
  const seen: Delivered = { ...(await mail()), kind: 'summary', calendars: [] };
  const { differences } = verdict([seen], false, 0, { want });
  expect(differences.join('\n')).toContain('List-Unsubscribe is missing');
  const offers = {
    unsubscribe: '<https://plenary.example/u/1>',
    unsubscribePost: 'List-Unsubscribe=One-Click',
  };
  expect(verdict([{ ...seen, ...offers }], false, 0, { want }).differences).toEqual([]);
});

test('Two mails with one return path are a difference.', async () => {
  const other = { ...(await mail()), messageId: '<2@plenary.example>' };
  expect(verdict([await mail(), other]).differences.join('\n')).toContain('two mails have the sender');
});

test.each<[ExpectedMail['fate'], string, number]>([
  ['refused', 'failed', 0],
  ['withheld', 'suppressed', 0],
  ['stale', 'stale', 0],
  ['comes back', 'failed', 1],
])('A mail that is %s is called %s in the ledger, or there is a difference.', async (fate, state, copies) => {
  const want = { ...owed, fate };
  const mails = copies > 0 ? [await mail()] : [];
  expect(verdict(mails, false, 0, { want, state }).differences).toEqual([]);
  expect(verdict(mails, false, 0, { want, state: 'sent' }).differences).not.toEqual([]);
});

test.each<[ExpectedMail['fate'], string]>([
  ['refused', 'failed'],
  ['withheld', 'suppressed'],
  ['stale', 'stale'],
])('A mail that is %s and arrives is not owed.', async (fate, state) => {
  const want = { ...owed, fate };
  expect(verdict([await mail()], false, 0, { want, state }).differences.join('\n')).toContain('not owed');
});

test('An address of which the organiser must hear is told of in exactly one mail.', async () => {
  const want = { ...owed, tells: 'abc' };
  expect(verdict([await mail()], false, 0, { want }).differences).toEqual([]);
  const unheard = verdict([await mail()], false, 0, { want: { ...want, tells: 'lost@delegation.example' } });
  expect(unheard.differences.join('\n')).toContain('0 mails tell of lost@delegation.example');
});

test('Own words must be said, and nowhere else.', async () => {
  const said = await mail((part) => part.replace('Chère', 'Réservez ce jour. Chère'));
  const want = { ...owed, words: 'Réservez ce jour.' };
  expect(verdict([said], false, 0, { want }).differences).toEqual([]);
  expect(verdict([said]).differences.join('\n')).toContain('own words for another kind');
  expect(verdict([await mail()], false, 0, { want }).differences.join('\n')).toContain(
    'not in the organiser’s own words',
  );
});

test.each([
  ['ar', 'تم تأكيد تسجيلكم في هذا الحوار، ويرجى إبلاغنا إذا تعذر عليكم الحضور'],
  ['ru', 'Вы получили это письмо, поскольку зарегистрированы для участия'],
  ['zh', '您收到本邮件，是因为您已登记参加本次对话会。您的名额予以保留。'],
  ['es', 'Recibe este mensaje por su inscripción; the agenda asks: what is your part?'],
])('Words of %s are known from others.', async (language, words) => {
  const seen = { ...(await mail()), text: `Odile Vautrin ${words}`, visible: `Odile Vautrin ${words}` };
  expect(verdict([seen]).differences.join('\n')).toContain(`the words of the text are ${language}, not fr`);
});

test('The letters of a link are no words.', async () => {
  const seen = await mail(
    (part) => `${part} https://plenary.example/r/gm2-su-Kx4 http://localhost/r/_-Usted-9`,
  );
  expect(verdict([seen]).differences.join('\n')).not.toContain('the words of');
});

test('A mail that nobody owed is a difference.', async () => {
  const other = { ...(await mail()), messageId: '<2@plenary.example>', kind: 'reminder' };
  const { differences } = verdict([await mail(), other]);
  expect(differences).toContain('not owed: reminder to Odile Vautrin: “Inscription”');
});
