import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Environment, Links } from '@app/platform';
import {
  calendarText,
  compose,
  foreign,
  honoured,
  readerLanguage,
  returnAddress,
  t,
  type CalendarMethod,
  type ComposedMail,
  type Language,
  type Look,
  type Mail,
  type MailKind,
  type MailRenderer,
  type MailWriter,
  type Stale,
} from '@app/mail';
import { participantsEvent, type Participant } from '../calendar/calendar-event';
import { asWorded } from '../wording/own-words';
import { loadDialogues, type DialogueNow } from './dialogues';
import { MailLinks } from './links.service';
import { loadRegistrants, type RegistrantNow } from './registrants';

/** What a mail to someone registered is written from. */
export interface RegistrationMail {
  registrant: RegistrantNow;
  dialogue: DialogueNow;
  /** What the ledger kept; see the kind. */
  parameters: Mail['parameters'];
  dedupeKey: string;
  /** For whom it was queued. */
  recipient: { name: string; address: string };
  links: MailLinks;
}

/** How a kind of mail about a registration is rendered. */
export interface RegistrationMailKind {
  kind: MailKind;
  /** Why it is no longer warranted; null when it is. */
  stale: (mail: RegistrationMail) => string | null;
  write: MailWriter<RegistrationMail>;
  /** As whom they are written to; left out: as they are now. */
  reader?: (mail: RegistrationMail) => RegistrantNow;
  /** What it does to the reader's calendar; null for nothing. */
  calendar?: (mail: RegistrationMail) => CalendarMethod | null;
}

/** Renders mails about registrations: loads a page of them fresh in two statements, whatever their kind. */
@Injectable()
export class RegistrationMails {
  constructor(
    private readonly dataSource: DataSource,
    private readonly links: MailLinks,
    private readonly environment: Environment,
    private readonly secrets: Links,
  ) {}

  renderer(how: RegistrationMailKind): MailRenderer {
    return { kind: how.kind, render: (mails, look) => this.render(how, mails, look) };
  }

  private async render(
    how: RegistrationMailKind,
    mails: Mail[],
    look?: Look,
  ): Promise<Map<string, ComposedMail | Stale>> {
    const { manager = this.dataSource.manager, assumed } = look ?? {};
    const registrants = await loadRegistrants(manager, mails);
    const dialogues = await loadDialogues(
      manager,
      [...new Set(registrants.map((row) => row.dialogueId))],
      assumed?.dialogue,
    );
    const byId = new Map(mails.map((mail) => [mail.id, mail]));
    return new Map(
      registrants.map((loaded): [string, ComposedMail | Stale] => {
        const registrant = { ...loaded, ...assumed?.subject };
        const row = byId.get(registrant.mailId)!;
        const dialogue = dialogues.get(registrant.dialogueId)!;
        const { parameters, dedupeKey, recipientName: name, recipient: address } = row;
        const recipient = { name, address };
        const mail = { registrant, dialogue, parameters, dedupeKey, recipient, links: this.links };
        const stale = look ? null : how.stale(mail);
        if (stale !== null) return [row.id, { stale }];
        const written = { ...mail, registrant: how.reader?.(mail) ?? registrant };
        return [row.id, this.compose(how, written, row, look?.language)];
      }),
    );
  }

  private compose(
    how: RegistrationMailKind,
    mail: RegistrationMail,
    row: Mail,
    wanted?: Language,
  ): ComposedMail {
    const { registrant, dialogue } = mail;
    const language = wanted ?? readerLanguage(registrant.language, dialogue.workingLanguages);
    const name = how.kind.namesNobody ? null : fullName(registrant, language);
    const { timeZone } = registrant;
    const method = how.calendar?.(mail) ?? null;
    const content = asWorded(how.kind.name, how.write(mail, language), language, {
      name,
      timeZone,
      dialogue,
    });
    // The server found it too large as it was: the entry is where a program can fetch it. The secret of a feed is not for
    // somebody who is written to as they were, at an address that may be a stranger's by now.
    if (method && row.withoutAttachments && !how.reader) {
      const url = this.links.feed(registrant.id, registrant.linkGeneration);
      content.blocks.push(
        { kind: 'paragraph', text: t(language, 'mail.calendar_left_out') },
        { kind: 'list', items: [{ label: url, url }] },
      );
    }
    return compose(
      {
        to: { name: how.kind.namesNobody ? '' : registrant.name, address: registrant.email },
        fromName: dialogue.hosts[0] ?? '',
        ...(method && {
          calendar: this.calendar(method, registrant, dialogue, row, language),
        }),
      },
      content,
      language,
    );
  }

  /**
   * What a mail does to the entry in its reader's calendar.
   * @param reader as they are written to; of somebody erased only the ledger row knows it.
   * @param row the ledger row: the entry is of when it was caused and not of when it was sent, so that a second attempt
   * says the same.
   */
  calendar(
    method: CalendarMethod,
    reader: Participant & { name: string; email: string },
    dialogue: DialogueNow,
    row: Pick<Mail, 'createdAt'>,
    language: Language,
  ): NonNullable<ComposedMail['calendar']> {
    const from = this.environment.MAIL_FROM;
    const content = calendarText({
      ...participantsEvent(reader, dialogue, {
        language,
        stamp: row.createdAt,
        links: this.links,
        domain: from.split('@')[1]!,
      }),
      method,
      organizer: {
        name: dialogue.hosts[0] ?? from,
        // With a secret of this registration: what its owner's calendar program answers can be believed.
        address: returnAddress(this.environment, this.secrets, 'calendar', reader.id) ?? from,
      },
      attendee: { name: reader.name, address: reader.email },
    });
    return { method, content };
  }
}

/** Honorific and name, as written. */
export function fullName(reader: { honorific: string | null; name: string }, language: Language): string {
  return foreign(language, honoured(reader));
}
