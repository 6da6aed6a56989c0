import { Catch, HttpException, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { log, Problem, redactSecrets } from '@app/platform';
import { sendPage } from '../pages/page';
import { requestLanguage } from './language';
import { problemPage } from './problem.page';
import { loggedPath, routeOf } from './route';
import {
  isDatabaseAway,
  isInputRefused,
  isRowInTheWay,
  isStorageFull,
  isTransactionAborted,
  RetryLater,
} from './problems';
import { storageFull, StorageWatch } from './storage-watch.service';

export const PROBLEM_TYPE = 'application/problem+json; charset=utf-8';

/** Every error becomes a problem document (RFC 9457), or a plain page where a person is reading. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(private readonly storage: StorageWatch) {}

  catch(error: unknown, host: ArgumentsHost): void {
    if (isStorageFull(error)) this.storage.isFull = true;
    const http = host.switchToHttp();
    answerProblem(error, http.getRequest<FastifyRequest>(), http.getResponse<FastifyReply>());
  }
}

/** Answers a request with what went wrong, and logs what is ours. */
export function answerProblem(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  const isGone = hasHungUp(request);
  const told = isGone ? toProblem({ statusCode: 400, message: 'it ended too early' }) : toProblem(error);
  // No line is written of what was never answered, unless here.
  if (isGone) log.info({ requestId: request.id, path: loggedPath(request) }, 'client hung up');
  // A person followed a broken link: there is nothing at that address.
  const problem =
    BROKEN_ADDRESS.has(told.code) && request.method === 'GET' && isReadByPerson(request)
      ? toProblem({ statusCode: 404 })
      : told;
  if (problem.status >= 500) {
    const level = problem instanceof RetryLater ? 'warn' : 'error';
    log[level]({ err: error, requestId: request.id, code: problem.code }, 'request failed');
  }
  if (reply.sent || reply.raw.headersSent) return;
  if (problem instanceof RetryLater) reply.header('retry-after', String(problem.afterSeconds));
  if (problem.status === 401) reply.header('www-authenticate', 'Bearer realm="plenary"');
  if (problem.status >= 400) reply.header('cache-control', 'no-store');
  if (isReadByPerson(request)) {
    sendPage(reply, problemPage(requestLanguage(request), problem, request.id), problem.status);
  } else {
    reply
      .status(problem.status)
      .header('content-type', PROBLEM_TYPE)
      .send(JSON.stringify(problemDocument(problem, request.id)));
  }
}

/** Whether the client went away before all of its request was here; whatever fails then is not the database's fault. */
function hasHungUp({ raw }: FastifyRequest): boolean {
  return raw.complete === false && raw.destroyed;
}

/** Codes of requests whose address itself can't be read. */
const BROKEN_ADDRESS = new Set(['invalid_input', 'malformed_address', 'address_too_long']);

/** The members of the document, as `ProblemDocument` in the OpenAPI description. */
export function problemDocument(problem: Problem, requestId: string) {
  return {
    type: `urn:plenary:problem:${problem.code}`,
    title: (problem.code[0] ?? '').toUpperCase() + problem.code.slice(1).replaceAll('_', ' '),
    status: problem.status,
    code: problem.code,
    ...(problem.detail && { detail: problem.detail }),
    instance: `urn:plenary:request:${requestId}`,
    ...(problem.errors.length > 0 && { errors: problem.errors }),
  };
}

/** The problem behind any error. What is unexpected is told without detail: it may hold anything. */
export function toProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (isDatabaseAway(error)) {
    return new RetryLater(
      503,
      'database_unavailable',
      'The database cannot be reached at the moment and nothing was changed. Try again in a few seconds.',
      5,
    );
  }
  if (isStorageFull(error)) return storageFull();
  if (isTransactionAborted(error)) {
    return new RetryLater(
      503,
      'busy',
      'Someone else was changing the same thing and nothing was changed. Try again.',
      1,
    );
  }
  if (isRowInTheWay(error)) {
    return new Problem(
      409,
      'changed_at_the_same_time',
      'Someone else was changing what this request refers to, and nothing was changed. Read it again, then repeat the request.',
    );
  }
  if (isInputRefused(error)) {
    return new Problem(
      400,
      'invalid_input',
      'Something in the address or the body is no date, identifier or text that can be kept. Correct it.',
    );
  }
  const known = error as { code?: unknown; statusCode?: unknown; message?: unknown } | null;
  const status =
    error instanceof HttpException
      ? error.getStatus()
      : typeof known?.statusCode === 'number'
        ? known.statusCode
        : 500;
  switch (status) {
    case 400:
      if (known?.code === 'FST_ERR_BAD_URL') {
        return new Problem(
          400,
          'malformed_address',
          'The address of the request has a % that begins no character of UTF-8. Encode it as %25.',
        );
      }
      return new Problem(
        400,
        'malformed_request',
        redactSecrets(`The request can't be read: ${String(known?.message)}.`).replace(/\.\.$/, '.'),
      );
    case 403:
      return new Problem(403, 'forbidden', 'This is not allowed.');
    case 404:
      return new Problem(404, 'not_found', 'There is nothing at this address.');
    case 405:
      return new Problem(405, 'method_not_allowed', 'This address does not answer that method.');
    case 413:
      return new Problem(
        413,
        'too_large',
        'The request is larger than 1 MiB, or a list larger than 10 MiB. Send less at once.',
      );
    case 414:
      return new Problem(414, 'address_too_long', 'The address of the request is too long.');
    case 415:
      return new Problem(
        415,
        'unsupported_media_type',
        'Send application/json, or what the description of this route names, and say so in Content-Type.',
      );
    default:
      if (status >= 400 && status < 500)
        return new Problem(status, 'refused', 'The request was refused as it is.');
      if (status === 503) {
        return new RetryLater(503, 'unavailable', 'Plenary is stopping or not yet there. Try again.', 5);
      }
      return new Problem(500, 'internal_error', '');
  }
}

const MACHINE_PATHS = /^\/(v1|health|openapi\.json|assets)(\/|\?|$)/;

function isReadByPerson(request: FastifyRequest): boolean {
  const path = routeOf(request) ?? request.url;
  if (MACHINE_PATHS.test(path)) return false;
  return (
    /^\/((c|d|door|i|j|n|r|u)\/|sign-in|organiser|\?|$)/.test(path) ||
    (request.headers.accept ?? '').includes('text/html')
  );
}
