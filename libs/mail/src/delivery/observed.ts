import { inSpan, renderSeconds, smtpSeconds } from '@app/platform';

/** Writes a page of mails, with how long it took. */
export async function observedRender<Result>(
  kind: string,
  mails: number,
  render: () => Promise<Result>,
): Promise<Result> {
  const end = renderSeconds.startTimer({ kind });
  try {
    return await inSpan('write mails', { kind, mails }, render);
  } finally {
    end();
  }
}

/** One SMTP transaction, with how long it took, well or not. */
export async function observedSend(kind: string, send: () => Promise<string>): Promise<string> {
  const end = smtpSeconds.startTimer();
  try {
    return await inSpan('SMTP transaction', { kind }, send);
  } finally {
    end();
  }
}
