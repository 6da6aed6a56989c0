import { Module } from '@nestjs/common';
import { DatabaseModule } from '@app/database';
import { MailModule } from '@app/mail';
import { PlatformModule } from '@app/platform';
import { HttpModule } from './http/http.module';

/** The HTTP side of Plenary: one module a capability. */
@Module({
  imports: [
    PlatformModule,
    DatabaseModule,
    MailModule,
    HttpModule,
    // One line a capability:
  ],
})
export class ApiModule {}
