import { Inject, Injectable } from '@nestjs/common';
import { digestOf, MailReturns, provedByAddress, readReturn, verdictOfReturn } from '@app/mail';
import { CalendarReplies } from '@app/participants';
import { Links, log } from '@app/platform';

/** Takes in what came back, wherever it came from. */
@Injectable()
export class Intake {
  constructor(
    @Inject(Links) private readonly links: Links,
    @Inject(MailReturns) private readonly mailReturns: MailReturns,
    @Inject(CalendarReplies) private readonly calendarReplies: CalendarReplies,
  ) {}

  /**
   * Takes one message in; the same one twice is one.
   * @param recipient the address it was sent to, of which only the secret counts.
   * @throws NotYetSent; whatever the database throws while it is away: hand it in again later.
   */
  async take(recipient: string, message: Buffer): Promise<void> {
    const verdict = verdictOfReturn(await readReturn(message));
    const digest = digestOf(recipient, message);
    const proved = provedByAddress(this.links, recipient);
    if (proved === null) await this.mailReturns.unproved(digest);
    else if (proved.purpose === 'bounce') await this.mailReturns.take(proved.id, digest, verdict);
    else await this.calendarReplies.take(proved.id, digest, verdict);
    log.info({ kind: verdict.kind, proved: proved?.purpose ?? null }, 'message taken in');
  }
}
