import { Global, Module } from '@nestjs/common';
import { Environment, readEnvironment } from './environment';
import { Links } from './links';
import { Queues } from './queues';

/** What every process has: settings, links, queues. */
@Global()
@Module({
  providers: [
    { provide: Environment, useFactory: () => readEnvironment() },
    {
      provide: Links,
      inject: [Environment],
      useFactory: (environment: Environment) => new Links(environment.LINK_KEY),
    },
    Queues,
  ],
  exports: [Environment, Links, Queues],
})
export class PlatformModule {}
