import 'reflect-metadata';
import { plainToInstance, Transform, Type } from 'class-transformer';
import {
  IsEmail,
  IsIn,
  IsInt,
  IsOptional,
  IsString,
  IsUrl,
  Matches,
  Max,
  MaxDate,
  Min,
  MinLength,
  validateSync,
} from 'class-validator';
import { StartProblem } from './start-problem';

const emptyIsUnset = Transform(({ value }) => (value === '' ? undefined : value));

/** As many characters a link key has at least. */
export const LEAST_LINK_KEY = 32;

/** The settings of a process, read from its environment once at boot. `.env.example` explains each. */
export class Environment {
  @IsOptional() @Type(() => Number) @IsInt() @Min(0) @Max(65535) PORT = 3000;

  @IsOptional() HOST = '0.0.0.0';

  @Matches(/^postgres(ql)?:\/\//, {
    message: 'DATABASE_URL must be a URL such as postgres://user:password@host/database',
  })
  DATABASE_URL: string;

  @IsOptional() @Type(() => Number) @IsInt() @Min(2) DATABASE_CONNECTIONS = 10;

  @IsOptional()
  @emptyIsUnset
  @Matches(/^(rediss?|redis-sentinel):\/\//, {
    message: 'REDIS_URL must be redis://host, redis://a,redis://b (cluster) or redis-sentinel://a,b/name',
  })
  REDIS_URL?: string;

  @Matches(/^smtps?:\/\//, { message: 'SMTP_URL must be a URL such as smtp://user:password@host:587' })
  SMTP_URL: string;

  /** SMTP connections that a worker process keeps open; as many mails can be in flight. */
  @IsOptional() @Type(() => Number) @IsInt() @Min(1) @Max(100) SMTP_CONNECTIONS = 5;

  @IsEmail() MAIL_FROM: string;

  /**
   * The service mailbox to which bounces and calendar replies come, under addresses of its own (`returns+…@`); empty:
   * they come to `MAIL_FROM` and nobody reads them for us.
   */
  @IsOptional()
  @emptyIsUnset
  @IsEmail()
  @Matches(/^[^@+]{1,20}@/, {
    message: 'MAIL_RETURNS must be an address with at most 20 characters, none of them +, before the @',
  })
  MAIL_RETURNS?: string;

  /** Port on which the returns program takes mail by SMTP; empty: none. */
  @IsOptional() @emptyIsUnset @Type(() => Number) @IsInt() @Min(1) @Max(65535) RETURNS_PORT?: number;

  /** Folder from which the returns program reads `.eml` files; empty: none. */
  @IsOptional() @emptyIsUnset RETURNS_FOLDER?: string;

  /**
   * Holds every mail but what somebody released since this instant: for a restored backup, which may hold mails that were
   * released and went long ago. Sign-in links go nevertheless.
   */
  @IsOptional()
  @Type(() => Date)
  @MaxDate(() => new Date(), {
    message:
      'MAIL_HOLD must be an instant that has passed, such as 2026-01-28T06:00:00Z: later than the backup, and earlier than what is released goes',
  })
  MAIL_HOLD?: Date;

  /** How many mails a minute all workers together hand to the server; empty: as many as it takes. */
  @IsOptional() @emptyIsUnset @Type(() => Number) @IsInt() @Min(1) SMTP_PER_MINUTE?: number;

  /** The same for the recipients of any one domain. */
  @IsOptional() @emptyIsUnset @Type(() => Number) @IsInt() @Min(1) SMTP_DOMAIN_PER_MINUTE?: number;

  /** File with the private key (PEM) under which mails are signed (RFC 6376); empty: they are not. */
  @IsOptional() @emptyIsUnset DKIM_KEY_FILE?: string;

  /** Where the public key stands: `<selector>._domainkey.<domain of MAIL_FROM>`. */
  @IsOptional() @IsString() DKIM_SELECTOR = 'plenary';

  /** Bearer token for `/metrics`; empty: there is no such page. */
  @IsOptional()
  @emptyIsUnset
  @MinLength(16, { message: 'METRICS_TOKEN must have at least 16 characters' })
  METRICS_TOKEN?: string;

  /** Port on which a worker answers `/metrics`; empty: it does not. The API answers on its own port. */
  @IsOptional() @emptyIsUnset @Type(() => Number) @IsInt() @Min(0) @Max(65535) METRICS_PORT?: number;

  /** Where traces go by OTLP over HTTP, such as http://localhost:4318; empty: none are made. */
  @IsOptional()
  @emptyIsUnset
  @IsUrl({ require_tld: false, require_protocol: true })
  OTEL_EXPORTER_OTLP_ENDPOINT?: string;

  @IsUrl({ require_tld: false, require_protocol: true, protocols: ['http', 'https'] }) PUBLIC_URL: string;

  @MinLength(LEAST_LINK_KEY, {
    message: 'LINK_KEY must have at least 32 characters; make one with: openssl rand -base64 48',
  })
  LINK_KEY: string;

  /** The fingerprint of the key that `LINK_KEY` replaces in the database, for good; empty: it replaces none. */
  @IsOptional()
  @emptyIsUnset
  @Matches(/^([0-9a-f]{16}|unknown)$/, {
    message: 'LINK_KEY_REPLACES must be the fingerprint that the refused start named',
  })
  LINK_KEY_REPLACES?: string;

  /** For how many seconds of quiet a change of time or place is gathered before it is mailed. */
  @IsOptional() @Type(() => Number) @IsInt() @Min(0) CHANGE_GATHERING_SECONDS = 180;

  /** How often the worker looks for mails, reminders and changes that are due, in seconds. */
  @IsOptional() @Type(() => Number) @Min(0.2) SWEEP_SECONDS = 5;

  /** Registrations by the open link of one dialogue that wait for their address to be confirmed, from one origin, in an hour. */
  @IsOptional() @Type(() => Number) @IsInt() @Min(1) UNCONFIRMED_ORIGIN_PER_HOUR = 20;

  /** The same of one dialogue from all origins together. */
  @IsOptional() @Type(() => Number) @IsInt() @Min(1) UNCONFIRMED_PER_HOUR = 500;

  /** How many proxies stand before the API; the address of origin is taken from X-Forwarded-For accordingly. */
  @IsOptional() @Type(() => Number) @IsInt() @Min(0) TRUSTED_PROXIES = 0;

  @IsOptional() @IsIn(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']) LOG_LEVEL = 'info';
}

/**
 * Reads and checks the settings.
 * @throws Error that names every variable that is missing or wrong and says what it should be.
 */
export function readEnvironment(variables: NodeJS.ProcessEnv = process.env): Environment {
  const known = Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== ''));
  const environment = plainToInstance(Environment, known, { exposeDefaultValues: true });
  const problems = validateSync(environment).flatMap((error) => Object.values(error.constraints ?? {}));
  if (problems.length > 0)
    throw new StartProblem(`The environment is not right: ${problems.join('; ')}. See .env.example.`);
  return environment;
}
