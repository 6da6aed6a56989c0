import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import {
  compose,
  readerLanguage,
  type ComposedMail,
  type Mail,
  type MailRenderer,
  type Stale,
} from '@app/mail';
import { APPROVALS_WAITING, MAY_APPROVE, WAITING_FOR, whoWaits, type Waiting } from '@app/participants';
import { MailLinks } from '../recipients/links.service';
import { approvalsWaitingMail } from './approvals-waiting.mail';

/** A list that nobody reads to its end says less than a number. */
const NAMED_AT_MOST = 30;

/** An approver, and what waits for them now. */
interface ApproverNow {
  mailId: string;
  dialogueId: string;
  name: string;
  email: string;
  language: string;
  title: string;
  waiting: number;
  /** The first of them. */
  people: Waiting[];
  mayApprove: boolean;
}

/** Renders the mails that tell approvers what waits for them: a page in one statement. */
@Injectable()
export class ApprovalsWaitingMails implements MailRenderer {
  readonly kind = APPROVALS_WAITING;

  constructor(
    private readonly dataSource: DataSource,
    private readonly links: MailLinks,
  ) {}

  async render(mails: Mail[]): Promise<Map<string, ComposedMail | Stale>> {
    const rows: ApproverNow[] = await this.dataSource.query(
      `SELECT m.id::text AS "mailId", d.id AS "dialogueId", o.name, o.email, o.language, d.title,
         ${WAITING_FOR} AS waiting,
         ${whoWaits(NAMED_AT_MOST)} AS people, (${MAY_APPROVE}) AS "mayApprove"
       FROM mails m JOIN organisers o ON o.id = m.subject_id JOIN dialogues d ON d.id = m.dialogue_id
       WHERE m.id = ANY($1::bigint[])`,
      [mails.map(({ id }) => id)],
    );
    return new Map(
      rows.map((row): [string, ComposedMail | Stale] => {
        if (!row.mayApprove) return [row.mailId, { stale: 'They may no longer approve.' }];
        if (row.waiting === 0) return [row.mailId, { stale: 'Nothing waits for them any more.' }];
        const language = readerLanguage(row.language);
        const content = approvalsWaitingMail(
          {
            name: row.name,
            title: row.title,
            waiting: row.waiting,
            people: row.people,
            page: this.links.organiserPage(),
          },
          language,
        );
        const to = { name: row.name, address: row.email };
        return [row.mailId, compose({ to, fromName: 'Plenary' }, content, language)];
      }),
    );
  }
}
