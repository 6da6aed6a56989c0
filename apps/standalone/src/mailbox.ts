import { freePort } from './embedded-postgres';

/** A mailbox for development: it takes every mail, delivers none, and shows them in a browser. */
export interface DevelopmentMailbox {
  /** For `SMTP_URL`. */
  smtpUrl: string;
  /** Where a person reads the mails. */
  webUrl: string;
  stop: () => Promise<void>;
}

/** Starts maildev on the loopback, on free ports; the mails of earlier starts are found again in `folder`. */
export async function startMailbox(folder: string): Promise<DevelopmentMailbox> {
  // An ESM package that lets itself only be imported.
  const { MailDev } = await import('maildev');
  const smtp = await freePort();
  const web = await freePort();
  const maildev = new MailDev({
    smtp,
    ip: '127.0.0.1',
    web,
    webIp: '127.0.0.1',
    mailDirectory: folder,
    maxEmails: 10_000,
    silent: true,
  });
  await maildev.start();
  return {
    smtpUrl: `smtp://127.0.0.1:${smtp}`,
    webUrl: `http://localhost:${web}`,
    stop: () => maildev.stop(),
  };
}
