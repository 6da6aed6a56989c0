import { Injectable } from '@nestjs/common';
import {
  digestOf,
  MailReturns,
  provedByAddress,
  readReturn,
  verdictOfReturn,
  type ReturnedMessage,
} from '@app/mail';
import { CalendarReplies } from '@app/participants';
import { Links, log } from '@app/platform';

/** Takes in what came back, wherever it came from. */
@Injectable()
export class Intake {
  constructor(
    private readonly links: Links,
    private readonly mailReturns: MailReturns,
    private readonly calendarReplies: CalendarReplies,
  ) {}

  /**
   * Takes one message in; the same one twice is one. Without a proof it is neither read nor kept: anybody can send it, and
   * as many as they like.
   * @param recipient the address it was sent to, of which only the secret counts.
   * @param isFromNobody whether it was handed over without a return path, as a bounce is.
   * @throws NotYetSent; whatever the database throws while it is away: hand it in again later.
   */
  async take(recipient: string, message: Buffer, isFromNobody = false): Promise<void> {
    const proved = provedByAddress(this.links, recipient);
    if (proved === null) {
      log.info('message left alone: its address proves nothing');
      return;
    }
    const read = await readable(message, isFromNobody);
    const verdict = verdictOfReturn(read);
    const digest = digestOf(recipient, message);
    if (proved.purpose === 'bounce') await this.mailReturns.take(proved.id, digest, read);
    else await this.calendarReplies.take(proved.id, digest, verdict);
    log.info({ kind: verdict.kind, proved: proved.purpose }, 'message taken in');
  }
}

/** What can't be read, such as a thousand parts in each other, will not be read the next time either: it says nothing. */
async function readable(message: Buffer, isFromNobody: boolean): Promise<ReturnedMessage> {
  try {
    return await readReturn(message, isFromNobody);
  } catch (error) {
    log.warn({ err: error as Error }, 'message can not be read');
    return {
      from: '',
      subject: '',
      isFromNobody: false,
      headers: new Map(),
      text: '',
      deliveryStatus: null,
      calendar: null,
    };
  }
}
