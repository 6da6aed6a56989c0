import { Module } from '@nestjs/common';
import { DatabaseModule } from '@app/database';
import { MailModule } from '@app/mail';
import { PlatformModule } from '@app/platform';
import { DialoguesApiModule } from './dialogues/dialogues-api.module';
import { MailsApiModule } from './mails/mails-api.module';
import { DirectoryApiModule } from './directory/directory-api.module';
import { HttpModule } from './http/http.module';
import { ProceedingsApiModule } from './proceedings/proceedings.module';

/** The HTTP side of Plenary: one module a capability. */
@Module({
  imports: [
    PlatformModule,
    DatabaseModule,
    MailModule,
    HttpModule,
    // One line a capability:
    DirectoryApiModule,
    DialoguesApiModule,
    MailsApiModule,
    ProceedingsApiModule,
  ],
})
export class ApiModule {}
