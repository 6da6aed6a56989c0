import { Body, Controller, Delete, Get, HttpCode, Param, Post, Req } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { AccountsService, type ApiToken } from '@app/accounts';
import { IdPipe } from '../http/fields';
import { CurrentOrganiser, signedInOf } from '../http/organiser.guard';
import { Replays } from '../http/replay';
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
   * Made by a token it may do no more than that one, expires no later and is revoked with it.
   *
   * Repeated with its Idempotency-Key it answers which token was made, without its secret, which is stored nowhere: revoke
   * that token and make another.
   */
  @Post()
  @Replays<NewTokenAnswer>('id', 'created_at', 'expires_at')
  async make(@Req() request: FastifyRequest, @Body() body: NewTokenBody): Promise<NewTokenAnswer> {
    const { organiserId, tokenId } = signedInOf(request);
    const { token, row } = await this.accounts.makeToken(organiserId, body, tokenId);
    return { ...toAnswer(row), token };
  }

  /** Revokes a token, and what was made by it; they open nothing from now on. */
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
