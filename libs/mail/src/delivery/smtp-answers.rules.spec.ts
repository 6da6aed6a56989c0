import { verdictOf, withJitter } from './smtp-answers.rules';

const answered = (responseCode: number, command = 'RCPT TO') => ({
  message: `Message failed: ${responseCode}`,
  code: 'EENVELOPE',
  response: `${responseCode} because`,
  responseCode,
  command,
});

describe('the policy for answers of a mail server', () => {
  it('puts off what is refused for now, with a pause that doubles up to ten minutes', () => {
    const pauses = [1, 2, 3, 12].map((attempts) => verdictOf(answered(451), attempts).retryAfter);
    expect(pauses).toEqual([5, 10, 20, 600]);
    expect(verdictOf(answered(451), 1)).toMatchObject({
      state: 'deferred',
      uncertain: false,
      answer: '451 because',
    });
  });

  it('gives up what is refused for good', () => {
    expect(verdictOf(answered(550), 1)).toMatchObject({ state: 'failed', uncertain: false });
    expect(verdictOf(answered(554, 'DATA'), 1).state).toBe('failed');
  });

  it('does not give up a mail because our own sign-in or sender is refused', () => {
    expect(verdictOf({ ...answered(535, 'AUTH PLAIN'), code: 'EAUTH' }, 1).state).toBe('deferred');
    expect(verdictOf(answered(550, 'MAIL FROM'), 1).state).toBe('deferred');
  });

  it('does not give up a mail because the server takes none from anybody now', () => {
    const greeting = {
      message: 'Invalid greeting',
      code: 'EPROTOCOL',
      response: '554 No SMTP service here',
      responseCode: 554,
      command: 'CONN',
    };
    expect(verdictOf(greeting, 1)).toMatchObject({ state: 'deferred', uncertain: false });
    expect(verdictOf(answered(550, 'HELO'), 1).state).toBe('deferred');
    expect(verdictOf(answered(554, 'STARTTLS'), 1).state).toBe('deferred');
    expect(verdictOf(answered(530, 'RCPT TO'), 1).state).toBe('deferred');
  });

  it('counts a mail as perhaps taken when the line broke, and as surely not when it was never made', () => {
    const broken = { message: 'Connection closed unexpectedly', code: 'ECONNECTION', command: 'CONN' };
    expect(verdictOf(broken, 1)).toMatchObject({ state: 'deferred', uncertain: true });
    const refused = {
      message: 'connect ECONNREFUSED 127.0.0.1:25',
      code: 'ESOCKET',
      command: 'CONN',
      syscall: 'connect',
    };
    expect(verdictOf(refused, 1)).toMatchObject({ state: 'deferred', uncertain: false });
  });

  it('looks for a server that is away at least twice a minute, however long it stays away', () => {
    const refused = { message: 'connect ECONNREFUSED', code: 'ESOCKET', syscall: 'connect' };
    expect(verdictOf(refused, 50).retryAfter).toBe(30);
  });

  it('spreads attempts by a quarter to either side', () => {
    expect([withJitter(100, 0), withJitter(100, 0.5), withJitter(100, 1)]).toEqual([75, 100, 125]);
  });
});
