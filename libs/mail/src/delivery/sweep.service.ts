import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Environment, Recurring } from '@app/platform';
import { MailQueue } from '../mail-queue.service';
import { PAGE } from '../mail.jobs';
import { SERVER } from './circuits.service';
import { DEAD_AFTER_SECONDS, neverHeld } from './delivery.service';

/**
 * So many mails are hinted at in one sweep: more than all workers send until the next, and few enough that one which has just
 * fallen due does not stand behind the whole of a large mailing.
 */
const AT_ONCE = 10_000;

/** Finds whatever is due and unclaimed, blindly and often, so that no hint ever matters (design, idea 1). */
@Injectable()
export class MailSweep {
  constructor(
    private readonly dataSource: DataSource,
    private readonly mailQueue: MailQueue,
    private readonly environment: Environment,
  ) {}

  @Recurring({ job: 'sweep-mails' })
  async sweep(): Promise<void> {
    await this.freeClaimsOfTheDead();
    if (this.environment.MAIL_HOLD) await this.hold(this.environment.MAIL_HOLD);
    await this.recordMissed();
    // What waits in the queue already would be added again, as it is due; half as many are enough work for a while.
    if ((await this.mailQueue.backlog()) * PAGE > AT_ONCE / 2) return;
    const due: { id: string }[] = await this.dataSource.query(
      `SELECT id::text FROM mails
       WHERE state IN ('queued', 'deferred') AND next_attempt_at <= now() AND claimed_by IS NULL
       ORDER BY next_attempt_at, id
       LIMIT CASE WHEN EXISTS (SELECT FROM smtp_circuits WHERE scope = '${SERVER}') THEN ${PAGE} ELSE ${AT_ONCE} END`,
    );
    const pages: string[][] = [];
    for (let first = 0; first < due.length; first += PAGE) {
      pages.push(due.slice(first, first + PAGE).map(({ id }) => id));
    }
    if (pages.length > 0) await this.mailQueue.addPages(pages);
  }

  /**
   * A mail that was on the line when its worker died may have gone out: it is sent again, and says so. Right after a
   * start of the database no heart can have beaten yet, so nobody is called dead.
   */
  private async freeClaimsOfTheDead(): Promise<void> {
    await this.dataSource.query(
      `UPDATE mails SET claimed_by = NULL, uncertain = uncertain OR state = 'sending',
         state = CASE WHEN state = 'sending' THEN 'queued' ELSE state END
       WHERE claimed_by IS NOT NULL
         AND pg_postmaster_start_time() < now() - make_interval(secs => ${DEAD_AFTER_SECONDS}) AND NOT EXISTS (
         SELECT FROM mail_claimants WHERE mail_claimants.id = mails.claimed_by
           AND heartbeat_at > now() - make_interval(secs => ${DEAD_AFTER_SECONDS}))`,
    );
    await this.dataSource.query(`DELETE FROM mail_claimants WHERE heartbeat_at < now() - interval '1 day'`);
  }

  /**
   * With `MAIL_HOLD` nothing goes that nobody released since then: a restored backup holds mails that went out long ago, also
   * such as were released or sent again before it was taken.
   */
  private async hold(since: Date): Promise<void> {
    await this.dataSource.query(
      `UPDATE mails SET state = 'held', answer = 'Held, since MAIL_HOLD is set.'
       WHERE state IN ('queued', 'deferred') AND claimed_by IS NULL
         AND (released_at IS NULL OR released_at < $2) AND kind <> ALL($1)`,
      [neverHeld(), since],
    );
  }

  private async recordMissed(): Promise<void> {
    // Two statements, as each of the states has an index of its own.
    for (const states of ["IN ('queued', 'deferred')", "= 'held'"]) {
      await this.dataSource.query(
        `UPDATE mails SET state = 'missed', answer = 'Its use ended before it could be sent.'
         WHERE state ${states} AND claimed_by IS NULL AND useful_until <= now()`,
      );
    }
  }
}
