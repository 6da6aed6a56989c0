import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
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
    recipients: [],
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

  it('pauses longer after each soft bounce', () => {
    expect([1, 2, 3].map(pauseAfterBounce)).toEqual([900, 3_600, 14_400]);
  });
});
