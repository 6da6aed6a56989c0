import {
  createParamDecorator,
  Injectable,
  SetMetadata,
  type CanActivate,
  type ExecutionContext,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import { AccountsService, type SignedIn } from '@app/accounts';
import { Environment, Problem } from '@app/platform';
import { RateLimits } from './rate-limits';
import { actAs, originOf } from './request-context';
import { SharedWork } from './shared-work';
import { isSameOrigin, SESSION_COOKIE } from './session-cookie';

const IS_PUBLIC = 'plenary:public';
const signedIn = new WeakMap<FastifyRequest, SignedIn>();

/**
 * On a controller or handler that asks for no token: it is for everybody, or asks for a link or a session itself. What does
 * not say so is for organisers alone, wherever its address begins.
 */
export const Public = () => SetMetadata(IS_PUBLIC, true);

/** `@CurrentOrganiser() organiserId: string`: on whose behalf the request acts. */
export const CurrentOrganiser = createParamDecorator(
  (_: unknown, host: ExecutionContext): string => signedInOf(host.switchToHttp().getRequest()).organiserId,
);

/** Who is signed in. @throws Problem 401 */
export function signedInOf(request: FastifyRequest): SignedIn {
  const who = signedIn.get(request);
  if (!who) throw unauthorised();
  return who;
}

/** One answer, whether the token is unknown, expired, revoked or missing. */
export function unauthorised(): Problem {
  return new Problem(
    401,
    'unauthorised',
    'Send a valid token of yours as "Authorization: Bearer <token>". Tokens are made on the page /organiser.',
  );
}

/**
 * Lets organisers in: with a bearer token, or with the session cookie of their browser when the request comes from our
 * own pages. It asks at every handler that is not `@Public()`, by the handler and not by the address that led there.
 */
@Injectable()
export class OrganiserGuard implements CanActivate {
  private readonly asked = new SharedWork<SignedIn | null>();

  constructor(
    private readonly reflector: Reflector,
    private readonly accounts: AccountsService,
    private readonly limits: RateLimits,
    private readonly environment: Environment,
  ) {}

  async canActivate(host: ExecutionContext): Promise<boolean> {
    if (this.reflector.getAllAndOverride<boolean>(IS_PUBLIC, [host.getHandler(), host.getClass()]))
      return true;

    const request = host.switchToHttp().getRequest<FastifyRequest>();
    const who = await this.whoAsks(request);
    if (!who) {
      if (request.headers.authorization !== undefined) await this.limits.failed(originOf(request));
      throw unauthorised();
    }
    actAs(`organiser:${who.organiserId}`);
    if (who.scope === 'read' && request.method !== 'GET' && request.method !== 'HEAD') {
      throw new Problem(
        403,
        'scope_insufficient',
        'This token may only read. Make a token with the scope "write" for this.',
      );
    }
    signedIn.set(request, who);
    return true;
  }

  /** On whose behalf a request acts, by what is so now; null: nobody's. */
  async whoAsks(request: FastifyRequest): Promise<SignedIn | null> {
    const { authorization } = request.headers;
    if (authorization !== undefined) {
      const token = /^Bearer +(\S+)$/i.exec(authorization)?.[1];
      return token === undefined ? null : this.asked.do(token, () => this.accounts.whoHasToken(token));
    }
    const session = request.cookies[SESSION_COOKIE];
    if (session === undefined) return null;
    if (!isSameOrigin(request, this.environment.PUBLIC_URL)) return null;
    return this.accounts.whoHasSession(session);
  }
}
