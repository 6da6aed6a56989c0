import { verdictOfReturn, type ReturnVerdict } from './returns.rules';

const MISSION = 'mission@gov.example';
const OLD = 'old.person@gov.example';

/** What a server's prose says, for a mail that was written to the mission. */
function bounce(text: string, headers: Record<string, string> = {}): ReturnVerdict {
  return verdictOfReturn(
    {
      from: 'mailer-daemon@relay.example',
      subject: 'Mail delivery',
      isFromNobody: true,
      headers: new Map(Object.entries(headers)),
      text,
      deliveryStatus: null,
      calendar: null,
    },
    MISSION,
  );
}

describe('a bounce in prose about one member of an alias', () => {
  const quoted = `From: Office <us@agency.example>\nSent: Monday\nTo: ${MISSION}\nSubject: Invitation`;
  test.each<[string, string]>([
    [
      'whose first sentence names the alias',
      `Your message to ${MISSION} could not be delivered to all.\n${OLD}\n550 5.1.1 User unknown`,
    ],
    [
      'that names both in sentences',
      `Your message to ${MISSION} could not be delivered: no such user ${OLD}, says its server`,
    ],
    [
      'that names both in the reason',
      `Failed:\n550 5.1.1 <${OLD}> (expanded from <${MISSION}>): User unknown`,
    ],
    ['that names the member in the reason alone', `${MISSION}\n550 5.1.1 <${OLD}>: User unknown`],
    [
      'that quotes the header of the mail',
      `Delivery has failed to: ${OLD}\nThe address was not found.\n\n${quoted}\n\nDear ${MISSION}`,
    ],
    [
      'that quotes the header in French, with marks',
      `Delivery has failed to: ${OLD}\nThe address was not found.\n> *De :* us@agency.example\n> *À :* ${MISSION}\n> *Objet :* x`,
    ],
    [
      'that quotes a header on folded lines',
      `Delivery has failed to: ${OLD}\nThe address was not found.\nFrom: us@agency.example\nTo: other@gov.example,\n ${MISSION}\nDate: x`,
    ],
    [
      'that quotes a header with empty lines',
      `Delivery has failed to: ${OLD}\nThe address was not found.\nFrom: us@agency.example\n\nTo: ${MISSION}\n\nDate: x`,
    ],
    ['that quotes one field', `Delivery has failed to: ${OLD}\nThe address was not found.\nTo: ${MISSION}`],
    [
      'that quotes the header first and says the reason below it',
      `Your message\n  To: ${MISSION}\n  Subject: x\n  550 5.1.1 <${OLD}> User unknown`,
    ],
    [
      'that quotes the header first',
      `Your message\n  To: ${MISSION}\n  Subject: x\n  Sent: Monday\ncould not be delivered to:\n  ${OLD}\n  The e-mail account does not exist`,
    ],
  ])('does not speak of the alias: one %s', (_, text) => {
    const verdict = bounce(text);
    expect(verdict).toMatchObject({ kind: 'hard bounce', status: '5.1.1' });
    const { recipients } = verdict as { recipients: string[] };
    expect([recipients.includes(OLD), recipients.includes(MISSION)]).toEqual([true, false]);
  });

  test.each<[string, string]>([
    ['in a line of its own', `Could not be delivered:\n${MISSION}\n550 5.1.1 User unknown\n\n${quoted}`],
    [
      'in words over two lines',
      `A message from the office\ncould not be delivered to:\n${MISSION}\nThe account that you tried to reach does\nnot exist`,
    ],
    ['in the reason', `Could not be delivered:\n550 5.1.1 <${MISSION}>: User unknown`],
    ['in a quoted header alone', `Could not be delivered.\n${quoted}\n\n550 5.1.1 User unknown`],
    ['with a place to ask', `${MISSION}\n550 5.1.1 User unknown\nAsk postmaster@gov.example`],
    [
      'with our return path',
      `Mail of returns+b1@agency.example to ${MISSION} failed\n550 5.1.1 User unknown`,
    ],
  ])('speaks of the address that was written to, where it names that one %s', (_, text) => {
    const verdict = bounce(text, { to: 'Office <returns+b1@agency.example>' });
    expect(verdict).toMatchObject({ kind: 'hard bounce', status: '5.1.1' });
    expect((verdict as { recipients: string[] }).recipients).toContain(MISSION);
  });
});

describe('a server that promises to go on', () => {
  const warning = (reason: string) =>
    `A message that you sent has not yet been delivered to one or more of its\nrecipients after more than 24 hours.\n
  ${MISSION}\n    Delay reason: ${reason}\n
No action is required on your part. Delivery attempts will continue for\nsome time, if the message\nremains undelivered.`;

  test.each<[string, string]>([
    [
      'a look-up',
      warning('SMTP error from remote mail server after RCPT TO: 451 4.3.0 Temporary lookup failure'),
    ],
    ['a connection', warning('connection failed: Connection refused')],
    ['its last attempt', `${MISSION}\n451 4.4.1 Delivery failed so far. It will be retried until Friday.`],
    ['one without a promise', `${MISSION}\n451 4.3.0 failure. The message still remains undelivered.`],
  ])('has not given up for a failure of %s', (_, text) => {
    expect(bounce(text)).toMatchObject({ kind: 'delay', recipients: [MISSION] });
  });

  test.each<[string, string, string]>([
    ['for good', `${MISSION}\n550 5.1.1 User unknown\nThis is a permanent error.`, 'hard bounce'],
    ['in code', `${MISSION}\n550 5.1.1 User unknown\nDelivery failed. No action is required.`, 'hard bounce'],
    ['after all attempts', `${warning('451 4.3.0 failure')}\nWe have given up.`, 'soft bounce'],
    ['after a delay', `Delivery failed after a delay.\n${MISSION}\n452 4.2.2 full`, 'soft bounce'],
  ])('has given up where it says so: %s', (_, text, kind) => {
    expect(bounce(text)).toMatchObject({ kind });
  });
});
