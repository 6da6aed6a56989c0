import { Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { languages, readerLanguage, isLanguage, type Language } from '@app/mail';
import {
  FocalPointLinks,
  PersonalLinks,
  type OwnDelegation,
  type OwnInvitation,
  type OwnRegistration,
} from '@app/participants';
import { Environment, Links, Problem } from '@app/platform';
import { UUID } from '../../http/fields';
import { RateLimits } from '../../http/rate-limits';
import { actAs, originOf } from '../../http/request-context';
import { comesFrom } from '../../http/session-cookie';
import type { LanguageLink } from '../../pages/page';

/** A personal page that was opened. */
export interface Opened<Own> {
  own: Own;
  token: string;
  /** The page's address without its secret. */
  address: string;
  /** Where to go after a form was sent: the address, or with the secret where there is no cookie. */
  next: string;
}

/**
 * Opens personal links for pages (design, idea 8): `/i/<token>` and `/r/<token>` show the page and set a cookie for
 * `/i/<id>` alone, so that two links in one browser do not mix; there the cookie, or the hidden field of a form, is the
 * proof. Opening writes nothing.
 */
@Injectable()
export class PersonalPages {
  constructor(
    private readonly links: Links,
    private readonly personalLinks: PersonalLinks,
    private readonly focalPointLinks: FocalPointLinks,
    private readonly limits: RateLimits,
    private readonly environment: Environment,
  ) {}

  /** @throws Problem 404, one answer for a wrong, expired and revoked link; 429 after too many of them. */
  invitation(key: string, request: FastifyRequest, reply: FastifyReply): Promise<Opened<OwnInvitation>> {
    return this.open('/i/', key, request, reply, (token) => this.personalLinks.invitation(token));
  }

  /** @throws Problem 404, 429 */
  registration(key: string, request: FastifyRequest, reply: FastifyReply): Promise<Opened<OwnRegistration>> {
    return this.open('/r/', key, request, reply, (token) => this.personalLinks.registration(token));
  }

  /** The page of a focal point. @throws Problem 404, 429 */
  delegation(key: string, request: FastifyRequest, reply: FastifyReply): Promise<Opened<OwnDelegation>> {
    return this.open('/n/', key, request, reply, (token) => this.focalPointLinks.delegation(token));
  }

  private async open<Own extends { id: string }>(
    base: '/i/' | '/n/' | '/r/',
    key: string,
    request: FastifyRequest,
    reply: FastifyReply,
    find: (token: string) => Promise<Own | null>,
  ): Promise<Opened<Own>> {
    // The cookie is for this one page, and still no other site sends its forms.
    if (request.method === 'POST' && comesFrom(request, this.environment.PUBLIC_URL) === 'foreign')
      throw new Problem(
        403,
        'foreign_form',
        'This form was sent by another site. Open your link and send the form there.',
      );
    const isId = UUID.test(key);
    const body = (request.body ?? {}) as Record<string, unknown>;
    const cookie = request.cookies.link;
    for (const token of isId ? [body.token, cookie] : [key]) {
      if (typeof token !== 'string' || (isId && this.links.idOf(token) !== key.toLowerCase())) continue;
      const own = await find(token);
      if (!own) continue;
      actAs(`link:${own.id}`);
      const address = base + own.id;
      if (cookie !== token) {
        reply.setCookie('link', token, {
          path: address,
          httpOnly: true,
          sameSite: 'lax',
          secure: this.environment.PUBLIC_URL.startsWith('https:'),
        });
      }
      return { own, token, address, next: cookie === token ? address : base + token };
    }
    await this.limits.failed(originOf(request));
    throw Problem.notFound('page');
  }
}

/** In which language a page is shown: as asked for with `?lang=`, else the reader's own where Plenary speaks it. */
export function pageLanguage(asked: string | undefined, own: string, workingLanguages: string[]): Language {
  return asked && isLanguage(asked) ? asked : readerLanguage(own, workingLanguages);
}

/** The same page in each language. */
export function languageLinks(): LanguageLink[] {
  return languages.map((language) => ({ language, href: `?lang=${language}` }));
}
