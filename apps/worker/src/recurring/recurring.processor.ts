import { Inject, Injectable } from '@nestjs/common';
import type { Job } from 'bullmq';
import { MailSweep, RECURRING_QUEUE, type RecurringJob } from '@app/mail';
import { ChangeAnnouncer, ReminderPlanner } from '@app/notifications';
import { RetentionService } from '@app/participants';
import { Processor } from '../processor';

/** Carries out what recurs, one at a time; each is safe to run twice at once. */
@Injectable()
export class RecurringProcessor extends Processor<unknown> {
  readonly queue = RECURRING_QUEUE;
  readonly concurrency = 1;

  private readonly work: Record<RecurringJob, () => Promise<unknown>>;

  constructor(
    @Inject(MailSweep) sweep: MailSweep,
    @Inject(ReminderPlanner) planner: ReminderPlanner,
    @Inject(ChangeAnnouncer) announcer: ChangeAnnouncer,
    @Inject(RetentionService) retention: RetentionService,
  ) {
    super();
    this.work = {
      'purge-dialogues': () => retention.purgeDue(),
      'forget-recipients': () => retention.forgetRecipients(),
      'sweep-mails': () => sweep.sweep(),
      'plan-reminders': () => planner.plan(),
      'announce-changes': () => announcer.announce(),
    };
  }

  async process(job: Job): Promise<void> {
    await this.work[job.name as RecurringJob]();
  }
}
