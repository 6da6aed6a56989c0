import type { DataSource } from 'typeorm';

/** A statement as the driver sent it. */
export interface Statement {
  text: string;
  values: unknown[];
}

interface Client {
  query: (...request: unknown[]) => unknown;
}

/**
 * Writes down every statement that a data source sends, at the driver: what TypeORM, a rate limiter or a transaction
 * adds is counted, too. `BEGIN` and `COMMIT` are statements as well: each costs a round trip.
 */
export class Statements {
  private readonly watched = new WeakSet<Client>();
  private sent: Statement[] | null = null;

  constructor(dataSource: DataSource) {
    const pool = (dataSource.driver as unknown as { master: NodeJS.EventEmitter }).master;
    pool.on('acquire', (client: Client) => this.watch(client));
  }

  /** What was sent while this went on. Nothing else may use the data source meanwhile. */
  async during(work: () => Promise<unknown>): Promise<Statement[]> {
    const sent: Statement[] = (this.sent = []);
    await work();
    this.sent = null;
    return sent;
  }

  private watch(client: Client): void {
    if (this.watched.has(client)) return;
    this.watched.add(client);
    const query = client.query.bind(client);
    client.query = (...request: unknown[]) => {
      const [what, values] = request;
      const text = typeof what === 'string' ? what : (what as { text: string }).text;
      const given = Array.isArray(values) ? values : ((what as { values?: unknown[] }).values ?? []);
      this.sent?.push({ text, values: given as unknown[] });
      return query(...request);
    };
  }
}

/** The first words of each, for a message that says which statement is one too many. */
export function inShort(statements: readonly Statement[]): string[] {
  return statements.map(({ text }) => text.replace(/\s+/g, ' ').trim().slice(0, 90));
}
