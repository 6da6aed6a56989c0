import { Inject, Injectable } from '@nestjs/common';
import type { Job } from 'bullmq';
import { MailSweep, RECURRING_QUEUE, type RecurringJob } from '@app/mail';
import {
  ChangeAnnouncer,
  ChasingPlanner,
  ReminderPlanner,
  ReturnsTeller,
  UnwrittenTeller,
} from '@app/notifications';
import {
  ApproverMails,
  DelegationsService,
  Offers,
  Questions,
  RetentionService,
  ZoneRules,
} from '@app/participants';
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
    @Inject(ChasingPlanner) chasing: ChasingPlanner,
    @Inject(DelegationsService) delegations: DelegationsService,
    @Inject(Offers) offers: Offers,
    @Inject(ApproverMails) approverMails: ApproverMails,
    @Inject(RetentionService) retention: RetentionService,
    @Inject(Questions) questions: Questions,
    @Inject(ReturnsTeller) returns: ReturnsTeller,
    @Inject(UnwrittenTeller) unwritten: UnwrittenTeller,
    @Inject(ZoneRules) zoneRules: ZoneRules,
  ) {
    super();
    this.work = {
      'purge-answers': () => questions.purge(),
      'purge-dialogues': () => retention.purgeDue(),
      'forget-erased': () => retention.forget(),
      'sweep-mails': () => sweep.sweep(),
      'plan-reminders': () => planner.plan(),
      'announce-changes': () => announcer.announce(),
      'chase-the-silent': () => chasing.chase(),
      'release-seats': () => delegations.releaseDue(),
      'expire-offers': () => offers.expire(),
      'tell-approvers': () => approverMails.tell(),
      'tell-of-returns': () => returns.tell(),
      'tell-of-unwritten': () => unwritten.tell(),
      'follow-zone-rules': () => zoneRules.follow(),
    };
  }

  async process(job: Job): Promise<void> {
    await this.work[job.name as RecurringJob]();
  }
}
