import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { SIGN_IN } from '@app/accounts';
import {
  compose,
  readerLanguage,
  type ComposedMail,
  type Mail,
  type MailRenderer,
  type Stale,
} from '@app/mail';
import { MailLinks } from '../recipients/links.service';
import { signInMail } from './sign-in.mail';
import { staleSignIn } from './sign-in.rules';

/** A one-time link as it is now, with whom it signs in. */
interface SignInLinkNow {
  id: string;
  used: boolean;
  expired: boolean;
  expiresAt: Date;
  name: string;
  email: string;
  language: string;
  timeZone: string;
}

/** Renders the mails with one-time links: a page in one statement. */
@Injectable()
export class SignInMails implements MailRenderer {
  readonly kind = SIGN_IN;

  constructor(
    private readonly dataSource: DataSource,
    private readonly links: MailLinks,
  ) {}

  async render(mails: Mail[]): Promise<Map<string, ComposedMail | Stale>> {
    const links: SignInLinkNow[] = await this.dataSource.query(
      `SELECT l.id, l.used_at IS NOT NULL AS used, l.expires_at <= now() AS expired, l.expires_at AS "expiresAt",
         o.name, o.email, o.language, o.time_zone AS "timeZone"
       FROM sign_in_links l JOIN organisers o ON o.id = l.organiser_id WHERE l.id = ANY($1)`,
      [mails.map(({ subjectId }) => subjectId)],
    );
    const byId = new Map(links.map((link) => [link.id, link]));
    return new Map(
      mails.flatMap((row): [string, ComposedMail | Stale][] => {
        const link = byId.get(row.subjectId);
        if (!link) return [];
        const stale = staleSignIn(link);
        if (stale !== null) return [[row.id, { stale }]];
        const language = readerLanguage(link.language);
        const content = signInMail({ ...link, url: this.links.signIn(link.id) }, language);
        const to = { name: link.name, address: link.email };
        return [[row.id, compose({ to, fromName: 'Plenary' }, content, language)]];
      }),
    );
  }
}
