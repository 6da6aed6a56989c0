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
import { SUMMARY } from '@app/proceedings';
import { WORDINGS, type DialogueNow } from '../recipients/dialogues';
import { asWorded } from '../wording/own-words';
import { MailLinks } from '../recipients/links.service';
import { loadRegistrants } from '../recipients/registrants';
import { fullName } from '../recipients/registration-mails.service';
import { summaryMail, type MailedNote } from './summary.mail';
import { staleSummary } from './summary.rules';

/** A dialogue as it is now, with its note; null: none is published. */
interface NoteNow extends Pick<
  DialogueNow,
  'id' | 'slug' | 'title' | 'startsAt' | 'timeZone' | 'venue' | 'hosts' | 'wordings'
> {
  document: MailedNote | null;
}

/** Renders the mail that brings the note for file: a page in two statements. */
@Injectable()
export class SummaryMails implements MailRenderer {
  readonly kind = SUMMARY;

  constructor(
    private readonly dataSource: DataSource,
    private readonly links: MailLinks,
  ) {}

  async render(mails: Mail[], look?: Look): Promise<Map<string, ComposedMail | Stale>> {
    const { manager = this.dataSource.manager, assumed } = look ?? {};
    const registrants = await loadRegistrants(manager, mails);
    const notes: NoteNow[] = await manager.query(
      `SELECT d.id, d.slug, n.published AS document, d.title, d.starts_at AS "startsAt", d.time_zone AS "timeZone", d.venue,
         d.hosts, ${WORDINGS} AS wordings
       FROM dialogues d LEFT JOIN notes n ON n.dialogue_id = d.id AND n.published_at IS NOT NULL
       WHERE d.id = ANY($1)`,
      [[...new Set(registrants.map(({ dialogueId }) => dialogueId))]],
    );
    const byDialogue = new Map(notes.map((note) => [note.id, note]));
    return new Map(
      registrants.map((loaded): [string, ComposedMail | Stale] => {
        const registrant = { ...loaded, ...assumed?.subject };
        const dialogue = { ...byDialogue.get(registrant.dialogueId)!, ...assumed?.dialogue };
        const note = dialogue.document ?? (assumed?.note as MailedNote | undefined) ?? null;
        const { newerQueued } = registrant;
        const stale = staleSummary({ published: note !== null, registration: registrant, newerQueued });
        if ((stale !== null && !look) || !note) return [registrant.mailId, { stale: stale ?? '' }];
        const language = look?.language ?? readerLanguage(registrant.language, note.working_languages);
        const name = fullName(registrant, language);
        const content = summaryMail({ name, note, url: this.links.note(dialogue.slug) }, language);
        const { timeZone } = registrant;
        const mail = compose(
          {
            to: { name: registrant.name, address: registrant.email },
            fromName: note.hosts[0] ?? '',
          },
          asWorded(this.kind.name, content, language, { name, timeZone, dialogue }),
          language,
        );
        return [registrant.mailId, mail];
      }),
    );
  }
}
