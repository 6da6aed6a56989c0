import { randomUUID } from 'node:crypto';

export interface Answer<Body> {
  status: number;
  body: Body;
  etag: string | null;
}

/** The API as an organiser's script uses it, with a bearer token. */
export class Api {
  constructor(
    private readonly origin: string,
    private readonly token: string | null,
  ) {}

  get<Body>(path: string): Promise<Answer<Body>> {
    return this.send('GET', path);
  }

  /** A create takes an Idempotency-Key, as a careful script does. */
  post<Body>(path: string, body: unknown = {}): Promise<Answer<Body>> {
    return this.send('POST', path, JSON.stringify(body), {
      'content-type': 'application/json',
      'idempotency-key': randomUUID(),
    });
  }

  /** Reads first and sends the ETag; where nothing is there to be read, that nothing may be there. */
  async put<Body>(path: string, body: unknown): Promise<Answer<Body>> {
    const { etag } = await this.get(path);
    return this.send('PUT', path, JSON.stringify(body), {
      'content-type': 'application/json',
      ...(etag ? { 'if-match': etag } : { 'if-none-match': '*' }),
    });
  }

  /** Reads first and sends the ETag, so that nobody else's edit is overwritten. */
  async patch<Body>(path: string, body: unknown): Promise<Answer<Body>> {
    const { etag } = await this.get(path);
    return this.send('PATCH', path, JSON.stringify(body), {
      'content-type': 'application/json',
      ...(etag && { 'if-match': etag }),
    });
  }

  delete(path: string): Promise<Answer<unknown>> {
    return this.send('DELETE', path);
  }

  postCsv<Body>(path: string, csv: string): Promise<Answer<Body>> {
    return this.send('POST', path, csv, { 'content-type': 'text/csv; charset=utf-8' });
  }

  /** All items of a list, page by page. */
  async list<Item>(path: string): Promise<Item[]> {
    const items: Item[] = [];
    let cursor: string | null = null;
    do {
      const query: string = cursor ? `&cursor=${encodeURIComponent(cursor)}` : '';
      const { body } = await this.get<{ items: Item[]; next_cursor: string | null }>(
        `${path}?limit=50${query}`,
      );
      items.push(...body.items);
      cursor = body.next_cursor;
    } while (cursor);
    return items;
  }

  private async send<Body>(
    method: string,
    path: string,
    body?: string,
    headers: Record<string, string> = {},
  ): Promise<Answer<Body>> {
    const response = await fetch(new URL(path, this.origin), {
      method,
      headers: {
        accept: 'application/json',
        ...(this.token && { authorization: `Bearer ${this.token}` }),
        ...headers,
      },
      ...(body !== undefined && { body }),
      signal: AbortSignal.timeout(20_000),
    });
    const text = await response.text();
    const isJson = /json/.test(response.headers.get('content-type') ?? '');
    const read = (isJson && text !== '' ? JSON.parse(text) : text) as Body;
    if (!response.ok) {
      const { code, detail, errors } = (isJson ? read : {}) as Record<string, unknown>;
      const fields = errors ? ` ${JSON.stringify(errors)}` : '';
      throw new Error(
        `${method} ${path} answers ${response.status} ${code ?? ''}: ${detail ?? text}${fields}`,
      );
    }
    return { status: response.status, body: read, etag: response.headers.get('etag') };
  }
}
