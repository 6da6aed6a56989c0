import { Controller, Get, Headers, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { LedgerMetrics } from '@app/mail';
import { bears, Environment, metrics, Problem, watchProcess } from '@app/platform';
import { Public } from './organiser.guard';

/** For Prometheus, with a token of its own. */
@ApiExcludeController()
@Public()
@Controller('metrics')
export class MetricsController {
  constructor(
    private readonly ledger: LedgerMetrics,
    private readonly environment: Environment,
  ) {
    if (environment.METRICS_TOKEN) watchProcess();
  }

  /** @throws Problem 404 where no token is set; 401 */
  @Get()
  async text(
    @Headers('authorization') authorization: string | undefined,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { METRICS_TOKEN } = this.environment;
    if (!METRICS_TOKEN) throw Problem.notFound('page');
    if (!bears(authorization, METRICS_TOKEN)) {
      throw new Problem(401, 'unauthorised', 'Send METRICS_TOKEN as "Authorization: Bearer <token>".');
    }
    await reply
      .type(metrics.contentType)
      .header('cache-control', 'no-store')
      .send(await this.ledger.text());
  }
}
