import { Module } from '@nestjs/common';
import { AccountsModule } from '@app/accounts';
import { DialoguesModule } from '@app/dialogues';
import { OrganiserController } from './organiser.controller';
import { SignInController } from './sign-in.controller';
import { TokensController } from './tokens.controller';

@Module({
  imports: [AccountsModule, DialoguesModule],
  controllers: [SignInController, OrganiserController, TokensController],
})
export class AccountsApiModule {}
