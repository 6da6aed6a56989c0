import { randomUUID } from 'node:crypto';
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { plainLog, Problem } from '@app/platform';
import { answerProblem, PROBLEM_TYPE, problemDocument } from './problem.filter';
import { logAnswered } from './request-context';

/*
 * What is refused before any route, and any hook, is reached: it looks like every other refusal, and leaves a line in the log.
 */

type Headers = Record<string, string>;

/** Answers what Fastify's router can't read, such as `/d/%ff` or a parameter that is too long. */
export function answerUnroutable(headers: () => Headers) {
  return (error: Error, request: FastifyRequest, reply: FastifyReply): void => {
    reply.headers({ ...headers(), 'x-request-id': request.id });
    reply.raw.once('close', () => logAnswered(request, reply, undefined));
    answerProblem(error, request, reply);
  };
}

/**
 * Answers what Node can't read as HTTP, or would not wait for any longer. There is no request yet, and the connection ends
 * with the answer.
 */
export function answerUnreadable(headers: () => Headers) {
  return (error: NodeJS.ErrnoException, socket: Socket): void => {
    // A client that went away, or a socket that is closed already: nobody is there to be told.
    if (error.code === 'ECONNRESET' || !socket.writable) {
      socket.destroy();
      return;
    }
    const problem = unreadable(error.code);
    const requestId = randomUUID();
    const body = JSON.stringify(problemDocument(problem, requestId));
    const said = {
      ...headers(),
      'x-request-id': requestId,
      'content-type': PROBLEM_TYPE,
      'content-length': String(Buffer.byteLength(body)),
      'cache-control': 'no-store',
      connection: 'close',
    };
    const lines = Object.entries(said).map(([name, value]) => `${name}: ${value}`);
    const status = `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}`;
    socket.end([status, ...lines, '', body].join('\r\n'));
    plainLog.info({ requestId, status: problem.status, code: error.code }, 'request refused unread');
  };
}

function unreadable(code: string | undefined): Problem {
  switch (code) {
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return new Problem(
        408,
        'request_timeout',
        'The request took too long to come in. Send it again, faster.',
      );
    case 'HPE_HEADER_OVERFLOW':
      return new Problem(
        431,
        'headers_too_large',
        'The address and headers are too long. Send shorter ones.',
      );
    default:
      return new Problem(400, 'malformed_request', 'This is not a request by HTTP/1.1.');
  }
}
