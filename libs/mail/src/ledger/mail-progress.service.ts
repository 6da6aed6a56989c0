import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { MAIL_STATES, type MailState } from '../mail.entity';

/** How many mails are in which state: all together, and of each kind. */
export interface Progress {
  states: Record<MailState, number>;
  kinds: Record<string, Record<MailState, number>>;
  /** Whether something still waits or is on the line. */
  moving: boolean;
}

/** So long a count is good enough for whoever asks, in milliseconds. */
const GOOD_FOR = 1_000;

/** How far the mailings of a dialogue are: one question a second to the database, however many look. */
@Injectable()
export class MailProgress {
  private readonly counted = new Map<string, Promise<Progress>>();

  constructor(private readonly dataSource: DataSource) {}

  /** As it was a second ago at most. */
  of(dialogueId: string): Promise<Progress> {
    let progress = this.counted.get(dialogueId);
    if (!progress) {
      progress = this.count(dialogueId);
      this.counted.set(dialogueId, progress);
      const forget = () => this.counted.delete(dialogueId);
      progress.then(() => setTimeout(forget, GOOD_FOR).unref(), forget);
    }
    return progress;
  }

  private async count(dialogueId: string): Promise<Progress> {
    const rows: { kind: string; state: MailState; count: number }[] = await this.dataSource.query(
      `SELECT kind, state, count(*)::int AS count FROM mails WHERE dialogue_id = $1 GROUP BY kind, state ORDER BY kind`,
      [dialogueId],
    );
    const states = none();
    const kinds: Progress['kinds'] = {};
    for (const { kind, state, count } of rows) {
      states[state] += count;
      (kinds[kind] ??= none())[state] = count;
    }
    return { states, kinds, moving: states.queued + states.sending + states.deferred > 0 };
  }
}

function none(): Record<MailState, number> {
  return Object.fromEntries(MAIL_STATES.map((state) => [state, 0])) as Record<MailState, number>;
}
