import { createHash } from 'node:crypto';
import {
  Injectable,
  type CallHandler,
  type ExecutionContext,
  type NestInterceptor,
  type OnModuleDestroy,
  type OnModuleInit,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { from, lastValueFrom, type Observable } from 'rxjs';
import { DataSource } from 'typeorm';
import { assigned, context, count, log, Problem, sql, type FieldProblem } from '@app/platform';
import { toProblem } from './problem.filter';
import { RetryLater } from './problems';
import { REPLAY, replayed, storedProblem, type Replay } from './replay';
import { routeOf } from './route';

/** What is stored of the answer to the first attempt: nothing that names anybody or opens anything. */
interface StoredAnswer {
  status: number;
  location: string | null;
  etag: string | null;
  /** Ids, counts and instants, as the route declares. */
  replay: unknown;
  problem: { code: string; detail: string; errors: FieldProblem[] } | null;
}

/** What a replay reads its Location with: the rights, the wishes and the way of anyone who asks now. */
const HEADERS_OF_READING = ['authorization', 'cookie', 'accept-language', 'host', 'x-forwarded-for'];

/**
 * Makes a repeated POST harmless: with the same `Idempotency-Key` and the same body nothing happens twice
 * (draft-ietf-httpapi-idempotency-key-header-07), and the answer is that of the first as far as the route declares, see
 * `replay.ts`. A key belongs to one organiser and one path and is stored for 24 hours, as a hash. An attempt that failed
 * on our side, or came too often, frees its key.
 */
@Injectable()
export class IdempotencyInterceptor implements NestInterceptor, OnModuleInit, OnModuleDestroy {
  private cleaning: NodeJS.Timeout;

  constructor(
    private readonly dataSource: DataSource,
    private readonly reflector: Reflector,
  ) {}

  onModuleInit(): void {
    this.cleaning = setInterval(() => {
      this.dataSource
        .query(`DELETE FROM idempotency_keys WHERE created_at < now() - interval '24 hours'`)
        .catch((error: Error) => log.warn({ err: error }, 'old idempotency keys stay a while longer'));
    }, 3_600_000).unref();
  }

  onModuleDestroy(): void {
    clearInterval(this.cleaning);
  }

  intercept(host: ExecutionContext, next: CallHandler): Observable<unknown> {
    const request = host.switchToHttp().getRequest<FastifyRequest>();
    const key = request.headers['idempotency-key'];
    const isInApi = routeOf(request)?.startsWith('/v1/');
    if (request.method !== 'POST' || !isInApi || key === undefined) return next.handle();
    // Where nothing is declared nothing is stored but the status.
    const replay = this.reflector.get<Replay | undefined>(REPLAY, host.getHandler()) ?? [];
    if (replay === 'again') return next.handle();
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    return from(
      this.once(request, reply, String(key), replay, () =>
        lastValueFrom(next.handle(), { defaultValue: undefined }),
      ),
    );
  }

  private async once(
    request: FastifyRequest,
    reply: FastifyReply,
    key: string,
    replay: Exclude<Replay, 'again'>,
    attempt: () => Promise<unknown>,
  ): Promise<unknown> {
    if (!/^[\x20-\x7e]{1,255}$/.test(key)) {
      throw new Problem(
        400,
        'idempotency_key_malformed',
        'Idempotency-Key must have 1 to 255 ASCII characters, such as a UUID.',
      );
    }
    const scope = context.getStore()?.actor ?? 'public';
    const hashedKey = sha256(`${pathOf(request)}\n${key}`);
    const stored = await this.claim(scope, hashedKey, hashOf(request));
    if (stored) return answerAgain(request, reply, stored);

    try {
      const body = await attempt();
      await this.keep(scope, hashedKey, {
        status: reply.statusCode,
        location: headerOf(reply, 'location'),
        etag: headerOf(reply, 'etag'),
        replay: replay === 'location' ? undefined : replayed(body, replay),
        problem: null,
      });
      return body;
    } catch (error) {
      const problem = toProblem(error);
      if (isWorthRepeating(problem)) await this.free(scope, hashedKey);
      else {
        await this.keep(scope, hashedKey, {
          status: problem.status,
          location: null,
          etag: null,
          replay: undefined,
          problem: storedProblem(problem, [request.body, request.query, request.params]),
        });
      }
      throw error;
    }
  }

  /** Takes the key, or gives what was answered before. @throws Problem 409, 422 */
  private async claim(scope: string, key: string, hash: string): Promise<StoredAnswer | null> {
    const taken: unknown[] = await this.dataSource.query(
      `INSERT INTO idempotency_keys (scope, key, request_hash) VALUES ($1, $2, $3)
       ON CONFLICT (scope, key) DO UPDATE
         SET request_hash = excluded.request_hash, status = NULL, location = NULL, etag = NULL, replay = NULL,
           problem = NULL, created_at = now()
         WHERE idempotency_keys.created_at < now() - interval '24 hours'
       RETURNING key`,
      [scope, key, hash],
    );
    if (taken.length > 0) return null;
    const [row]: (Omit<StoredAnswer, 'status'> & {
      request_hash: string;
      status: number | null;
      old: boolean;
    })[] = await this.dataSource.query(
      `SELECT request_hash, status, location, etag, replay, problem,
         created_at < now() - interval '1 minute' AS old
       FROM idempotency_keys WHERE scope = $1 AND key = $2`,
      [scope, key],
    );
    if (row && row.request_hash !== hash) {
      throw new Problem(
        422,
        'idempotency_key_reused',
        'This Idempotency-Key was used with another body. Use a new key for a new request.',
      );
    }
    if (!row || row.status === null) {
      throw row?.old
        ? new Problem(
            409,
            'outcome_unknown',
            'The first request with this Idempotency-Key ended without an answer. Look whether it took effect; if not, use a new key.',
          )
        : new Problem(
            409,
            'idempotency_key_in_progress',
            'A request with this Idempotency-Key is being worked on. Wait for its answer, or try again in a moment.',
          );
    }
    return { ...row, status: row.status };
  }

  private async keep(scope: string, key: string, answer: StoredAnswer): Promise<void> {
    const { status, location, etag, replay, problem } = answer;
    const kept = assigned({ status, location, etag, replay: asJson(replay), problem: asJson(problem) });
    await count(
      this.dataSource,
      sql`UPDATE idempotency_keys SET ${kept} WHERE scope = ${scope} AND key = ${key}`,
    )
      // What was asked for is done; a repetition will be told that the outcome is unknown.
      .catch((error: Error) => log.warn({ err: error }, 'answer not kept for its idempotency key'));
  }

  private async free(scope: string, key: string): Promise<void> {
    await this.dataSource
      .query('DELETE FROM idempotency_keys WHERE scope = $1 AND key = $2', [scope, key])
      .catch((error: Error) => log.warn({ err: error }, 'idempotency key not freed'));
  }
}

/** @throws Problem the same as the first time, or why what was made then can't be read now */
async function answerAgain(
  request: FastifyRequest,
  reply: FastifyReply,
  { status, location, etag, replay, problem }: StoredAnswer,
): Promise<unknown> {
  reply.header('idempotency-replayed', 'true');
  if (problem) throw new Problem(status, problem.code, problem.detail, problem.errors);
  reply.status(status);
  if (location === null) {
    if (etag !== null) reply.header('etag', etag);
    return replay ?? undefined;
  }
  const headers = HEADERS_OF_READING.flatMap((name) => {
    const value = request.headers[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  const read = await request.server.inject({
    method: 'GET',
    url: location,
    headers: Object.fromEntries(headers),
    remoteAddress: request.socket.remoteAddress ?? '127.0.0.1',
  });
  if (read.statusCode !== 200) {
    const { code = 'not_found', detail = '' } = read.json<{ code?: string; detail?: string }>();
    throw read.statusCode === 503 || read.statusCode === 429
      ? new RetryLater(read.statusCode, code, detail, Number(read.headers['retry-after'] ?? 5))
      : new Problem(read.statusCode, code, detail);
  }
  reply.header('location', location);
  const version = read.headers.etag ?? etag;
  if (version !== null) reply.header('etag', version);
  return read.json();
}

/** Whether the same request may be answered otherwise in a moment, or with another If-Match: nothing was changed. */
function isWorthRepeating(problem: Problem): boolean {
  return (
    problem.status >= 500 ||
    problem instanceof RetryLater ||
    [412, 428].includes(problem.status) ||
    problem.code === 'changed_at_the_same_time'
  );
}

function asJson(value: unknown): string | null {
  return value === undefined || value === null ? null : JSON.stringify(value);
}

function headerOf(reply: FastifyReply, name: string): string | null {
  const value = reply.getHeader(name);
  return value === undefined ? null : String(value);
}

/** The path in one way of writing it, however it came. */
function pathOf(request: FastifyRequest): string {
  const parameters = request.params as Record<string, string>;
  return routeOf(request)!.replace(/:(\w+)/g, (_, name: string) =>
    encodeURIComponent(parameters[name] ?? ''),
  );
}

/** The same for the same request: its query, where there is one, and its body. */
function hashOf({ body, query }: FastifyRequest): string {
  const isAsked = Object.keys((query ?? {}) as object).length > 0;
  const content = Buffer.isBuffer(body) ? body : Buffer.from(JSON.stringify(body ?? null));
  return sha256(isAsked ? Buffer.concat([Buffer.from(`${JSON.stringify(query)}\n`), content]) : content);
}

function sha256(content: Buffer | string): string {
  return createHash('sha256').update(content).digest('hex');
}
