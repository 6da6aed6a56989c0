import { Body, Controller, Delete, Get, HttpCode, Param, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { AccountsService, type ApiToken } from '@app/accounts';
import { IdPipe } from '../http/fields';
import { CurrentOrganiser } from '../http/organiser.guard';
import { NewTokenAnswer, NewTokenBody, TokenAnswer, TokensAnswer } from './dto/token.dto';

@ApiTags('accounts')
@Controller('v1/tokens')
export class TokensController {
  constructor(private readonly accounts: AccountsService) {}

  /** Your tokens, without their secrets. */
  @Get()
  async list(@CurrentOrganiser() organiserId: string): Promise<TokensAnswer> {
    return { items: (await this.accounts.tokens(organiserId)).map(toAnswer) };
  }

  /**
   * Makes a token.
   *
   * An Idempotency-Key is not honoured here: to answer again, the secret would have to be kept.
   */
  @Post()
  async make(@CurrentOrganiser() organiserId: string, @Body() body: NewTokenBody): Promise<NewTokenAnswer> {
    const { token, row } = await this.accounts.makeToken(organiserId, body);
    return { ...toAnswer(row), token };
  }

  /** Revokes a token; it opens nothing from now on. */
  @Delete(':id')
  @HttpCode(204)
  async revoke(@CurrentOrganiser() organiserId: string, @Param('id', IdPipe) id: string): Promise<void> {
    await this.accounts.revokeToken(organiserId, id);
  }
}

function toAnswer(token: ApiToken): TokenAnswer {
  return {
    id: token.id,
    name: token.name,
    scope: token.scope,
    created_at: token.createdAt.toISOString(),
    expires_at: token.expiresAt.toISOString(),
    last_used_at: token.lastUsedAt?.toISOString() ?? null,
  };
}
