import { createHash } from 'node:crypto';
import {
  HttpException,
  Injectable,
  type CallHandler,
  type ExecutionContext,
  type NestInterceptor,
  type OnModuleDestroy,
  type OnModuleInit,
} from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { from, lastValueFrom, type Observable } from 'rxjs';
import { DataSource } from 'typeorm';
import { context, log, Problem, type FieldProblem } from '@app/platform';
import { toProblem } from './problem.filter';

/** What was answered to the first attempt. */
interface StoredAnswer {
  body?: unknown;
  headers?: Record<string, string>;
  problem?: { code: string; detail: string; errors: FieldProblem[] };
}

/** Answers with a secret, which must not be kept. */
const NOT_KEPT = /^\/v1\/tokens(\?|$)/;

const REPEATED_HEADERS = ['etag', 'location'];

/**
 * Makes a repeated POST harmless: with the same `Idempotency-Key` and the same body the first answer is given again
 * and nothing happens twice (draft-ietf-httpapi-idempotency-key-header-07). A key belongs to one organiser and one
 * route and is kept for 24 hours. An attempt that failed on our side frees its key.
 */
@Injectable()
export class IdempotencyInterceptor implements NestInterceptor, OnModuleInit, OnModuleDestroy {
  private cleaning: NodeJS.Timeout;

  constructor(private readonly dataSource: DataSource) {}

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
    if (request.method !== 'POST' || !request.url.startsWith('/v1/') || key === undefined)
      return next.handle();
    if (NOT_KEPT.test(request.url)) return next.handle();
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    return from(
      this.once(request, reply, String(key), () => lastValueFrom(next.handle(), { defaultValue: undefined })),
    );
  }

  private async once(
    request: FastifyRequest,
    reply: FastifyReply,
    key: string,
    attempt: () => Promise<unknown>,
  ): Promise<unknown> {
    if (!/^[\x20-\x7e]{1,255}$/.test(key)) {
      throw new Problem(
        400,
        'idempotency_key_malformed',
        'Idempotency-Key must have 1 to 255 ASCII characters, such as a UUID.',
      );
    }
    const scope = `${context.getStore()?.actor ?? 'public'} ${request.url.split('?')[0]}`;
    const stored = await this.claim(scope, key, hashOf(request));
    if (stored) return replay(reply, stored);

    try {
      const body = await attempt();
      const headers = Object.fromEntries(
        REPEATED_HEADERS.flatMap((name) => {
          const value = reply.getHeader(name);
          return value === undefined ? [] : [[name, String(value)]];
        }),
      );
      await this.keep(scope, key, reply.statusCode, { body, headers });
      return body;
    } catch (error) {
      const problem = toProblem(error);
      if (problem.status >= 500 && !(error instanceof HttpException)) await this.free(scope, key);
      else {
        const { code, detail, errors } = problem;
        await this.keep(scope, key, problem.status, { problem: { code, detail, errors } });
      }
      throw error;
    }
  }

  /** Takes the key, or gives what was answered before. @throws Problem 409, 422 */
  private async claim(
    scope: string,
    key: string,
    hash: string,
  ): Promise<{ status: number; answer: StoredAnswer } | null> {
    const taken: unknown[] = await this.dataSource.query(
      `INSERT INTO idempotency_keys (scope, key, request_hash) VALUES ($1, $2, $3)
       ON CONFLICT (scope, key) DO UPDATE
         SET request_hash = excluded.request_hash, status = NULL, body = NULL, created_at = now()
         WHERE idempotency_keys.created_at < now() - interval '24 hours'
       RETURNING key`,
      [scope, key, hash],
    );
    if (taken.length > 0) return null;
    const [row]: { request_hash: string; status: number | null; body: StoredAnswer; old: boolean }[] =
      await this.dataSource.query(
        `SELECT request_hash, status, body, created_at < now() - interval '1 minute' AS old
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
    return { status: row.status, answer: row.body };
  }

  private async keep(scope: string, key: string, status: number, answer: StoredAnswer): Promise<void> {
    await this.dataSource
      .query(`UPDATE idempotency_keys SET status = $3, body = $4 WHERE scope = $1 AND key = $2`, [
        scope,
        key,
        status,
        JSON.stringify(answer),
      ])
      // What was asked for is done; a repetition will be told that the outcome is unknown.
      .catch((error: Error) => log.warn({ err: error }, 'answer not kept for its idempotency key'));
  }

  private async free(scope: string, key: string): Promise<void> {
    await this.dataSource
      .query('DELETE FROM idempotency_keys WHERE scope = $1 AND key = $2', [scope, key])
      .catch((error: Error) => log.warn({ err: error }, 'idempotency key not freed'));
  }
}

function replay(reply: FastifyReply, { status, answer }: { status: number; answer: StoredAnswer }): unknown {
  if (answer.problem)
    throw new Problem(status, answer.problem.code, answer.problem.detail, answer.problem.errors);
  reply.status(status).headers({ ...answer.headers, 'idempotency-replayed': 'true' });
  return answer.body;
}

function hashOf(request: FastifyRequest): string {
  const body: unknown = request.body;
  return createHash('sha256')
    .update(Buffer.isBuffer(body) ? body : JSON.stringify(body ?? null))
    .digest('hex');
}
