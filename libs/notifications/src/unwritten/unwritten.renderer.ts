import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import {
  compose,
  readerLanguage,
  type ComposedMail,
  type Look,
  type Mail,
  type MailRenderer,
  type Stale,
} from '@app/mail';
import { UNWRITTEN } from '@app/participants';
import { MailLinks } from '../recipients/links.service';
import { MANAGERS } from '../returns/returns-teller.service';
import { IS_UNWRITTEN } from './unwritten-teller.service';
import { unwrittenMail, type Waiting } from './unwritten.mail';

/** A list that nobody reads to its end says less than a number. */
const NAMED_AT_MOST = 30;

/** An organiser, and what waits. */
interface OrganiserNow {
  mailId: string;
  name: string;
  email: string;
  language: string;
  timeZone: string;
  title: string;
  count: number;
  waiting: Waiting[];
  since: Date | null;
  manages: boolean;
}

/** Renders the mails that notify organisers of mails that cannot be written: a page in one statement. */
@Injectable()
export class UnwrittenMails implements MailRenderer {
  readonly kind = UNWRITTEN;

  constructor(
    private readonly dataSource: DataSource,
    private readonly links: MailLinks,
  ) {}

  async render(mails: Mail[], look?: Look): Promise<Map<string, ComposedMail | Stale>> {
    const { manager = this.dataSource.manager } = look ?? {};
    const rows: OrganiserNow[] = await manager.query(
      `SELECT m.id::text AS "mailId", o.name, o.email, o.language, o.time_zone AS "timeZone", d.title,
         o.id IN (${MANAGERS}) AS manages, of.count, of.waiting, of.since
       FROM mails m JOIN organisers o ON o.id = m.subject_id JOIN dialogues d ON d.id = m.dialogue_id
       CROSS JOIN LATERAL (
         SELECT count(*)::int AS count, min(one.since) AS since, coalesce(jsonb_agg(jsonb_build_object('name', one.name,
           'address', one.address) ORDER BY one.position) FILTER (WHERE one.position <= ${NAMED_AT_MOST}), '[]') AS waiting
         FROM (
           SELECT lost.recipient_name AS name, lost.recipient AS address, lost.unwritten_since AS since,
             row_number() OVER (ORDER BY lost.id) AS position
           FROM mails lost WHERE lost.dialogue_id = d.id AND ${IS_UNWRITTEN}) AS one) AS of
       WHERE m.id = ANY($1::bigint[])`,
      [mails.map(({ id }) => id)],
    );
    return new Map(
      rows.map((row): [string, ComposedMail | Stale] => {
        if (!row.manages && !look) return [row.mailId, { stale: 'They no longer manage the dialogue.' }];
        if (row.since === null && !look) return [row.mailId, { stale: 'All could be written meanwhile.' }];
        const language = look?.language ?? readerLanguage(row.language);
        const page = this.links.organiserPage();
        const content = unwrittenMail({ ...row, since: row.since ?? new Date(), page }, language);
        return [
          row.mailId,
          compose({ to: { name: row.name, address: row.email }, fromName: 'Plenary' }, content, language),
        ];
      }),
    );
  }
}
