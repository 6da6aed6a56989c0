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
import { UNDELIVERED } from '@app/participants';
import { MailLinks } from '../recipients/links.service';
import { MANAGERS, TOLD } from './returns-teller.service';
import { undeliveredMail, type Unreached } from './undelivered.mail';

/** A list that nobody reads to its end says less than a number. */
const NAMED_AT_MOST = 30;

/** An organiser, and what did not arrive. */
interface OrganiserNow {
  mailId: string;
  dialogueId: string;
  name: string;
  email: string;
  language: string;
  title: string;
  count: number;
  unreached: Unreached[];
  manages: boolean;
}

/** Renders the mails that tell organisers what did not arrive: a page in one statement. */
@Injectable()
export class UndeliveredMails implements MailRenderer {
  readonly kind = UNDELIVERED;

  constructor(
    private readonly dataSource: DataSource,
    private readonly links: MailLinks,
  ) {}

  async render(mails: Mail[], look?: Look): Promise<Map<string, ComposedMail | Stale>> {
    const { manager = this.dataSource.manager } = look ?? {};
    const rows: OrganiserNow[] = await manager.query(
      `SELECT m.id::text AS "mailId", d.id AS "dialogueId", o.name, o.email, o.language, d.title,
         o.id IN (${MANAGERS}) AS manages, came_back.count, came_back.unreached
       FROM mails m JOIN organisers o ON o.id = m.subject_id JOIN dialogues d ON d.id = m.dialogue_id
       CROSS JOIN LATERAL (
         SELECT count(*)::int AS count, coalesce(jsonb_agg(jsonb_build_object('name', of.name, 'address', of.address,
           'diagnostic', of.diagnostic) ORDER BY of.position) FILTER (WHERE of.position <= ${NAMED_AT_MOST}), '[]') AS unreached
         FROM (
           SELECT lost.recipient_name AS name, lost.recipient AS address, coalesce(r.diagnostic, '') AS diagnostic,
             row_number() OVER (ORDER BY r.id) AS position
           FROM mail_returns r JOIN mails lost ON lost.id = r.mail_id
           WHERE r.dialogue_id = d.id AND r.id BETWEEN (m.parameters->>'first')::bigint AND (m.parameters->>'last')::bigint
             AND lost.recipient <> '' AND ${TOLD}) AS of) AS came_back
       WHERE m.id = ANY($1::bigint[])`,
      [mails.map(({ id }) => id)],
    );
    return new Map(
      rows.map((row): [string, ComposedMail | Stale] => {
        if (!row.manages && !look) return [row.mailId, { stale: 'They no longer manage the dialogue.' }];
        if (row.count === 0 && !look) return [row.mailId, { stale: 'Nothing is left of it to tell.' }];
        const language = look?.language ?? readerLanguage(row.language);
        const content = undeliveredMail({ ...row, page: this.links.organiserPage() }, language);
        const to = { name: row.name, address: row.email };
        return [row.mailId, compose({ to, fromName: 'Plenary' }, content, language)];
      }),
    );
  }
}
