import 'reflect-metadata';
import { plainToInstance, Transform, Type } from 'class-transformer';
import {
  IsEmail,
  IsIn,
  IsInt,
  IsOptional,
  IsUrl,
  Matches,
  Max,
  Min,
  MinLength,
  validateSync,
} from 'class-validator';

const emptyIsUnset = Transform(({ value }) => (value === '' ? undefined : value));

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

  @IsUrl({ require_tld: false, require_protocol: true, protocols: ['http', 'https'] }) PUBLIC_URL: string;

  @MinLength(32, {
    message: 'LINK_KEY must have at least 32 characters; make one with: openssl rand -base64 48',
  })
  LINK_KEY: string;

  /** For how many seconds of quiet a change of time or place is gathered before it is mailed. */
  @IsOptional() @Type(() => Number) @IsInt() @Min(0) CHANGE_GATHERING_SECONDS = 180;

  /** How often the worker looks for mails, reminders and changes that are due, in seconds. */
  @IsOptional() @Type(() => Number) @Min(0.2) SWEEP_SECONDS = 5;

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
    throw new Error(`The environment is not right: ${problems.join('; ')}. See .env.example.`);
  return environment;
}
