import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { CalendarMethod } from './calendar/calendar';
import type { MailContent } from './content/mail-content';
import type { Language } from './languages/languages';
import type { Mail } from './mail.entity';
import { mailKinds, type MailKind } from './mail-kind';

/** A picture inside the mail, which its HTML part shows as `cid:<id>`. */
export interface MailImage {
  id: string;
  name: string;
  /** Media type. */
  type: string;
  content: Buffer;
}

/** A mail ready to be sent, in its reader's language. */
export interface ComposedMail {
  to: { name: string; address: string };
  /** Display name of the sender, usually the first host. */
  fromName: string;
  /** The language it is written in, BCP 47. */
  language: string;
  subject: string;
  html: string;
  text: string;
  /** A calendar entry; `method` stands both in the MIME part and in the calendar (RFC 5546). */
  calendar?: { method: CalendarMethod; content: string };
  /** What the HTML part shows; nothing is fetched from elsewhere. */
  images?: MailImage[];
  /** Whether it is in an organiser's own words; see `MailContent`. */
  wording?: MailContent['wording'];
  /** The paragraph that an organiser may replace, while it is Plenary's. */
  opening?: string;
}

/** Why a mail is no longer warranted. */
export interface Stale {
  stale: string;
}

/** To look at a mail without sending it: it is written even if it is no longer, or not yet, warranted. */
export interface Look {
  /** Of the transaction in which it is looked at; left out: none. */
  manager?: EntityManager;
  /** The language to write it in; left out: the reader's. */
  language?: Language;
  /** What is taken to be so, whatever is: a preview of the cancellation is of a dialogue that is cancelled. */
  assumed?: { dialogue?: object; subject?: object; note?: object };
}

/** Turns a page of ledger rows of one kind into mails, from data loaded fresh (design, idea 4), in few statements. */
export interface MailRenderer {
  readonly kind: MailKind;
  /** The key is the id of the ledger row. A row that is missing from the answer is stale: its subject is gone. */
  render(mails: Mail[], look?: Look): Promise<Map<string, ComposedMail | Stale>>;
}

/** Who renders which kind. `notifications` registers a renderer for each kind. */
@Injectable()
export class MailRenderers {
  private readonly renderers = new Map<string, MailRenderer>();

  register(renderer: MailRenderer): void {
    this.renderers.set(renderer.kind.name, renderer);
  }

  /** @throws Error when nobody renders this kind. */
  of(kind: string): MailRenderer {
    const renderer = this.renderers.get(kind);
    if (!renderer) throw new Error(`No renderer for mails of kind ${kind}.`);
    return renderer;
  }

  /** Boot fails when a declared kind has no renderer. @throws Error that names the kinds. */
  assertComplete(): void {
    const missing = mailKinds().filter((kind) => !this.renderers.has(kind.name));
    if (missing.length > 0) {
      throw new Error(`Nobody renders mails of kind ${missing.map((kind) => kind.name).join(', ')}.`);
    }
  }
}
