import { randomBytes } from 'node:crypto';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { InjectOptions, LightMyRequestResponse as Response } from 'fastify';
import { DataSource } from 'typeorm';
import type { AccountsService } from '@app/accounts';
import { createTestDatabase, type TestDatabase } from './postgres';

// Read when the log is first loaded. Run with LOG_LEVEL=debug to see what a test makes the API say.
process.env.LOG_LEVEL ??= 'silent';

/** Someone who may use the API. */
export interface TestOrganiser {
  id: string;
  email: string;
  token: string;
}

export interface TestApiOptions {
  /** Settings beside those that every process needs; `SMTP_URL` of a mailbox, `REDIS_URL`. */
  environment?: Record<string, string>;
  /** Where the API finds the database instead, such as through a proxy that can be shut. */
  reach?: (databaseUrl: string) => Promise<string>;
  /** How long a request may take to come in, in milliseconds; as it is outside of tests unless given. */
  requestMs?: number;
}

/** What a request may say beside its body. */
export interface RequestOptions {
  /** A token of another organiser, or null for none. */
  token?: string | null;
  headers?: Record<string, string>;
}

/** The API on a database of its own, and an organiser with a token. */
export interface TestApi {
  readonly app: NestFastifyApplication;
  readonly database: TestDatabase;
  /** The API's own pool, to look into the database. */
  readonly dataSource: DataSource;
  readonly organiser: TestOrganiser;
  /**
   * Sends a request as the organiser, unless another token is given: an object is sent as JSON, a string or Buffer as
   * `text/csv` unless the headers say otherwise. `answer.json()` reads the body.
   */
  request(
    method: InjectOptions['method'],
    url: string,
    body?: unknown,
    options?: RequestOptions,
  ): Promise<Response>;
  /**
   * Reads something, and gives what an edit of it sends: the ETag that was read, or `If-None-Match: *` where there was
   * none. Anyone who may not read it gets the tag that the organiser of the test reads.
   */
  reading(url: string, options?: RequestOptions): Promise<{ headers: Record<string, string> }>;
  /** Replaces a document as a careful client does: after `reading` it, unless the headers say what was read before. */
  replace(url: string, body?: unknown, options?: RequestOptions): Promise<Response>;
  /** Posts an HTML form of our own pages, as a browser does, without a token. */
  submit(url: string, fields: Record<string, string>, headers?: Record<string, string>): Promise<Response>;
  /** Another organiser, who must see nothing of the first. */
  newOrganiser(name?: string, scope?: 'read' | 'write'): Promise<TestOrganiser>;
  close(): Promise<void>;
}

/**
 * Starts the API for a test file:
 *
 *     let api: TestApi;
 *     beforeAll(async () => { api = await startApi(); });
 *     afterAll(() => api.close());
 *
 * Nothing listens: requests are injected. For a browser: `await api.app.listen(0, '127.0.0.1')`.
 */
export async function startApi({
  environment = {},
  reach,
  requestMs,
}: TestApiOptions = {}): Promise<TestApi> {
  const database = await createTestDatabase();
  Object.assign(process.env, {
    DATABASE_URL: reach ? await reach(database.url) : database.url,
    // Nobody listens there: a test that delivers gives its own mailbox.
    SMTP_URL: 'smtp://127.0.0.1:9',
    MAIL_FROM: 'secretariat@plenary.example',
    PUBLIC_URL: 'http://plenary.example',
    LINK_KEY: randomBytes(48).toString('base64'),
    ...environment,
  });
  const { createApi } =
    require('../../apps/api/src/create-api') as typeof import('../../apps/api/src/create-api');
  const accountsModule = require('@app/accounts') as typeof import('@app/accounts');
  const app = await createApi(requestMs === undefined ? {} : { requestMs });
  const accounts: AccountsService = app.get(accountsModule.AccountsService);

  let organisers = 0;
  const newOrganiser = async (
    name = `Organiser ${++organisers}`,
    scope: 'read' | 'write' = 'write',
  ): Promise<TestOrganiser> => {
    const email = `${name.toLowerCase().replace(/\W+/g, '.')}@secretariat.example`;
    const { id } = await accounts.ensureOrganiser(email, name);
    return { id, email, token: await accounts.newToken(id, { name: 'test', scope, days: 1 }) };
  };
  const organiser = await newOrganiser();

  const request: TestApi['request'] = (method, url, body, options = {}) => {
    const isText = typeof body === 'string' || Buffer.isBuffer(body);
    const token = options.token === undefined ? organiser.token : options.token;
    return app.inject({
      method,
      url,
      ...(body !== undefined && { payload: isText ? body : JSON.stringify(body) }),
      headers: {
        ...(token !== null && { authorization: `Bearer ${token}` }),
        ...(body !== undefined && {
          'content-type': isText ? 'text/csv; charset=utf-8' : 'application/json',
        }),
        ...options.headers,
      },
    });
  };

  const reading: TestApi['reading'] = async (url, options = {}) => {
    const own = await request('GET', url, undefined, options);
    const { etag } = (own.statusCode < 400 ? own : await request('GET', url)).headers;
    const headers: Record<string, string> =
      etag === undefined ? { 'if-none-match': '*' } : { 'if-match': String(etag) };
    return { headers };
  };

  return {
    app,
    database,
    dataSource: app.get(DataSource),
    organiser,
    newOrganiser,
    request,
    reading,
    replace: async (url, body, options = {}) => {
      const { headers } = await reading(url.split('?')[0]!, options);
      return request('PUT', url, body, { ...options, headers: { ...headers, ...options.headers } });
    },
    submit: (url, fields, headers = {}) =>
      app.inject({
        method: 'POST',
        url,
        payload: new URLSearchParams(fields).toString(),
        headers: {
          'content-type': 'application/x-www-form-urlencoded',
          // A test that says where it comes from, or that it does not say so, has its own word.
          ...(!('sec-fetch-site' in headers) && { origin: new URL(process.env.PUBLIC_URL!).origin }),
          ...headers,
        },
      }),
    close: async () => {
      await app.close();
      await database.drop();
    },
  };
}
