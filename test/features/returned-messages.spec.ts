import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isNoSuchAddress } from '../../libs/mail/src/delivery/refusal-words.rules';
import { readReturn } from '../../libs/mail/src/returns/read-return';
import {
  pauseAfterBounce,
  verdictOfReturn,
  type ReturnVerdict,
} from '../../libs/mail/src/returns/returns.rules';

const FOLDER = join(__dirname, 'returns');
const AMAL = ['amal.haddad@ministry.example'];
const UID = '00000000-0000-4000-8000-000000000001@agency.example';
const unknownUser =
  '550 5.1.1 <amal.haddad@ministry.example>: Recipient address rejected: User unknown in virtual mailbox table';

/** What each message of the folder is; none may be missing. */
const EXPECTED: Record<string, Partial<ReturnVerdict>> = {
  'postfix-unknown-user': {
    kind: 'hard bounce',
    status: '5.1.1',
    diagnostic: unknownUser,
    recipients: AMAL,
  },
  'exchange-unknown-user': { kind: 'hard bounce', status: '5.1.10', recipients: AMAL },
  'exchange-refused-by-policy': { kind: 'hard bounce', status: '5.7.1', recipients: AMAL },
  'qmail-no-mailbox': {
    kind: 'hard bounce',
    status: '5.1.1',
    diagnostic: 'Sorry, no mailbox here by that name. (#5.1.1)',
    recipients: AMAL,
  },
  'exim-unrouteable': {
    kind: 'hard bounce',
    status: '5.1.1',
    diagnostic: 'host mx.ministry.example [192.0.2.25]: 550 unknown user',
    recipients: AMAL,
  },
  'eight-bit-rubbish': { kind: 'hard bounce', status: '5.1.1', recipients: AMAL },
  'bounce-of-a-bounce': {
    kind: 'hard bounce',
    status: '5.1.1',
    recipients: ['mailer-daemon@mx.ministry.example'],
  },
  'bounce-of-a-forwarded-mail': {
    kind: 'hard bounce',
    status: '5.1.1',
    recipients: ['a.haddad.private@elsewhere.example'],
  },
  'gmail-mailbox-full': { kind: 'soft bounce', status: '5.2.2', recipients: AMAL },
  'postfix-expired': {
    kind: 'soft bounce',
    status: '4.4.1',
    diagnostic: 'connect to mx.ministry.example[192.0.2.25]:25: Connection timed out',
  },
  'domino-not-listed': {
    kind: 'hard bounce',
    status: '5.1.1',
    diagnostic: 'User nobody (amal.haddad@ministry.example) not listed in Domino Directory',
    recipients: AMAL,
  },
  'exchange-in-french': {
    kind: 'hard bounce',
    status: '5.1.1',
    diagnostic: '#550 5.1.1 RESOLVER.ADR.RecipNotFound; not found ##',
    recipients: AMAL,
  },
  'yahoo-no-account': {
    kind: 'hard bounce',
    status: '5.1.1',
    diagnostic: expect.stringContaining('have a yahoo.example account') as string,
    recipients: AMAL,
  },
  'microsoft-recipient-rejected': { kind: 'hard bounce', status: '5.4.1', recipients: AMAL },
  'punycode-of-an-international-domain': { kind: 'hard bounce', status: '5.1.1' },
  'a-postmaster-writes': { kind: 'other' },
  'out-of-office-german': { kind: 'automatic reply' },
  'holiday-note-mentions-failure': { kind: 'automatic reply' },
  'postfix-delayed': { kind: 'delay', status: '4.3.2' },
  'exim-delayed': { kind: 'delay' },
  'success-notification': { kind: 'other' },
  'out-of-office-arabic': { kind: 'automatic reply' },
  'out-of-office-old': { kind: 'automatic reply' },
  'a-person-writes': { kind: 'other' },
  empty: { kind: 'other' },
  'outlook-declined': { kind: 'calendar reply', status: 'DECLINED', uid: UID },
  'gmail-accepted': { kind: 'calendar reply', status: 'ACCEPTED', uid: UID },
  'apple-tentative': { kind: 'calendar reply', status: 'TENTATIVE', uid: UID },
};

const verdictOfFile = async (name: string) =>
  verdictOfReturn(await readReturn(await readFile(join(FOLDER, `${name}.eml`))));

describe('what came back', () => {
  it('is expected to be something for every message of the folder', async () => {
    const names = (await readdir(FOLDER)).map((file) => file.replace(/\.eml$/, ''));
    expect(names.toSorted()).toEqual(Object.keys(EXPECTED).toSorted());
  });

  it.each(Object.entries(EXPECTED))('%s is told for what it is', async (name, expected) => {
    expect(await verdictOfFile(name)).toMatchObject(expected);
  });

  it('is said on one line without control characters, whatever a server wrote', async () => {
    const verdict = await verdictOfFile('eight-bit-rubbish');
    expect((verdict as { diagnostic: string }).diagnostic).toMatch(/^\P{Cc}{1,500}$/u);
  });

  it('is told for something, wherever it was cut off', async () => {
    const whole = await readFile(join(FOLDER, 'postfix-unknown-user.eml'));
    for (let length = 0; length < whole.length; length += 97) {
      const { kind } = verdictOfReturn(await readReturn(whole.subarray(0, length)));
      expect(['hard bounce', 'soft bounce', 'automatic reply', 'other']).toContain(kind);
    }
  });

  it('speaks of whom it did not reach, and not of the address that stands for them', async () => {
    const report = await readFile(join(FOLDER, 'postfix-unknown-user.eml'), 'latin1');
    const verdict = verdictOfReturn(
      await readReturn(
        Buffer.from(
          report.replace('Final-Recipient: rfc822; amal.haddad@', 'Final-Recipient: rfc822; one.of.five@'),
        ),
      ),
    );
    expect(verdict).toMatchObject({ kind: 'hard bounce', recipients: ['one.of.five@ministry.example'] });
  });

  it.each([
    ['550 Access denied', '5.0.0'],
    ['553 sorry, that domain is not in my list of allowed rcpthosts', '5.0.0'],
    ['550 No such user here', '5.1.1'],
  ])(
    'takes no refusal without a code of its own for an address that is not there: %s',
    async (said, status) => {
      const report = await readFile(join(FOLDER, 'postfix-unknown-user.eml'), 'latin1');
      const changed = report
        .replace('Status: 5.1.1', 'Status: 5.0.0')
        .replace(/Diagnostic-Code: [^]*?\r?\n(?=\r?\n)/, `Diagnostic-Code: smtp; ${said}\r\n`);
      expect(verdictOfReturn(await readReturn(Buffer.from(changed)))).toMatchObject({
        diagnostic: said,
        status,
      });
    },
  );

  describe('in prose, with an empty return path,', () => {
    const bounce = async (
      text: string,
      { from = 'correo@otherhost.example', subject = 'x', headers = '', returnPath = '<>' } = {},
      writtenTo?: string,
    ) =>
      verdictOfReturn(
        await readReturn(
          Buffer.from(
            `Return-Path: ${returnPath}\r\nFrom: ${from}\r\nTo: returns@agency.example\r\nSubject: ${subject}\r\n` +
              `${headers}MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n${text}`,
          ),
        ),
        writtenTo,
      );
    const [amal] = AMAL as [string];

    it.each([
      ['Spanish', `No se pudo entregar a:\n${amal}\n550 5.1.1 El usuario no existe`, '5.1.1'],
      ['Spanish without an enhanced code', `Destinatario: ${amal}\n550 No existe el buzón`, '5.1.1'],
      ['Russian', `Сообщение не доставлено: ${amal}\nПричина: 550 5.1.1 Пользователь не найден`, '5.1.1'],
      ['Chinese', `邮件无法送达 <${amal}>\n错误代码：550 5.1.1 收件人不存在`, '5.1.1'],
      ['Chinese with the code of the status alone', `邮件无法送达 ${amal}\n状态：5.1.1 用户不存在`, '5.1.1'],
      ['Arabic', `تعذّر تسليم الرسالة إلى ${amal}\n550 5.1.1 المستخدم غير موجود`, '5.1.1'],
      ['German', `Nicht zugestellt: ${amal}\n#550 5.1.10 RESOLVER.ADR.RecipientNotFound ##`, '5.1.10'],
      ['a language that is not known', `Ezin izan da bidali: ${amal}\n550 5.1.1 ez dago halakorik`, '5.1.1'],
      ['an address that was rejected', `${amal}\n550 #5.1.0 Address rejected.`, '5.1.0'],
    ])('is recognized, from any sender, in %s', async (_, text, status) => {
      const verdict = await bounce(text);
      expect(verdict).toMatchObject({ kind: 'hard bounce', status, recipients: AMAL });
      const { diagnostic } = verdict as { diagnostic: string };
      expect([text.split('\n').at(-1), isNoSuchAddress(status, diagnostic)]).toEqual([diagnostic, true]);
    });

    it.each([
      ['a full mailbox, in Chinese', `${amal}\n552 5.2.2 邮箱已满`, 'soft bounce', '5.2.2'],
      ['a full mailbox, without an enhanced code', `${amal}\n552 Buzón lleno`, 'soft bounce', '5.2.2'],
      ['a policy', `${amal}\n554 5.7.1 Mensaje rechazado`, 'hard bounce', '5.7.1'],
      ['a loop', `${amal}\n554 5.4.6 Demasiados saltos`, 'hard bounce', '5.4.6'],
      ['a server that tries on', `${amal}\n451 4.4.1 Sin respuesta`, 'delay', '4.4.1'],
      ['one that gave up', `${amal}\n#550 4.4.7 QUEUE.Expired; message expired ##`, 'soft bounce', '4.4.7'],
    ])('says nothing against the address: %s', async (_, text, kind, status) => {
      const verdict = await bounce(text);
      expect(verdict).toMatchObject({ kind, status, recipients: AMAL });
      expect(isNoSuchAddress(status, (verdict as { diagnostic: string }).diagnostic)).toBe(false);
    });

    const quoted = `Some mails came back with 550 5.1.1 last week, also those to ${amal}. Write to my deputy.`;
    const codes = `Our server said to ${amal}:\n550 5.1.1 User unknown`;
    it.each([
      ['a person who quotes a code in a sentence', quoted, { from: 'amal@ministry.example' }],
      ['a postmaster who does', quoted, { from: 'postmaster@ministry.example' }],
      ['an answer that quotes a report', codes, { subject: 'Re: Undeliverable mail' }],
      [
        'an answer of a postmaster that quotes one',
        codes,
        { from: 'postmaster@x.example', subject: 'AW: x' },
      ],
      ['a holiday note that quotes one', codes, { headers: 'Auto-Submitted: auto-replied\r\n' }],
      ['a holiday note that says so in its subject', codes, { subject: 'Out of office: x' }],
      ['a report that names nobody', '550 5.1.1 User unknown', {}],
      ['a letter with a return path', codes, { returnPath: '<amal@ministry.example>' }],
      ['a date and a room', `I am back on 5.1.1, room 550 is not for ${amal}.`, {}],
      ['a line with a number', `${amal} writes:\n550 delegates will come.`, {}],
    ])('is no bounce: %s', async (_, text, of) => {
      expect(['other', 'automatic reply']).toContain((await bounce(text, of)).kind);
    });

    it('is judged by what it says of the address that was written to, where it speaks of several', async () => {
      const text = [
        'This message was created automatically by mail delivery software.',
        'The following address(es) failed:',
        '',
        '  one.of.five@ministry.example',
        '    550 5.1.1 User unknown',
        `  ${amal}`,
        '    SMTP error from remote mail server after RCPT TO:',
        '    552 5.2.2 Mailbox full',
      ].join('\n');
      const of = {
        from: 'mailer-daemon@relay.example',
        headers: `X-Failed-Recipients: one.of.five@ministry.example,\r\n ${amal}\r\n`,
      };
      expect(await bounce(text, of, amal)).toMatchObject({ kind: 'soft bounce', status: '5.2.2' });
      expect(await bounce(text, of, 'one.of.five@ministry.example')).toMatchObject({
        kind: 'hard bounce',
        diagnostic: '550 5.1.1 User unknown',
      });
    });
  });

  it.each([
    ['failed for another and arrived here', 'delivered', '2.0.0', { kind: 'other' }],
    ['failed for another and is delayed here', 'delayed', '4.4.1', { kind: 'delay' }],
    ['failed for another by its address, and here by a policy', 'failed', '5.7.1', { status: '5.7.1' }],
    ['failed for one of those behind this address', 'expanded', '2.0.0', { status: '5.1.1' }],
  ])(
    'of several addresses is judged by the one that was written to: it %s',
    async (_, action, status, is) => {
      const report = await readFile(join(FOLDER, 'postfix-unknown-user.eml'), 'latin1');
      const other = report.replaceAll(
        /Final-Recipient: rfc822; \S+/g,
        'Final-Recipient: rfc822; other@x.example',
      );
      const two = other.replace(
        /(?=Final-Recipient)/,
        `Final-Recipient: rfc822; ${AMAL[0]}\r\nAction: ${action}\r\nStatus: ${status}\r\n\r\n`,
      );
      expect(verdictOfReturn(await readReturn(Buffer.from(two)), AMAL[0])).toMatchObject(is);
    },
  );

  it('pauses longer after each soft bounce', () => {
    expect([1, 2, 3].map(pauseAfterBounce)).toEqual([900, 3_600, 14_400]);
  });
});
