import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { retry, throwError, timer, type Observable } from 'rxjs';
import { log } from '@app/platform';
import { isContested } from './problems';

/** How often a request is repeated before it is refused. */
const REPETITIONS = 3;
/** The longest wait before the first repetition, in milliseconds; those who met must not meet again. */
const WAIT_MS = 50;

/**
 * Repeats what PostgreSQL took back because another request was changing the same thing: a deadlock, a snapshot that is
 * no longer true, a row that came or went in between. Nothing was changed, and the repetition finds what is true now, or is
 * refused for what it is.
 */
@Injectable()
export class ContestedInterceptor implements NestInterceptor {
  intercept(host: ExecutionContext, next: CallHandler): Observable<unknown> {
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    return next.handle().pipe(
      retry({
        count: REPETITIONS,
        delay: (error: Error, times) => {
          if (!isContested(error) || reply.sent) return throwError(() => error);
          log.info({ err: error, times }, 'repeated, as another request was changing the same');
          return timer(Math.random() * WAIT_MS * times);
        },
      }),
    );
  }
}
