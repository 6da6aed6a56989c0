import { Injectable } from '@nestjs/common';
import { RateLimiterRes, type RateLimiterPostgres } from 'rate-limiter-flexible';
import { DataSource } from 'typeorm';
import { emailKey, Environment, sharedLimiter } from '@app/platform';
import type { Mail } from '../mail.entity';
import type { MailKind } from '../mail-kind';
import type { ComposedMail } from '../mail-renderer';
import { CIRCUITS } from './smtp-answers.rules';
import { SmtpCircuits } from './circuits.service';

const MINUTE = 60;

/**
 * Mails to a domain that has been away for long wait as long again, but no longer than so many seconds: each time they come
 * round they are written, all the thousands of a large mailing, and only one of them tries. None waits for more than half of
 * its use, and what somebody waits for comes round as often as the domain is tried.
 */
const LONGEST_WAIT = 15 * MINUTE;

/** A mail that is written and could go. */
export interface Leaving {
  mail: Mail;
  composed: ComposedMail;
  /** Of its recipient, as the DNS has it. */
  domain: string;
}

/** Why a mail does not go now. `waiting`: it keeps its state and tries again after so many seconds. */
export interface Unsent {
  id: string;
  state: 'stale' | 'suppressed' | 'waiting';
  answer: string;
  after: number;
  /** Enhanced status code (RFC 3463) with which its address bounced before, when that is why. */
  bounced?: string;
}

/** What a page is asked for; which of it says something goes by `what`. */
interface Fact {
  what: string;
  key: string;
  answer: string;
  status: string;
  due: boolean;
  /** Seconds until one of a domain tries again. */
  untilTry: number;
  /** Seconds that the others wait. */
  wait: number;
  /** By the database's clock, in seconds since 1970. */
  now: number;
}

/** Who may go onto the line: asked once for a page, before any of it is sent. */
@Injectable()
export class MailAdmission {
  private readonly perServer: RateLimiterPostgres | undefined;
  private readonly perDomain: RateLimiterPostgres | undefined;

  constructor(
    private readonly dataSource: DataSource,
    private readonly circuits: SmtpCircuits,
    environment: Environment,
  ) {
    const aMinute = (keyPrefix: string, points: number | undefined) =>
      points === undefined ? undefined : sharedLimiter(dataSource, { keyPrefix, points, duration: MINUTE });
    this.perServer = aMinute('smtp', environment.SMTP_PER_MINUTE);
    this.perDomain = aMinute('smtp_domain', environment.SMTP_DOMAIN_PER_MINUTE);
  }

  /**
   * Which mails of a page of one kind don't go now, and why: their address bounces, their reader wants none, their domain
   * refuses, or there were enough this minute. One statement, and one more for each limit that is set.
   */
  async refused(kind: MailKind, page: Leaving[]): Promise<Map<string, Unsent>> {
    const refused = new Map<string, Unsent>();
    if (page.length === 0) return refused;
    const refuse = ({ mail: { id } }: Leaving, state: Unsent['state'], answer: string, after = 0): void =>
      void refused.set(id, { id, state, answer, after });
    const facts = await this.ask(kind, page);
    this.circuits.know([...facts.circuits.keys()]);
    const tries = new Set<string>();
    for (const leaving of page) {
      const { mail, composed, domain } = leaving;
      const bounced = facts.suppressed.get(emailKey(composed.to.address));
      const circuit = facts.circuits.get(domain);
      if (bounced !== undefined && !kind.awaited) {
        const answer = `Not sent, since this address bounced: ${bounced.answer}`;
        refused.set(mail.id, { id: mail.id, state: 'suppressed', answer, after: 0, bounced: bounced.status });
      } else if (facts.unsubscribed.has(mail.subjectId)) {
        refuse(leaving, 'suppressed', 'Not sent, since its reader unsubscribed from such mails.');
      } else if (circuit && (!circuit.due || tries.has(domain))) {
        const { untilTry, wait, answer, now } = circuit;
        const left = mail.usefulUntil === null ? Infinity : mail.usefulUntil.getTime() / 1_000 - now;
        const after = kind.awaited ? untilTry : Math.min(wait, Math.max(left / 2, MINUTE));
        refuse(leaving, 'waiting', `Waits, since ${domain} refuses mails now: ${answer}`, after);
      } else {
        tries.add(domain);
      }
    }
    const rest = () => page.filter(({ mail }) => !refused.has(mail.id));
    if (this.perDomain) {
      await Promise.all(
        [...Map.groupBy(rest(), ({ domain }) => domain)].map(([domain, leaving]) =>
          this.count(this.perDomain!, domain, kind, leaving, refuse),
        ),
      );
    }
    if (this.perServer) await this.count(this.perServer, 'all', kind, rest(), refuse);
    return refused;
  }

  /** A circuit that is due lets one mail try, of one page of one worker: asking takes the turn. */
  private async ask(kind: MailKind, page: Leaving[]) {
    const rows: Fact[] = await this.dataSource.query(
      `WITH tried AS (
           UPDATE smtp_circuits SET next_try_at = now() + make_interval(secs => $4)
           WHERE scope = ANY($1::text[]) AND next_try_at <= now() RETURNING scope)
         SELECT 'circuit' AS what, scope AS key, answer, NULL AS status, scope IN (SELECT scope FROM tried) AS due,
           until_try::float8 AS "untilTry",
           greatest(until_try, least(extract(epoch FROM now() - opened_at), ${LONGEST_WAIT}))::float8 AS wait,
           extract(epoch FROM now())::float8 AS now
         FROM smtp_circuits CROSS JOIN LATERAL (
           SELECT CASE WHEN next_try_at > now() THEN extract(epoch FROM next_try_at - now()) ELSE $4 END) AS next (until_try)
         UNION ALL SELECT 'address', email_key, diagnostic, status, false, 0, 0, 0 FROM address_suppressions
         WHERE email_key = ANY($2::text[])
         UNION ALL SELECT 'subject', subject_id::text, NULL, NULL, false, 0, 0, 0 FROM unsubscriptions
         WHERE subject_id = ANY($3::uuid[])`,
      [
        [...new Set(page.map(({ domain }) => domain))],
        page.map(({ composed }) => emailKey(composed.to.address)),
        kind.unsubscribable ? page.map(({ mail }) => mail.subjectId) : [],
        CIRCUITS.domain.tryAfter,
      ],
    );
    const of = (what: string) => rows.filter((row) => row.what === what);
    return {
      circuits: new Map(of('circuit').map((row) => [row.key, row])),
      suppressed: new Map(of('address').map((row) => [row.key, row])),
      unsubscribed: new Set(of('subject').map(({ key }) => key)),
    };
  }

  /**
   * Counts mails against a limit, all at once. What is over it waits for the minute that its place in the row comes to:
   * the limit counts those too that it refuses.
   */
  private async count(
    limiter: RateLimiterPostgres,
    key: string,
    kind: MailKind,
    leaving: Leaving[],
    refuse: (leaving: Leaving, state: 'waiting', answer: string, after: number) => void,
  ): Promise<void> {
    if (leaving.length === 0) return;
    const result = await limiter.consume(key, leaving.length).catch((verdict: unknown) => {
      if (verdict instanceof RateLimiterRes) return verdict;
      throw verdict;
    });
    if (kind.awaited) return;
    const first = result.consumedPoints - leaving.length;
    leaving.forEach((each, index) => {
      const minutes = Math.floor((first + index) / limiter.points);
      if (minutes === 0) return;
      const after = result.msBeforeNext / 1000 + (minutes - 1) * MINUTE;
      const whom = key === 'all' ? '' : ` to ${key}`;
      refuse(each, 'waiting', `Waits, since ${limiter.points} mails a minute${whom} are enough.`, after);
    });
  }
}
