import type { ComposedMail, Mail } from '@app/mail';
import type { TestApi } from './api';

/** A mail as its renderer writes it now. @throws Error with the reason when it is no longer warranted. */
export async function writtenBy(api: TestApi, kind: string, mail: Mail): Promise<ComposedMail> {
  const { MailRenderers } = require('@app/mail') as typeof import('@app/mail');
  const rendered = (await api.app.get(MailRenderers, { strict: false }).of(kind).render([mail])).get(mail.id);
  if (!rendered) throw new Error('What it was about is gone.');
  if ('stale' in rendered) throw new Error(rendered.stale);
  return rendered;
}
