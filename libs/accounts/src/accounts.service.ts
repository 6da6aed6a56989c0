import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { queueMails, UnitOfWork } from '@app/mail';
import {
  audit,
  auditEach,
  context,
  emailKey,
  Environment,
  hashSecret,
  isAddress,
  Links,
  newSecret,
  one,
  oneLine,
  plainAddress,
  Problem,
  secretMatches,
  sql,
} from '@app/platform';
import { ApiToken, type TokenScope } from './api-token.entity';
import { SIGN_IN } from './mail-kinds';
import { Organiser } from './organiser.entity';
import { Session } from './session.entity';

/** For how long a sign-in link works, in minutes. */
export const SIGN_IN_MINUTES = 15;
/** For how long a browser stays signed in, in hours. */
export const SESSION_HOURS = 12;
/** For how long a token may be made to last, in days. */
export const TOKEN_DAYS = 366;

/** On whose behalf a request acts, and what it may do. */
export interface SignedIn {
  organiserId: string;
  scope: TokenScope;
  /** The token that is used; null: a browser that is signed in. */
  tokenId: string | null;
}

/** What a new token is made of. */
export interface NewToken {
  name: string;
  scope: TokenScope;
  /** Days until it expires, 1 to 366. */
  days: number;
}

/** Until the transaction ends no other makes or revokes tokens of this organiser: none is made by one that is being revoked. */
async function lockTokens(manager: EntityManager, organiserId: string): Promise<void> {
  await manager.query('SELECT FROM organisers WHERE id = $1 FOR NO KEY UPDATE', [organiserId]);
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * The account with this address, in the caller's transaction; made when there is none yet, for someone who may take part
 * in others' dialogues and draft none. One statement either way, so that neither answer nor work tells which it was.
 */
export async function accountAt(
  manager: EntityManager,
  email: string,
  name: string,
): Promise<{ id: string; isNew: boolean }> {
  const [account]: { id: string; isNew: boolean }[] = await manager.query(
    `INSERT INTO organisers (email, email_key, name, may_draft) VALUES ($1, $2, $3, false)
     ON CONFLICT (email_key) DO UPDATE SET email_key = excluded.email_key RETURNING id, xmax = 0 AS "isNew"`,
    [email, emailKey(email), name],
  );
  return account!;
}

/** @throws Problem 403 `may_not_draft` for who was only given a role in somebody's dialogue or process */
export async function assertMayDraft(manager: EntityManager, organiserId: string): Promise<void> {
  const [may]: unknown[] = await manager.query('SELECT FROM organisers WHERE id = $1 AND may_draft', [
    organiserId,
  ]);
  if (may) return;
  throw new Problem(
    403,
    'may_not_draft',
    'You were given a role in dialogues of others and can draft none of your own. Ask whoever runs this Plenary to add you as an organiser (npm run create-organiser).',
  );
}

/** Organisers, how they sign in, and the tokens of their programs. Secrets are at rest only as hashes, or not at all. */
@Injectable()
export class AccountsService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly links: Links,
    private readonly environment: Environment,
    private readonly unitOfWork: UnitOfWork,
  ) {}

  /**
   * The organiser with this address, who may draft from now on; made when there is none yet. The name of one who is
   * there stays.
   * @throws Error when no mail can be sent to the address: they could never sign in
   */
  async ensureOrganiser(address: string, name: string): Promise<Organiser> {
    const email = plainAddress(address);
    if (!isAddress(email))
      throw new Error(`"${address}" is not an email address. Write it as a.name@agency.example.`);
    return this.dataSource.transaction(async (manager) => {
      const made: { id: string }[] = await manager.query(
        `INSERT INTO organisers (email, email_key, name) VALUES ($1, $2, $3)
         ON CONFLICT (email_key) DO NOTHING RETURNING id`,
        [email, emailKey(email), oneLine(name) ?? email],
      );
      if (made[0]) await audit(manager, { action: 'organiser.added', subjectId: made[0].id });
      const organiser = await manager.findOneByOrFail(Organiser, { emailKey: emailKey(email) });
      if (!organiser.mayDraft) {
        organiser.mayDraft = true;
        await manager.save(organiser);
        await audit(manager, { action: 'organiser.may_draft', subjectId: organiser.id });
      }
      return organiser;
    });
  }

  /** @throws Problem 404 */
  async organiser(id: string): Promise<Organiser> {
    const organiser = await this.dataSource.manager.findOneBy(Organiser, { id });
    if (!organiser) throw Problem.notFound('organiser');
    return organiser;
  }

  /** The address of a new one-time link that signs this organiser in, without mailing it. */
  async newSignInLink(organiserId: string): Promise<string> {
    return this.dataSource.transaction(async (manager) => {
      const id = await this.insertSignInLink(manager, organiserId);
      return this.signInAddress(id);
    });
  }

  /** The address of a sign-in link, for its mail. */
  signInAddress(linkId: string): string {
    return `${this.environment.PUBLIC_URL.replace(/\/$/, '')}/sign-in/${this.links.compose('sign-in', linkId, 1)}`;
  }

  /**
   * Mails a one-time link to the organiser with this address. Says nothing of whether there is one: the same statements
   * find nobody, and a line of audit is written in any case, so that both commit something.
   */
  async requestSignIn(email: string): Promise<void> {
    await this.unitOfWork.runAlike(async (manager) => {
      const made: { id: string }[] = await manager.query(
        `INSERT INTO sign_in_links (organiser_id, expires_at)
         SELECT id, now() + make_interval(mins => $2) FROM organisers WHERE email_key = $1 RETURNING id`,
        [emailKey(email), SIGN_IN_MINUTES],
      );
      await queueMails(
        manager,
        SIGN_IN,
        `SELECT NULL::uuid, link.id, organiser.name, organiser.email, organiser.language, 'sign-in:' || link.id,
                '{}'::jsonb, link.expires_at
         FROM sign_in_links AS link JOIN organisers AS organiser ON organiser.id = link.organiser_id
         WHERE link.id = ANY($1)`,
        [made.map(({ id }) => id)],
      );
      await audit(manager, { action: 'sign_in.requested' });
    });
  }

  /** Whether a sign-in link would work now; for the page with the button. */
  async isSignInLinkGood(token: string): Promise<boolean> {
    const id = this.provenLink(token);
    if (!id) return false;
    const rows: unknown[] = await this.dataSource.query(
      'SELECT FROM sign_in_links WHERE id = $1 AND used_at IS NULL AND expires_at > now()',
      [id],
    );
    return rows.length > 0;
  }

  /**
   * Signs in once. @returns the secret for the session cookie, or null when the link is unknown, expired or used: the
   * answer is the same.
   */
  async signIn(token: string): Promise<string | null> {
    const id = this.provenLink(token);
    if (!id) return null;
    return this.dataSource.transaction(async (manager) => {
      const [used]: [{ organiser_id: string }[], number] = await manager.query(
        `UPDATE sign_in_links SET used_at = now() WHERE id = $1 AND used_at IS NULL AND expires_at > now()
         RETURNING organiser_id`,
        [id],
      );
      const organiserId = used[0]?.organiser_id;
      if (!organiserId) return null;
      // Whoever asked for several links at once needs one of them.
      await manager.query(
        'UPDATE sign_in_links SET used_at = now() WHERE organiser_id = $1 AND used_at IS NULL',
        [organiserId],
      );
      await manager.query('DELETE FROM sessions WHERE expires_at < now()');
      const secret = newSecret();
      const [session]: { id: string }[] = await manager.query(
        `INSERT INTO sessions (organiser_id, secret_hash, expires_at)
         VALUES ($1, $2, now() + make_interval(hours => $3)) RETURNING id`,
        [organiserId, hashSecret(secret), SESSION_HOURS],
      );
      const entered = context.getStore();
      if (entered) entered.actor = `organiser:${organiserId}`;
      await audit(manager, { action: 'organiser.signed_in', subjectId: organiserId });
      return `${session!.id}.${secret}`;
    });
  }

  /** Ends the session of a cookie. */
  async signOut(cookie: string): Promise<void> {
    const session = await this.session(cookie);
    if (session) await this.dataSource.manager.delete(Session, { id: session.id });
  }

  /** Whose session cookie this is; null when it is unknown or expired. */
  async whoHasSession(cookie: string): Promise<SignedIn | null> {
    const session = await this.session(cookie);
    return session && { organiserId: session.organiserId, scope: 'write', tokenId: null };
  }

  /** Whose bearer token this is; null when it is unknown, expired or revoked. */
  async whoHasToken(token: string): Promise<SignedIn | null> {
    const [, id = '', secret = ''] = /^plenary_([0-9a-f-]{36})\.([\w-]{43})$/.exec(token) ?? [];
    if (!UUID.test(id)) return null;
    const [row]: { organiser_id: string; secret_hash: string; scope: TokenScope; is_seen: boolean }[] =
      await this.dataSource.query(
        `SELECT organiser_id, secret_hash, scope, coalesce(last_used_at > now() - interval '1 minute', false) AS is_seen
         FROM api_tokens WHERE id = $1 AND revoked_at IS NULL AND expires_at > now()`,
        [id],
      );
    if (!row || !secretMatches(secret, row.secret_hash)) return null;
    if (!row.is_seen)
      await this.dataSource.query('UPDATE api_tokens SET last_used_at = now() WHERE id = $1', [id]);
    return { organiserId: row.organiser_id, scope: row.scope, tokenId: id };
  }

  /** A new bearer token, `plenary_<id>.<secret>`. It can't be shown again. */
  async newToken(organiserId: string, token: NewToken): Promise<string> {
    return (await this.makeToken(organiserId, token)).token;
  }

  /**
   * A new bearer token with its row. One that is made by a token may do no more than that one, expires no later, and is
   * revoked with it.
   * @param madeBy the token that makes it; null: its organiser is signed in.
   * @throws Problem 403, 422 when it should do more or last longer than it may
   */
  async makeToken(
    organiserId: string,
    { name, scope, days }: NewToken,
    madeBy: string | null = null,
  ): Promise<{ token: string; row: ApiToken }> {
    if (!Number.isInteger(days) || days < 1 || days > TOKEN_DAYS) {
      throw Problem.field('days', 'out_of_range', `days must be a whole number from 1 to ${TOKEN_DAYS}.`);
    }
    const secret = newSecret();
    return this.dataSource.transaction(async (manager) => {
      const notAfter = madeBy && (await this.mayMake(manager, organiserId, { scope, days }, madeBy));
      const made = await one<{ id: string }>(
        manager,
        sql`INSERT INTO api_tokens (organiser_id, name, secret_hash, scope, expires_at, made_by)
          VALUES (${organiserId}, ${name}, ${hashSecret(secret)}, ${scope},
            least(now() + make_interval(days => ${days}), ${notAfter}::timestamptz), ${madeBy}) RETURNING id`,
      );
      const { id } = made!;
      await audit(manager, { action: 'token.made', subjectId: id, details: { scope, days } });
      return { token: `plenary_${id}.${secret}`, row: await manager.findOneByOrFail(ApiToken, { id }) };
    });
  }

  /** The organiser's tokens that are neither revoked nor expired, newest first. */
  async tokens(organiserId: string): Promise<ApiToken[]> {
    return this.dataSource.manager
      .createQueryBuilder(ApiToken, 'token')
      .where('token.organiserId = :organiserId AND token.revokedAt IS NULL AND token.expiresAt > now()', {
        organiserId,
      })
      .orderBy('token.createdAt', 'DESC')
      .addOrderBy('token.id')
      .getMany();
  }

  /**
   * A revoked token opens nothing from now on, nor do those that were made by it; revoking again changes nothing.
   * @throws Problem 404
   */
  async revokeToken(organiserId: string, id: string): Promise<void> {
    await this.dataSource.transaction(async (manager) => {
      await lockTokens(manager, organiserId);
      const token = UUID.test(id) && (await manager.findOneBy(ApiToken, { id, organiserId }));
      if (!token) throw Problem.notFound('token');
      const [revoked]: [{ id: string }[], number] = await manager.query(
        `WITH RECURSIVE made AS (
           SELECT $1::uuid AS id
           UNION SELECT token.id FROM api_tokens AS token JOIN made ON token.made_by = made.id)
         UPDATE api_tokens SET revoked_at = now() WHERE id IN (SELECT id FROM made) AND revoked_at IS NULL
         RETURNING id`,
        [id],
      );
      await auditEach(
        manager,
        revoked.map((row) => row.id),
        { action: 'token.revoked' },
      );
    });
  }

  /** When what this token makes expires at the latest. @throws Problem 401, 403, 422 */
  private async mayMake(
    manager: EntityManager,
    organiserId: string,
    { scope, days }: Pick<NewToken, 'scope' | 'days'>,
    madeBy: string,
  ): Promise<Date> {
    await lockTokens(manager, organiserId);
    const [maker]: { scope: TokenScope; expires_at: Date; days: number }[] = await manager.query(
      `SELECT scope, expires_at, ceil(extract(epoch FROM expires_at - now()) / 86400)::int AS days
       FROM api_tokens WHERE id = $1 AND organiser_id = $2 AND revoked_at IS NULL AND expires_at > now()`,
      [madeBy, organiserId],
    );
    if (!maker)
      throw new Problem(401, 'unauthorised', 'The token was revoked or has expired. Use another one.');
    if (maker.scope === 'read' && scope !== 'read') {
      throw new Problem(
        403,
        'scope_insufficient',
        'A token that may only read can make none that may change.',
      );
    }
    // The last day is cut where the maker expires.
    if (days > maker.days) {
      throw Problem.field(
        'days',
        'outlives_its_maker',
        `days must be at most ${maker.days}: a token can't outlive the one that makes it. Make it on the page /organiser instead.`,
      );
    }
    return maker.expires_at;
  }

  private async insertSignInLink(manager: EntityManager, organiserId: string): Promise<string> {
    const [link]: { id: string }[] = await manager.query(
      `INSERT INTO sign_in_links (organiser_id, expires_at) VALUES ($1, now() + make_interval(mins => $2)) RETURNING id`,
      [organiserId, SIGN_IN_MINUTES],
    );
    return link!.id;
  }

  private provenLink(token: string): string | null {
    const id = this.links.idOf(token);
    return id && this.links.proves(token, 'sign-in', id, 1) ? id : null;
  }

  private async session(cookie: string): Promise<{ id: string; organiserId: string } | null> {
    const [id = '', secret = ''] = cookie.split('.');
    if (!UUID.test(id)) return null;
    const [row]: { organiser_id: string; secret_hash: string }[] = await this.dataSource.query(
      'SELECT organiser_id, secret_hash FROM sessions WHERE id = $1 AND expires_at > now()',
      [id],
    );
    return row && secretMatches(secret, row.secret_hash) ? { id, organiserId: row.organiser_id } : null;
  }
}
