import { Global, Module } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_INTERCEPTOR, APP_PIPE } from '@nestjs/core';
import { AccountsModule } from '@app/accounts';
import { ContestedInterceptor } from './contested.interceptor';
import { HealthController } from './health.controller';
import { IdempotencyInterceptor } from './idempotency.interceptor';
import { MetricsController } from './metrics.controller';
import { OrganiserGuard } from './organiser.guard';
import { ProblemFilter } from './problem.filter';
import { RateLimits } from './rate-limits';
import { StorageWatch } from './storage-watch.service';
import { validationPipe } from './validation';

/** What all routes have in common: who may, what is checked, how errors look, what is limited. */
@Global()
@Module({
  imports: [AccountsModule],
  controllers: [HealthController, MetricsController],
  providers: [
    RateLimits,
    StorageWatch,
    { provide: APP_FILTER, useClass: ProblemFilter },
    { provide: APP_PIPE, useFactory: validationPipe },
    OrganiserGuard,
    { provide: APP_GUARD, useExisting: OrganiserGuard },
    { provide: APP_INTERCEPTOR, useClass: IdempotencyInterceptor },
    // Within the other: a repetition of ours is no repetition of the caller's.
    { provide: APP_INTERCEPTOR, useClass: ContestedInterceptor },
  ],
  exports: [RateLimits, OrganiserGuard],
})
export class HttpModule {}
