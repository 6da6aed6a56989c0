import { isIPv6 } from 'node:net';
import { Injectable } from '@nestjs/common';
import { RateLimiterRes, type RateLimiterPostgres } from 'rate-limiter-flexible';
import { DataSource } from 'typeorm';
import { emailKey, Environment, hashSecret, nameKey, Problem, sharedLimiter } from '@app/platform';
import { RetryLater } from './problems';

/** Wrong tokens and links from one address of origin, in a quarter of an hour. */
const FAILURES = 100;
const FAILURES_SECONDS = 15 * 60;
/** Mails of one purpose that anybody can cause to one person, in an hour. */
const MAILS = 5;
/** Mails about registrations that anybody can cause to one address, which a whole mission may share, in an hour. */
const MAILS_TO_SHARED_ADDRESS = 50;
const MAILS_SECONDS = 60 * 60;
/** Registrations by the open link of one dialogue from one address of origin, which a whole ministry may share, in an hour. */
const REGISTRATIONS = 200;
const REGISTRATIONS_SECONDS = 60 * 60;
/** Names that a personal link can try and be told to be registered already, in an hour. */
const NAMES = 5;
/** Refusals that tell that somebody is registered. */
const TELLING = ['substitute_registered', 'taken'];
/** Wishes for a lost link or to sign in from one address of origin, in an hour. */
const WISHES = 300;

/**
 * Limits failures by address of origin and mails by recipient, in PostgreSQL, so that all replicas count together.
 * Who succeeds is neither counted nor refused: hundreds of delegates come through one address of one proxy, and one
 * of them, or a scanner, must not lock out the others. Guessing is hopeless anyway (256 bits).
 */
@Injectable()
export class RateLimits {
  private readonly failures: RateLimiterPostgres;
  private readonly mails: RateLimiterPostgres;
  private readonly sharedAddresses: RateLimiterPostgres;
  private readonly registrations: RateLimiterPostgres;
  private readonly unconfirmed: RateLimiterPostgres;
  private readonly unconfirmedOfOrigin: RateLimiterPostgres;
  private readonly wishes: RateLimiterPostgres;
  private readonly names: RateLimiterPostgres;

  constructor(
    private readonly dataSource: DataSource,
    environment: Environment,
  ) {
    this.failures = sharedLimiter(dataSource, {
      keyPrefix: 'failures',
      points: FAILURES,
      duration: FAILURES_SECONDS,
      inMemoryBlockOnConsumed: FAILURES + 1,
      clearExpiredByTimeout: true,
    });
    this.mails = sharedLimiter(dataSource, {
      keyPrefix: 'mails',
      points: MAILS,
      duration: MAILS_SECONDS,
    });
    this.sharedAddresses = sharedLimiter(dataSource, {
      keyPrefix: 'shared_addresses',
      points: MAILS_TO_SHARED_ADDRESS,
      duration: MAILS_SECONDS,
    });
    this.registrations = sharedLimiter(dataSource, {
      keyPrefix: 'registrations',
      points: REGISTRATIONS,
      duration: REGISTRATIONS_SECONDS,
    });
    this.unconfirmed = sharedLimiter(dataSource, {
      keyPrefix: 'unconfirmed',
      points: environment.UNCONFIRMED_PER_HOUR,
      duration: REGISTRATIONS_SECONDS,
    });
    this.unconfirmedOfOrigin = sharedLimiter(dataSource, {
      keyPrefix: 'unconfirmed_origin',
      points: environment.UNCONFIRMED_ORIGIN_PER_HOUR,
      duration: REGISTRATIONS_SECONDS,
    });
    this.names = sharedLimiter(dataSource, {
      keyPrefix: 'names',
      points: NAMES,
      duration: REGISTRATIONS_SECONDS,
    });
    this.wishes = sharedLimiter(dataSource, {
      keyPrefix: 'wishes',
      points: WISHES,
      duration: REGISTRATIONS_SECONDS,
    });
  }

  /**
   * Counts a registration by the open link before anything is written or mailed: anyone who fills in a form causes a mail to an
   * address of their choice. Known and unknown addresses count alike. Until the address is confirmed it counts among the
   * unconfirmed, too, of which few may come from one origin and not too many from all together.
   * @throws RetryLater 429 `too_many_registrations`
   */
  async registers(dialogueId: string, origin: string): Promise<void> {
    const ofOrigin = `${dialogueId}:${originKey(origin)}`;
    const seconds =
      (await over(this.registrations, ofOrigin)) ?? (await overUncounted(this.unconfirmedOfOrigin, ofOrigin));
    if (seconds !== null) {
      throw new RetryLater(
        429,
        'too_many_registrations',
        'Too many registrations for this dialogue came from your network. Wait as long as Retry-After says, or confirm the addresses of those that were made.',
        seconds,
      );
    }
    const secondsOfAll = await overUncounted(this.unconfirmed, dialogueId);
    if (secondsOfAll !== null) {
      await this.unconfirmedOfOrigin.reward(ofOrigin);
      throw new RetryLater(
        429,
        'too_many_registrations',
        'Too many registrations for this dialogue wait for their address to be confirmed. Wait as long as Retry-After says.',
        secondsOfAll,
      );
    }
  }

  /** An address was confirmed: the registration counts among the unconfirmed no more, wherever it was asked for. */
  async confirmed(dialogueId: string, registrationId: string): Promise<void> {
    const [asked]: { origin: string }[] = await this.dataSource.query(
      `SELECT origin FROM audit_entries WHERE dialogue_id = $1 AND subject_id = $2 AND action = 'registration.requested'
         AND origin IS NOT NULL AND happened_at > now() - make_interval(secs => $3) ORDER BY id DESC LIMIT 1`,
      [dialogueId, registrationId, REGISTRATIONS_SECONDS],
    );
    if (!asked) return;
    await this.unconfirmedOfOrigin.reward(`${dialogueId}:${originKey(asked.origin)}`);
    await this.unconfirmed.reward(dialogueId);
  }

  /**
   * Counts a wish for a lost link or to sign in, whose address anybody may invent: each leaves a line in the audit.
   * @throws RetryLater 429 `too_many_wishes`
   */
  async asks(origin: string): Promise<void> {
    const seconds = await over(this.wishes, originKey(origin));
    if (seconds !== null) {
      throw new RetryLater(
        429,
        'too_many_wishes',
        'Too many links were asked for from your network. Wait as long as Retry-After says.',
        seconds,
      );
    }
  }

  /**
   * Does something for whoever holds a personal link in which they name somebody, and counts the refusals that tell that
   * this person is registered: else a list of names could be tried to learn who is. Who was told so too often is refused
   * before anything is looked up, whomever they name then.
   * @param linkId of the registration or invitation that the link is for.
   * @throws RetryLater 429 `too_many_names`
   */
  async naming<Result>(linkId: string, work: () => Promise<Result>): Promise<Result> {
    const told = await this.names.get(linkId);
    if (told && told.consumedPoints >= NAMES) throw tooManyNames(told.msBeforeNext / 1000);
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof Problem) || !tells(error)) throw error;
      const seconds = await over(this.names, linkId);
      throw seconds === null ? error : tooManyNames(seconds);
    }
  }

  /**
   * Counts a wrong token or link; call it before answering 401 or 404.
   * @throws RetryLater 429 `too_many_failures`
   */
  async failed(origin: string): Promise<void> {
    const seconds = await over(this.failures, originKey(origin));
    if (seconds !== null) {
      throw new RetryLater(
        429,
        'too_many_failures',
        'Too many wrong links or tokens came from your address. Wait, and check the link or token.',
        seconds,
      );
    }
  }

  /**
   * Whether one more mail that anybody can ask for may go to this address; if not, answer alike and send nothing.
   * Purposes are counted apart, so that registrations don't keep an organiser out; registrations are counted by person,
   * as the delegates of a mission may share its address.
   */
  async mayMail(purpose: 'sign-in' | 'role' | 'link', address: string): Promise<boolean>;
  async mayMail(purpose: 'registration', address: string, name: string): Promise<boolean>;
  async mayMail(
    purpose: 'sign-in' | 'role' | 'link' | 'registration',
    address: string,
    name = '',
  ): Promise<boolean> {
    const key = hashSecret([purpose, emailKey(address), nameKey(name)].join('\n'));
    if ((await over(this.mails, key)) !== null) return false;
    return (
      purpose !== 'registration' || (await over(this.sharedAddresses, hashSecret(emailKey(address)))) === null
    );
  }
}

function tells({ code, errors }: Problem): boolean {
  return TELLING.includes(code) || errors.some((error) => TELLING.includes(error.code));
}

function tooManyNames(seconds: number): RetryLater {
  return new RetryLater(
    429,
    'too_many_names',
    'Too many names were tried by this link. Wait as long as Retry-After says.',
    Math.max(1, Math.ceil(seconds)),
  );
}

/** Seconds to wait when the limit is passed, else null. */
async function over(limiter: RateLimiterPostgres, key: string): Promise<number | null> {
  try {
    await limiter.consume(key);
    return null;
  } catch (verdict) {
    if (verdict instanceof RateLimiterRes) return Math.max(1, Math.ceil(verdict.msBeforeNext / 1000));
    throw verdict;
  }
}

/** The same where what is refused is not counted: it left nothing that waits to be confirmed. */
async function overUncounted(limiter: RateLimiterPostgres, key: string): Promise<number | null> {
  const seconds = await over(limiter, key);
  if (seconds !== null) await limiter.reward(key);
  return seconds;
}

/**
 * One key for one site: IPv6 lines are given up to a /48 (RFC 6177), and its owner has every address in it. Subscribers of one
 * mobile network may share one, as they share an IPv4 address.
 */
export function originKey(origin: string): string {
  const plain = origin.replace(/^::ffff:(?=\d+\.)/i, '');
  if (!isIPv6(plain)) return plain;
  const [head = '', tail] = plain.split('%')[0]!.split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const groups =
    tail === undefined
      ? left
      : [...left, ...Array<string>(Math.max(0, 8 - left.length - right.length)).fill('0'), ...right];
  return `${groups
    .slice(0, 3)
    .map((group) => parseInt(group, 16).toString(16))
    .join(':')}::/48`;
}
