import { enhancedStatus, verdictOf, withJitter, type SmtpError, type Verdict } from './smtp-answers.rules';

/** nodemailer's error for an answer such as `550 5.1.1 no such user` to a command. */
function answered(response: string, command = 'RCPT TO'): SmtpError {
  return {
    message: `Refused: ${response}`,
    code: command === 'DATA' ? 'EMESSAGE' : 'EENVELOPE',
    response,
    responseCode: Number(response.slice(0, 3)),
    command,
  };
}

const wait: Partial<Verdict> = {
  state: 'deferred',
  uncertain: false,
  retryAfter: 5,
  counted: true,
  circuit: null,
  suppress: null,
};
const refused: Partial<Verdict> = { state: 'failed', uncertain: false, circuit: null, suppress: null };
const full: Partial<Verdict> = { ...wait, retryAfter: 300 };
const ourFault: Partial<Verdict> = { ...wait, counted: false, circuit: 'account' };

describe('the policy for answers of a mail server', () => {
  test.each<[string, string, SmtpError, Partial<Verdict>]>([
    // For now.
    ['421', 'of the domain', answered('421 4.7.0 too many messages'), { ...wait, circuit: 'domain' }],
    ['421', 'of the server', answered('421 4.3.2 shutting down', 'CONN'), { ...wait, circuit: 'server' }],
    ['450', 'mailbox busy', answered('450 4.2.1 busy'), wait],
    ['450', 'greylisted', answered('450 4.7.1 greylisted, try again'), wait],
    ['451', 'greylisted otherwise', answered('451 4.7.0 temporarily deferred'), wait],
    ['451', 'local error', answered('451 4.3.0 later'), wait],
    ['451', 'without a code', answered('451 later'), wait],
    ['451', 'the domain is down', answered('451 4.4.1 no answer from host'), { ...wait, circuit: 'domain' }],
    [
      '451',
      'the domain wants less',
      answered('451 4.7.500 server busy', 'DATA'),
      { ...wait, circuit: 'domain' },
    ],
    ['452', 'no room on the server', answered('452 4.3.1 disk full', 'DATA'), wait],
    ['452', 'mailbox full for now', answered('452 4.2.2 over quota'), full],
    ['451', 'to the sender', answered('451 4.3.0 later', 'MAIL FROM'), { ...wait, circuit: 'server' }],
    // Nobody there.
    ...['5.1.1', '5.1.2', '5.1.3', '5.1.6', '5.1.10', '5.2.1', '5.4.4'].map(
      (code): [string, string, SmtpError, Partial<Verdict>] => [
        '550',
        code,
        answered(`550 ${code} nobody here`),
        { ...refused, suppress: code },
      ],
    ),
    [
      '550',
      'nobody there, said after DATA',
      answered('550-5.1.1 no', 'DATA'),
      { ...refused, suppress: '5.1.1' },
    ],
    ['550', 'without a code', answered('550 no'), refused],
    [
      '550',
      'nobody there, in words alone',
      answered('550 No such user here'),
      { ...refused, suppress: '5.1.1' },
    ],
    [
      '554',
      'nobody there, in words alone after DATA',
      answered("554 delivery error: dd This user doesn't have a yahoo.example account", 'DATA'),
      refused,
    ],
    ['550', 'somebody unknown, after DATA', answered('550 5.0.0 Invalid recipient', 'DATA'), refused],
    [
      '550',
      'nobody there, with the code among the words after DATA',
      answered('550 sorry, no mailbox here by that name (#5.1.1)', 'DATA'),
      { ...refused, suppress: '5.1.1' },
    ],
    ['550', 'content', answered('550 5.1.0 Message rejected due to content', 'DATA'), refused],
    ['550', 'our host', answered('550 Client address not found in access list'), refused],
    ['550', 'the stock text', answered('550 Requested action not taken: mailbox unavailable'), refused],
    [
      '550',
      'rejected by the directory',
      answered('550 5.4.1 Recipient address rejected: Access denied'),
      { ...refused, suppress: '5.4.1' },
    ],
    ['550', 'rejected', answered('550 #5.1.0 Address rejected.'), { ...refused, suppress: '5.1.0' }],
    ['550', 'a loop', answered('550 5.4.6 Routing loop'), refused],
    ['550', 'full, in words alone', answered('550 Mailbox is full'), full],
    ['550', 'too much at once', answered('550 5.2.1 receiving mail at a rate that prevents more'), full],
    ['550', 'our sender, in the words of another fault', answered('550 No such user', 'MAIL FROM'), ourFault],
    // Full, or too much.
    ['552', 'mailbox full', answered('552 5.2.2 over quota', 'DATA'), full],
    ['552', 'to the recipient, without a code', answered('552 over quota'), full],
    ['552', 'too large', answered('552 5.3.4 too big', 'DATA'), refused],
    ['552', 'too large, told before DATA', answered('552 too big', 'MAIL FROM'), refused],
    ['554', 'too large for the mailbox', answered('554 5.2.3 too long', 'DATA'), refused],
    [
      'none',
      'larger than the server takes',
      { message: 'Message size larger than allowed 1000', code: 'EMESSAGE', command: 'MAIL FROM' },
      refused,
    ],
    // For good.
    ['550', 'policy', answered('550 5.7.1 not welcome', 'DATA'), refused],
    ['554', 'policy', answered('554 5.7.0 spam', 'DATA'), refused],
    ['550', 'no SMTPUTF8', answered('550 5.6.7 no SMTPUTF8'), refused],
    ['553', 'no SMTPUTF8, told to the sender', answered('553 5.6.7 no SMTPUTF8', 'MAIL FROM'), refused],
    ['554', 'transaction failed', answered('554 failed', 'DATA'), refused],
    [
      'none',
      'an address that nodemailer refuses to write',
      { message: 'Invalid recipient "a<b@c"', code: 'EENVELOPE', command: 'API' },
      refused,
    ],
    // Our fault.
    ['535', 'wrong password', { ...answered('535 5.7.8 wrong', 'AUTH PLAIN'), code: 'EAUTH' }, ourFault],
    [
      '454',
      'sign-in not possible',
      { ...answered('454 4.7.0 later', 'AUTH PLAIN'), code: 'EAUTH' },
      ourFault,
    ],
    ['534', 'sign-in too weak', { ...answered('534 5.7.9 weak', 'AUTH PLAIN'), code: 'EAUTH' }, ourFault],
    ['530', 'sign-in wanted', answered('530 5.7.0 authentication required', 'MAIL FROM'), ourFault],
    ['530', 'sign-in wanted, told late', answered('530 5.7.0 authentication required'), ourFault],
    ['550', 'our sender', answered('550 5.7.1 not your address', 'MAIL FROM'), ourFault],
    ['none', 'no password', { message: 'Missing credentials', code: 'EAUTH', command: 'API' }, ourFault],
    // The server takes none from anybody.
    [
      '554',
      'greeting',
      { ...answered('554 no service', 'CONN'), code: 'EPROTOCOL' },
      { ...wait, circuit: 'server' },
    ],
    ['550', 'HELO', answered('550 no', 'HELO'), { ...wait, circuit: 'server' }],
    ['554', 'STARTTLS', answered('554 no', 'STARTTLS'), { ...wait, circuit: 'server' }],
    // No answer.
    [
      'none',
      'connection refused',
      { message: 'connect ECONNREFUSED', code: 'ESOCKET', command: 'CONN', syscall: 'connect' },
      { ...wait, counted: false, circuit: 'server' },
    ],
    [
      'none',
      'no such host',
      { message: 'getaddrinfo ENOTFOUND', code: 'EDNS', command: 'CONN' },
      { ...wait, counted: false, circuit: 'server' },
    ],
    [
      'none',
      'nobody answers',
      { message: 'Connection timeout', code: 'ETIMEDOUT', command: 'CONN' },
      { ...wait, counted: false, circuit: 'server' },
    ],
    [
      'none',
      'its certificate has expired',
      { message: 'certificate has expired', code: 'ESOCKET', command: 'CONN' },
      { ...wait, counted: false, circuit: 'server' },
    ],
    [
      'none',
      'the line broke',
      { message: 'Connection closed unexpectedly', code: 'ECONNECTION', command: 'CONN' },
      { ...wait, uncertain: true },
    ],
  ])('%s, %s', (_, __, error, expected) => {
    expect(verdictOf(error, 1)).toMatchObject(expected);
  });

  it('doubles the pause up to ten minutes, and that of a full mailbox up to an hour', () => {
    const pauses = (response: string) =>
      [1, 2, 3, 12].map((attempts) => verdictOf(answered(response), attempts).retryAfter);
    expect(pauses('451 later')).toEqual([5, 10, 20, 600]);
    expect(pauses('552 5.2.2 over quota')).toEqual([300, 600, 1_200, 3_600]);
  });

  it('looks for a server that is away at least twice a minute, however long it stays away', () => {
    const away = { message: 'connect ECONNREFUSED', code: 'ESOCKET', syscall: 'connect' };
    expect(verdictOf(away, 50).retryAfter).toBe(30);
  });

  it('sends what is too large again at once, without what can be left out', () => {
    expect(verdictOf(answered('552 5.3.4 too big', 'DATA'), 1, true)).toMatchObject({
      state: 'deferred',
      retryAfter: 0,
      withoutAttachments: true,
    });
  });

  it('keeps what the server said, on one line', () => {
    expect(verdictOf(answered('550-5.1.1 nobody\n550 \u0000here'), 1).answer).toBe(
      '550-5.1.1 nobody 550 here',
    );
  });

  it('reads the enhanced status code at the start of an answer only', () => {
    const codes = ['550 5.1.10 no', '550-5.7.1 no', '550 no 5.1.1', '250 2.0.0 ok', undefined].map(
      enhancedStatus,
    );
    expect(codes).toEqual(['5.1.10', '5.7.1', null, '2.0.0', null]);
  });

  it('spreads attempts by a quarter to either side', () => {
    expect([withJitter(100, 0), withJitter(100, 0.5), withJitter(100, 1)]).toEqual([75, 100, 125]);
  });
});
