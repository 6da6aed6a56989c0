import { Injectable } from '@nestjs/common';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { DataSource } from 'typeorm';
import { log, prepared, Problem, remember } from '@app/platform';
import { routeOf } from '../../http/route';
import { SharedWork } from '../../http/shared-work';

/** How many are kept, some 20 kB each: the forms and languages of the dialogues that are asked for now. */
const MOST_KEPT = 300;

/**
 * SQL of which versions of which rows there are. PostgreSQL writes a new version of a row with every change: `xmin` is the
 * transaction that wrote it, `ctid` the place where it stands. What is equal was not changed, nothing came and nothing went.
 */
function versions(rows: string): string {
  return `(SELECT string_agg(x.xmin::text || x.ctid::text, ' ' ORDER BY x.ctid) FROM ${rows})`;
}

/**
 * What all forms are written from: each table that they read, and the day and the end, by which questions and the form go.
 * Whatever else one of them shall show has to be added here.
 */
const WRITTEN_FROM = `SELECT d.ends_at <= now() AS over, ROW((now() AT TIME ZONE 'UTC')::date, d.ends_at <= now(), d.xmin, d.ctid,
    ${versions('agenda_sessions x WHERE x.dialogue_id = d.id')},
    ${versions('agenda_sessions s JOIN agenda_items x ON x.session_id = s.id WHERE s.dialogue_id = d.id')},
    ${versions('mechanisms x WHERE x.organiser_id = d.organiser_id')},
    ${versions('questions x WHERE x.dialogue_id = d.id')},
    ${versions('privacy_notices x WHERE x.dialogue_id = d.id')},
    ${versions('notes x WHERE x.dialogue_id = d.id')})::text AS "writtenFrom"
  FROM dialogues d WHERE d.slug = $1 AND d.published_at IS NOT NULL`;

/** What is asked for: a dialogue in one of its forms. */
export interface Shown {
  slug: string;
  /** The page in a language, the agenda as JSON. */
  form: string;
  /** What is said of the bytes; the same for everybody. */
  headers: Record<string, string>;
}

/** In characters. Whoever asks at more length gets the same answer, a little later. */
const LONGEST_QUESTION = 500;

interface Now {
  /** Whether the dialogue's end has passed, by the database's clock. */
  over: boolean;
  writtenFrom: string;
}

/**
 * Keeps what anybody may see of dialogues as it was last written, and asks the database each time whether it would still be
 * written so: one statement, for all who ask at the same moment. What was changed before somebody asked is in it.
 */
@Injectable()
export class PublicDialogues {
  private readonly asked = new SharedWork<Now>();
  private readonly writing = new SharedWork<Buffer>();
  private readonly kept = new Map<string, { writtenFrom: string; bytes: Buffer }>();
  /** What was asked before, and what it asks for. */
  private readonly questions = new Map<string, Shown>();
  /** How often each address was answered as kept, and not told yet. */
  private readonly answered = new Map<string, number>();

  constructor(private readonly dataSource: DataSource) {}

  /**
   * Answers with a dialogue in one of its forms.
   * @param write writes it from what is so now.
   * @throws Problem 404
   */
  async answer(
    request: FastifyRequest,
    reply: FastifyReply,
    shown: Shown,
    write: (over: boolean) => Promise<string>,
  ): Promise<void> {
    const bytes = await this.written(shown, write);
    const question = questionOf(request);
    if (question) remember(this.questions, question, () => shown);
    await reply.headers(shown.headers).send(bytes);
  }

  /**
   * Lets a question that was asked before be answered at once with what is kept, if it would still be written so: past hooks,
   * Nest and a line in the log of its own, each of which costs as much as such an answer. Anything else takes that way. To be
   * called before any hook is added.
   * @param headers what every answer says now.
   */
  answerFirst(server: FastifyInstance, headers: () => Record<string, string>): void {
    server.addHook('onRequest', (request, reply, done) => {
      const question = questionOf(request);
      const shown = question && this.questions.get(question);
      if (!shown) {
        done();
        return;
      }
      const send = (bytes: Buffer): void => {
        reply.hijack();
        const said = { 'x-request-id': request.id, ...headers(), ...shown.headers };
        reply.raw.writeHead(200, { ...said, 'content-length': bytes.length }).end(bytes);
        // There is a dialogue of that name, and the rest is a route: nothing secret is in it.
        this.count(routeOf(request)!.replace(':slug', shown.slug));
      };
      this.current(shown)
        // There is no such dialogue any more, or the database is away: told as ever.
        .catch(() => undefined)
        .then((bytes) => (bytes ? send(bytes) : done()))
        .catch((error: Error) => {
          log.error({ err: error }, 'kept, and not sent');
          reply.raw.destroy();
        });
    });
  }

  /** Tells once a second what was answered so, however often: who asks for a public page without end does not fill the log. */
  private count(path: string): void {
    if (this.answered.size === 0) {
      setTimeout(() => {
        for (const [answered, times] of this.answered)
          log.info({ path: answered, times }, 'answered as kept');
        this.answered.clear();
      }, 1_000).unref();
    }
    this.answered.set(path, (this.answered.get(path) ?? 0) + 1);
  }

  private async written(shown: Shown, write: (over: boolean) => Promise<string>): Promise<Buffer> {
    const bytes = await this.current(shown);
    if (bytes) return bytes;
    const { slug } = shown;
    const key = keyOf(shown);
    return this.writing.do(key, async () => {
      const before = await this.now(slug);
      const fresh = Buffer.from(await write(before.over));
      // Changed while it was written: good enough for who asked before that, and for nobody later.
      const after = await this.now(slug);
      if (after.writtenFrom === before.writtenFrom) this.keep(key, after.writtenFrom, fresh);
      return fresh;
    });
  }

  /** What is kept, if it would still be written so. @throws Problem 404 */
  private async current(shown: Shown): Promise<Buffer | undefined> {
    const { writtenFrom } = await this.asked.do(shown.slug, () => this.now(shown.slug));
    const kept = this.kept.get(keyOf(shown));
    return kept?.writtenFrom === writtenFrom ? kept.bytes : undefined;
  }

  private keep(key: string, writtenFrom: string, bytes: Buffer): void {
    this.kept.delete(key);
    this.kept.set(key, { writtenFrom, bytes });
    if (this.kept.size > MOST_KEPT) this.kept.delete(this.kept.keys().next().value!);
  }

  private async now(slug: string): Promise<Now> {
    const [now] = await prepared<Now>(this.dataSource, WRITTEN_FROM, [slug]);
    if (!now) throw Problem.notFound('dialogue');
    return now;
  }
}

function keyOf({ slug, form }: Shown): string {
  return `${form} ${slug}`;
}

/** What decides what is asked for; none of what is not only read, or is too long to be kept. */
function questionOf({ method, url, headers }: FastifyRequest): string | null {
  if (method !== 'GET') return null;
  const question = `${url} ${headers['accept-language'] ?? ''}`;
  return question.length <= LONGEST_QUESTION ? question : null;
}
