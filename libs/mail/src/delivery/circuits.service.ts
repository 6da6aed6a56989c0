import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { log } from '@app/platform';
import { CIRCUITS, type Verdict } from './smtp-answers.rules';

/** The scope of the mail server itself; every other scope is a domain, and no domain of an address has no dot. */
export const SERVER = 'server';

/**
 * Where nothing is sent for now (`smtp_circuits`): what one worker was refused, the others need not try. This process
 * counts refusals in a row by itself; an open circuit is shared, and whoever opens it raises the alarm, once.
 */
@Injectable()
export class SmtpCircuits {
  /** Set by a refusal of the server, and cleared by `resumed`: what waits here must not go onto the line meanwhile. */
  halted = false;
  private readonly refusals = new Map<string, number>();
  private open = new Set<string>();

  constructor(private readonly dataSource: DataSource) {}

  /** The database let this process claim mails, so the server may be tried. */
  resumed(): void {
    this.halted = false;
  }

  /** Takes note of every circuit that is open now, so that the first success can close it. */
  know(scopes: string[]): void {
    this.open = new Set(scopes);
  }

  /** Counts a refusal, and opens the circuit when there were enough. */
  async refused({ circuit, answer }: Verdict, domain: string): Promise<void> {
    // Whoever is answered about a mail has reached the server; an answer that speaks of one mail, the domain too.
    if (circuit === null || circuit === 'domain') this.refusals.delete(SERVER);
    if (circuit === null) this.refusals.delete(domain);
    if (circuit === null) return;
    const scope = circuit === 'domain' ? domain : SERVER;
    // Whoever waits for it is told what was said, also in another dialogue: the address of this mail is none of theirs.
    const said = answer.replace(/[^\s<>"'(),:;]+@[^\s<>"'(),:;]+/gu, '…');
    const { refusals, tryAfter } = CIRCUITS[circuit];
    const count = (this.refusals.get(scope) ?? 0) + 1;
    this.refusals.set(scope, count);
    if (count < refusals && !this.open.has(scope)) return;
    this.open.add(scope);
    if (scope === SERVER) this.halted = true;
    try {
      const [row]: { opened: boolean }[] = await this.dataSource.query(
        `INSERT INTO smtp_circuits (scope, answer, next_try_at) VALUES ($1, $2, now() + make_interval(secs => $3))
         ON CONFLICT (scope) DO UPDATE SET answer = excluded.answer, next_try_at = excluded.next_try_at
         RETURNING xmax = 0 AS opened`,
        [scope, said, tryAfter],
      );
      if (!row!.opened) return;
      const alarm = 'mails are refused: nothing is sent there until one that tries is taken';
      if (scope === SERVER) log.error({ scope, answer: said }, alarm);
      else log.warn({ scope, answer: said }, alarm);
    } catch (error) {
      log.warn({ err: error, scope }, 'circuit not opened yet; the next refusal will');
    }
  }

  /** A mail was taken: closes what was open. */
  async took(domain: string): Promise<void> {
    this.refusals.delete(SERVER);
    this.refusals.delete(domain);
    const scopes = [SERVER, domain].filter((scope) => this.open.delete(scope));
    if (scopes.length === 0) return;
    try {
      const [closed]: [{ scope: string }[]] = await this.dataSource.query(
        `DELETE FROM smtp_circuits WHERE scope = ANY($1) RETURNING scope`,
        [scopes],
      );
      for (const { scope } of closed) log.info({ scope }, 'mails are taken again');
    } catch (error) {
      for (const scope of scopes) this.open.add(scope);
      log.warn({ err: error }, 'circuit not closed yet; the next mail that is taken will');
    }
  }
}
