import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { Language } from '@app/mail';
import { prepared, Problem } from '@app/platform';
import { SharedWork } from '../../http/shared-work';

/** How many written pages are kept, some 20 kB each: the languages of the dialogues that are asked for now. */
const MOST_PAGES = 300;

/** SQL of which versions of which rows there are; two are the same only when nothing in them is another. */
function versions(rows: string): string {
  return `(SELECT string_agg(x.xmin::text || x.ctid::text, ' ' ORDER BY x.ctid) FROM ${rows})`;
}

/**
 * What the page is written from: each table that it reads, and the day and the end, by which questions and the form go.
 * Whatever else the page shall show has to be added here.
 */
const WRITTEN_FROM = `SELECT d.ends_at <= now() AS over, ROW((now() AT TIME ZONE 'UTC')::date, d.ends_at <= now(), d.xmin, d.ctid,
    ${versions('agenda_sessions x WHERE x.dialogue_id = d.id')},
    ${versions('agenda_sessions s JOIN agenda_items x ON x.session_id = s.id WHERE s.dialogue_id = d.id')},
    ${versions('mechanisms x WHERE x.organiser_id = d.organiser_id')},
    ${versions('questions x WHERE x.dialogue_id = d.id')},
    ${versions('privacy_notices x WHERE x.dialogue_id = d.id')},
    ${versions('notes x WHERE x.dialogue_id = d.id')})::text AS "writtenFrom"
  FROM dialogues d WHERE d.slug = $1 AND d.published_at IS NOT NULL`;

interface Now {
  /** Whether the dialogue's end has passed, by the database's clock. */
  over: boolean;
  writtenFrom: string;
}

/**
 * Keeps the public pages of dialogues as they were last written, and asks the database each time whether they would still be
 * written so: one statement, for all who ask at the same moment. What was changed before a page was asked for is in it.
 */
@Injectable()
export class PublicDialoguePages {
  private readonly asked = new SharedWork<Now>();
  private readonly writing = new SharedWork<Buffer>();
  private readonly kept = new Map<string, { writtenFrom: string; html: Buffer }>();

  constructor(private readonly dataSource: DataSource) {}

  /** The page in a language. @param write writes it from what is so now. @throws Problem 404 */
  async page(slug: string, language: Language, write: (over: boolean) => Promise<string>): Promise<Buffer> {
    const { over, writtenFrom } = await this.asked.do(slug, () => this.now(slug));
    const key = `${language} ${slug}`;
    const kept = this.kept.get(key);
    if (kept?.writtenFrom === writtenFrom) return kept.html;
    return this.writing.do(key, async () => {
      const html = Buffer.from(await write(over));
      // Changed while it was written: good enough for who asked before that, and for nobody later.
      if ((await this.now(slug)).writtenFrom === writtenFrom) this.keep(key, writtenFrom, html);
      return html;
    });
  }

  private keep(key: string, writtenFrom: string, html: Buffer): void {
    this.kept.delete(key);
    this.kept.set(key, { writtenFrom, html });
    if (this.kept.size > MOST_PAGES) this.kept.delete(this.kept.keys().next().value!);
  }

  private async now(slug: string): Promise<Now> {
    const [now] = await prepared<Now>(this.dataSource, WRITTEN_FROM, [slug]);
    if (!now) throw Problem.notFound('dialogue');
    return now;
  }
}
