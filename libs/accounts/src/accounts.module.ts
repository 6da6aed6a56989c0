import { Module } from '@nestjs/common';
import { AccountsService } from './accounts.service';

/** Organisers: sign-in, sessions, API tokens. */
@Module({ providers: [AccountsService], exports: [AccountsService] })
export class AccountsModule {}
