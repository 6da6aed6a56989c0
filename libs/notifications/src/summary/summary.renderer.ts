import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import {
  compose,
  readerLanguage,
  type ComposedMail,
  type Mail,
  type MailRenderer,
  type Stale,
} from '@app/mail';
import { SUMMARY, type NoteDocument } from '@app/proceedings';
import { MailLinks } from '../recipients/links.service';
import { loadRegistrants } from '../recipients/registrants';
import { fullName } from '../recipients/registration-mails.service';
import { summaryMail } from './summary.mail';
import { staleSummary } from './summary.rules';

/** Renders the mail that brings the note for file: a page in two statements. */
@Injectable()
export class SummaryMails implements MailRenderer {
  readonly kind = SUMMARY;

  constructor(
    @Inject(DataSource) private readonly dataSource: DataSource,
    @Inject(MailLinks) private readonly links: MailLinks,
  ) {}

  async render(mails: Mail[]): Promise<Map<string, ComposedMail | Stale>> {
    const { manager } = this.dataSource;
    const registrants = await loadRegistrants(manager, mails);
    const notes: { dialogueId: string; slug: string; document: NoteDocument }[] = await manager.query(
      `SELECT d.id AS "dialogueId", d.slug, n.published AS document
       FROM notes n JOIN dialogues d ON d.id = n.dialogue_id
       WHERE n.published_at IS NOT NULL AND d.id = ANY($1)`,
      [[...new Set(registrants.map(({ dialogueId }) => dialogueId))]],
    );
    const byDialogue = new Map(notes.map((note) => [note.dialogueId, note]));
    return new Map(
      registrants.map((registrant): [string, ComposedMail | Stale] => {
        const note = byDialogue.get(registrant.dialogueId);
        const { newerQueued } = registrant;
        const stale = staleSummary({ published: note !== undefined, registration: registrant, newerQueued });
        if (stale !== null || !note) return [registrant.mailId, { stale: stale ?? '' }];
        const language = readerLanguage(registrant.language, note.document.working_languages);
        const mail = compose(
          {
            to: { name: registrant.name, address: registrant.email },
            fromName: note.document.hosts[0] ?? '',
          },
          summaryMail(
            { name: fullName(registrant, language), note: note.document, url: this.links.note(note.slug) },
            language,
          ),
          language,
        );
        return [registrant.mailId, mail];
      }),
    );
  }
}
