import { Module } from '@nestjs/common';
import { DatabaseModule } from '@app/database';
import { MailModule } from '@app/mail';
import { PlatformModule } from '@app/platform';
import { AccountsApiModule } from './accounts/accounts-api.module';
import { DialoguesApiModule } from './dialogues/dialogues-api.module';
import { MailsApiModule } from './mails/mails-api.module';
import { DirectoryApiModule } from './directory/directory-api.module';
import { HttpModule } from './http/http.module';
import { PagesModule } from './pages/pages.module';
import { ParticipantsApiModule } from './participants/participants-api.module';
import { ProceedingsApiModule } from './proceedings/proceedings-api.module';

/** The HTTP side of Plenary: one module a capability. */
@Module({
  imports: [
    PlatformModule,
    DatabaseModule,
    MailModule,
    HttpModule,
    // One line a capability:
    AccountsApiModule,
    DirectoryApiModule,
    DialoguesApiModule,
    MailsApiModule,
    ParticipantsApiModule,
    PagesModule,
    ProceedingsApiModule,
  ],
})
export class ApiModule {}
