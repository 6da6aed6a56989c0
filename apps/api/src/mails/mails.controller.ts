import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { DialoguesService } from '@app/dialogues';
import { MailList, mailKinds, type Mail } from '@app/mail';
import { decodeCursor, IdPipe, toPage } from '../http/fields';
import { CurrentOrganiser } from '../http/organiser.guard';
import { MailAnswer, MailsPage, MailsQuery } from './dto/mails.dto';

@ApiTags('mails')
@Controller('v1/dialogues/:id/mails')
export class MailsController {
  constructor(
    private readonly dialogues: DialoguesService,
    private readonly mails: MailList,
  ) {}

  /** Every mail of a dialogue, the newest first: to whom, why, in what state, what the mail server answered. */
  @Get()
  async list(
    @CurrentOrganiser() organiserId: string,
    @Param('id', IdPipe) id: string,
    @Query() { limit, cursor, ...filter }: MailsQuery,
  ): Promise<MailsPage> {
    await this.dialogues.get(organiserId, id);
    const before = decodeCursor(cursor, [/^\d{1,18}$/])?.[0];
    const [rows, counts] = await Promise.all([
      this.mails.page(id, filter, limit + 1, before),
      this.mails.counts(id),
    ]);
    return { ...toPage(rows, limit, toAnswer, (mail) => [mail.id]), counts };
  }
}

function toAnswer(mail: Mail): MailAnswer {
  const isWaiting = mail.state === 'queued' || mail.state === 'deferred';
  return {
    id: mail.id,
    kind: mail.kind,
    about: mailKinds().find(({ name }) => name === mail.kind)?.about ?? 'unknown',
    subject_id: mail.subjectId,
    recipient: mail.recipient,
    recipient_name: mail.recipientName,
    language: mail.language,
    state: mail.state,
    attempts: mail.attempts,
    uncertain: mail.uncertain,
    answer: mail.answer,
    message_id: mail.messageId,
    created_at: mail.createdAt.toISOString(),
    next_attempt_at: isWaiting ? mail.nextAttemptAt.toISOString() : null,
    sent_at: mail.sentAt?.toISOString() ?? null,
    useful_until: mail.usefulUntil?.toISOString() ?? null,
  };
}
