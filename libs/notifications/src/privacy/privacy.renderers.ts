import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import {
  compose,
  foreign,
  readerLanguage,
  type ComposedMail,
  type Language,
  type Look,
  type Mail,
  type MailContent,
  type MailRenderer,
  type Stale,
} from '@app/mail';
import { ERASED, JOIN_GENERATION, PERSONAL_CODE, PURGED } from '@app/participants';
import { Links } from '@app/platform';
import { loadDialogues, type DialogueNow } from '../recipients/dialogues';
import type { Participant } from '../calendar/calendar-event';
import { fullName, RegistrationMails } from '../recipients/registration-mails.service';
import { titleOf } from '../wording/dialogue.wording';
import { codeMail, erasedMail, purgedMail } from './privacy.mail';
import { staleCode } from './privacy.rules';

/** A code as it is now, with whom it is about. */
interface CodeNow {
  mailId: string;
  id: string;
  honorific: string | null;
  name: string;
  address: string;
  language: string;
  isNewAddress: boolean;
  used: boolean;
  expired: boolean;
  newest: boolean;
}

/** Renders what is said about people's own data: a page of mails in two statements. */
@Injectable()
export class PrivacyMails {
  constructor(
    private readonly dataSource: DataSource,
    private readonly links: Links,
    private readonly registrationMails: RegistrationMails,
  ) {}

  renderers(): MailRenderer[] {
    return [
      { kind: PERSONAL_CODE, render: (mails, look) => this.codes(mails, look) },
      {
        kind: ERASED,
        // Nothing but the ledger knows them any more.
        render: (mails, look) =>
          this.fromLedger(mails, look, ({ parameters }, { name, title }, language) =>
            erasedMail({ name, title, withdrawn: parameters.withdrawn === true }, language),
          ),
      },
      {
        kind: PURGED,
        render: (mails, look) =>
          this.fromLedger(mails, look, ({ parameters: { days, ...counts } }, { name, title }, language) =>
            purgedMail({ name, title, days: days === null ? null : Number(days), counts }, language),
          ),
      },
    ];
  }

  private async codes(mails: Mail[], look?: Look): Promise<Map<string, ComposedMail | Stale>> {
    const { manager = this.dataSource.manager, assumed } = look ?? {};
    const dialogues = await this.dialoguesOf(manager, mails);
    const codes: CodeNow[] = await manager.query(
      `SELECT m.id::text AS "mailId", c.id, r.honorific, r.name, coalesce(c.new_email, r.email) AS address, r.language,
         c.new_email IS NOT NULL AS "isNewAddress", c.used_at IS NOT NULL AS used, c.expires_at <= now() AS expired,
         NOT EXISTS (SELECT FROM personal_codes newer WHERE newer.registration_id = c.registration_id
           AND (newer.created_at, newer.id) > (c.created_at, c.id)) AS newest
       FROM mails m JOIN personal_codes c ON c.id = split_part(m.dedupe_key, ':', 2)::uuid
       JOIN registrations r ON r.id = c.registration_id WHERE m.id = ANY($1::bigint[])`,
      [mails.map(({ id }) => id)],
    );
    const byId = new Map(codes.map((code) => [code.mailId, { ...code, ...assumed?.subject }]));
    return new Map(
      mails.flatMap((mail): [string, ComposedMail | Stale][] => {
        const code = byId.get(mail.id);
        const dialogue = dialogues.get(mail.dialogueId!);
        if (!code || !dialogue) return [];
        const stale = staleCode(code);
        if (stale !== null && !look) return [[mail.id, { stale }]];
        const language = look?.language ?? readerLanguage(code.language, dialogue.workingLanguages);
        const content = codeMail(
          {
            name: fullName(code, language),
            title: titleOf(dialogue, language),
            code: this.links.code(code.id),
            isNewAddress: code.isNewAddress,
          },
          language,
        );
        const to = { name: code.name, address: code.address };
        return [[mail.id, compose({ to, fromName: dialogue.hosts[0] ?? '' }, content, language)]];
      }),
    );
  }

  private async fromLedger(
    mails: Mail[],
    look: Look | undefined,
    write: (mail: Mail, words: { name: string; title: string }, language: Language) => MailContent,
  ): Promise<Map<string, ComposedMail | Stale>> {
    const manager = look?.manager ?? this.dataSource.manager;
    const dialogues = await this.dialoguesOf(manager, mails);
    const leavers = await loadLeavers(manager, mails);
    return new Map(
      mails.flatMap((mail): [string, ComposedMail | Stale][] => {
        const dialogue = dialogues.get(mail.dialogueId!);
        if (!dialogue || mail.recipient === '') return [];
        const language = look?.language ?? readerLanguage(mail.language, dialogue.workingLanguages);
        const words = { name: foreign(language, mail.recipientName), title: titleOf(dialogue, language) };
        const to = { name: mail.recipientName, address: mail.recipient };
        const leaver = leavers.get(mail.subjectId);
        const reader = leaver && { ...leaver, name: to.name, email: to.address };
        const frame = {
          to,
          fromName: dialogue.hosts[0] ?? '',
          ...(reader && {
            calendar: this.registrationMails.calendar('CANCEL', reader, dialogue, mail, language),
          }),
        };
        return [[mail.id, compose(frame, write(mail, words, language), language)]];
      }),
    );
  }

  private dialoguesOf(manager: EntityManager, mails: Mail[]): Promise<Map<string, DialogueNow>> {
    const ids = new Set(mails.flatMap(({ dialogueId }) => dialogueId ?? []));
    return loadDialogues(manager, [...ids]);
  }
}

/** Whose calendars hold an entry until their last mail takes it out (parameter `was_confirmed`), by registration. */
async function loadLeavers(manager: EntityManager, mails: Mail[]): Promise<Map<string, Participant>> {
  const ids = mails.filter(({ parameters }) => parameters.was_confirmed).map(({ subjectId }) => subjectId);
  if (ids.length === 0) return new Map();
  const leavers: Participant[] = await manager.query(
    `SELECT r.id, r.state, false AS "mayEnter", r.attends, r.participation_count AS "participationCount", ${JOIN_GENERATION} AS "joinGeneration"
     FROM registrations r WHERE r.id = ANY($1::uuid[])`,
    [ids],
  );
  return new Map(leavers.map((leaver) => [leaver.id, leaver]));
}
