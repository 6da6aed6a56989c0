import type { LoggerService } from '@nestjs/common';
import pino from 'pino';
import { context } from './context';
import { redactSecrets } from './redact';
import { StartProblem } from './start-problem';

const level = process.env.LOG_LEVEL ?? 'info';

/**
 * One JSON line an event, with the id of the request or job it belongs to. Secrets are taken out of the finished line,
 * so that none gets through in a message, a stack or a field that somebody adds.
 */
export const log = pino({
  level,
  base: undefined,
  redact: ['*.token', '*.password'],
  serializers: {
    err: (error: Error) => ({ type: error.name, message: error.message, stack: error.stack }),
  },
  hooks: { streamWrite: redactSecrets },
  mixin: () => {
    const { requestId, jobId } = context.getStore() ?? {};
    return { requestId, jobId };
  },
});

/**
 * The same for what tells all of itself and holds no secret, such as the line of each request: looking for secrets and for
 * the context costs half as much as an answer that is kept.
 */
export const plainLog = pino({ level, base: undefined });

/** Nest's own messages through the same log. */
export class NestLog implements LoggerService {
  log(message: unknown, from?: string): void {
    log.debug({ from }, String(message));
  }
  warn(message: unknown, from?: string): void {
    log.warn({ from }, String(message));
  }
  error(message: unknown, ...rest: unknown[]): void {
    // Shown by the program that does not start.
    if (message instanceof StartProblem) return;
    if (message instanceof Error) log.error({ err: message }, message.message);
    else log.error({ trace: rest[0] }, String(message));
  }
  fatal(message: unknown): void {
    log.fatal(String(message));
  }
}
