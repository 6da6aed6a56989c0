import { createTransport, type SendMailOptions, type Transporter } from 'nodemailer';
import { Mailbox, type MailboxOptions } from './smtp-sink';

describe('the SMTP server of the tests', () => {
  let mailbox: Mailbox;
  let transport: Transporter;

  async function open(options: MailboxOptions = {}): Promise<void> {
    mailbox = await Mailbox.open(options);
    transport = createTransport({ url: mailbox.url, pool: true, maxConnections: 2 } as never);
  }
  afterEach(async () => {
    transport.close();
    await mailbox.close();
  });
  const send = (mail: SendMailOptions = {}) =>
    transport.sendMail({
      from: 'secretariat@plenary.example',
      to: 'delegate@mission.example',
      subject: 'Réunion',
      text: 'Bonjour',
      ...mail,
    });

  test('keeps what it accepts, with envelope and content', async () => {
    await open();
    await send({ to: 'Delegate@mission.example', bcc: 'archive@plenary.example' });
    const [mail] = await mailbox.waitFor(1);
    expect(mail).toMatchObject({
      number: 1,
      from: 'secretariat@plenary.example',
      to: ['Delegate@mission.example', 'archive@plenary.example'],
      acknowledged: true,
    });
    expect(await mail!.parsed()).toMatchObject({ subject: 'Réunion', text: 'Bonjour\n' });
    expect(mailbox.to('delegate@MISSION.example')).toHaveLength(1);
    expect(mailbox.to('nobody@mission.example')).toHaveLength(0);
    mailbox.clear();
    expect(mailbox.mails).toHaveLength(0);
  });

  test('waits for the mail that fits, and says what it holds when that does not come', async () => {
    await open();
    const waiting = mailbox.waitFor(async (mail) => (await mail.parsed()).subject === 'second', 5_000);
    await send({ subject: 'first' });
    await send({ subject: 'second' });
    expect((await waiting).map((mail) => mail.number)).toEqual([2]);
    await expect(mailbox.waitFor(3, 50)).rejects.toThrow(/2 of 3 expected mails.*first.*second/s);
  });

  test('takes a thousand mails at once over a few connections', async () => {
    await open();
    await Promise.all(Array.from({ length: 1_000 }, (_, index) => send({ subject: `${index}` })));
    expect(mailbox.mails).toHaveLength(1_000);
    expect(mailbox.connections).toBeLessThanOrEqual(20);
  });

  test('refuses a recipient or a whole message with the code it was told', async () => {
    await open({
      behaviour: ({ stage }) => (stage === 'recipient' ? { reply: 550, text: '5.1.1 unknown' } : undefined),
    });
    await expect(send()).rejects.toMatchObject({ responseCode: 550 });
    mailbox.behave(({ stage }) => (stage === 'received' ? { reply: 451, text: '4.3.0 later' } : undefined));
    await expect(send()).rejects.toMatchObject({
      responseCode: 451,
      response: expect.stringContaining('later'),
    });
    expect(mailbox.mails).toHaveLength(0);
    mailbox.behave();
    await send();
    expect(mailbox.mails).toHaveLength(1);
  });

  test('refuses to sign somebody in with the code it was told, and lets everyone else in', async () => {
    await open({
      behaviour: ({ stage }) => (stage === 'sign-in' ? { reply: 535, text: '5.7.8 no' } : undefined),
    });
    await send();
    const signingIn = createTransport({ url: mailbox.url.replace('//', '//user:password@') } as never);
    const mail = { from: 'secretariat@plenary.example', to: 'delegate@mission.example', text: 'Bonjour' };
    await expect(signingIn.sendMail(mail)).rejects.toMatchObject({ code: 'EAUTH', responseCode: 535 });
    mailbox.behave();
    await signingIn.sendMail(mail);
    expect(mailbox.mails).toHaveLength(2);
  });

  test('cuts the connection before DATA and has received nothing', async () => {
    await open({ behaviour: ({ stage }) => (stage === 'recipient' ? { cut: true } : undefined) });
    await expect(send()).rejects.toMatchObject({
      code: expect.stringMatching(/ECONNECTION|ESOCKET|ECONNRESET/),
    });
    expect(mailbox.mails).toHaveLength(0);
  });

  test('cuts the connection after the final dot and has the message, unacknowledged', async () => {
    await open({ behaviour: ({ stage }) => (stage === 'received' ? { cut: true } : undefined) });
    await expect(send()).rejects.toThrow(/closed|ECONNRESET/i);
    expect(mailbox.mails).toMatchObject([{ acknowledged: false }]);
  });

  test('waits as long as it was told before it answers', async () => {
    await open({ behaviour: ({ stage }) => (stage === 'received' ? { waitMs: 300 } : undefined) });
    const start = Date.now();
    await send();
    expect(Date.now() - start).toBeGreaterThanOrEqual(290);
  });

  test('refuses a message over its limit', async () => {
    await open({ maxBytes: 1_000 });
    await expect(send({ text: 'x'.repeat(2_000) })).rejects.toMatchObject({ responseCode: 552 });
    expect(mailbox.mails).toHaveLength(0);
  });

  test('goes away and comes back on the same port with its mails', async () => {
    await open();
    await send();
    const { port } = mailbox;
    await mailbox.goAway();
    await expect(send()).rejects.toThrow('ECONNREFUSED');
    await mailbox.comeBack();
    expect(mailbox.port).toBe(port);
    await send();
    expect(mailbox.mails).toHaveLength(2);
  });
});
