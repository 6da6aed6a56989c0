import { Controller, Get, Param, Post, Query, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { DataSource } from 'typeorm';
import { DialoguesService, ownDialogue } from '@app/dialogues';
import { MailHolds, mailKinds, MailList, ReturnList, type Mail } from '@app/mail';
import { Problem } from '@app/platform';
import { decodeCursor, IdPipe, toPage } from '../http/fields';
import { CurrentOrganiser } from '../http/organiser.guard';
import { ReplaysLocation } from '../http/replay';
import { MailAnswer, MailDetailAnswer, MailsPage, MailsQuery } from './dto/mails.dto';
import { toReturnAnswer } from './returns.controller';

/** So much that came back of one mail is shown; the rest stands in the list. */
const MOST_RETURNS = 50;

@ApiTags('mails')
@Controller('v1/dialogues/:id/mails')
export class MailsController {
  constructor(
    private readonly dataSource: DataSource,
    private readonly dialogues: DialoguesService,
    private readonly mails: MailList,
    private readonly returns: ReturnList,
    private readonly holds: MailHolds,
  ) {}

  /** The mails of a dialogue, the newest first: to whom, why, in what state, what the mail server answered. */
  @Get()
  async list(
    @CurrentOrganiser() organiserId: string,
    @Param('id', IdPipe) id: string,
    @Query() { limit, cursor, ...asked }: MailsQuery,
  ): Promise<MailsPage> {
    await this.dialogues.get(organiserId, id);
    const before = decodeCursor(cursor, [/^\d{1,18}$/])?.[0];
    const { kind: kinds, state: states, recipient, about, language, uncertain } = asked;
    const filter = {
      kinds,
      states,
      recipient,
      about,
      language,
      uncertain,
      queuedBefore: asked.queued_before,
      queuedAfter: asked.queued_after,
      sentBefore: asked.sent_before,
      sentAfter: asked.sent_after,
    };
    const isNarrowed = Object.values(filter).some((value) => value !== undefined);
    const [rows, counts, matching] = await Promise.all([
      this.mails.page(id, filter, limit + 1, before),
      this.mails.counts(id),
      isNarrowed ? this.mails.counts(id, filter) : undefined,
    ]);
    return { ...toPage(rows, limit, toAnswer, (mail) => [mail.id]), counts, matching: matching ?? counts };
  }

  /** One mail, what came back of it, and what was sent again. What it said: `…/content`. */
  @Get(':mail_id')
  async get(
    @CurrentOrganiser() organiserId: string,
    @Param('id', IdPipe) id: string,
    @Param('mail_id') mailId: string,
  ): Promise<MailDetailAnswer> {
    await this.dialogues.get(organiserId, id);
    const found = isMailId(mailId) ? await this.mails.one(id, mailId) : null;
    if (!found) throw Problem.notFound('mail');
    const returns = await this.returns.page(id, MOST_RETURNS, undefined, mailId);
    return {
      ...toAnswer(found.mail),
      returns: returns.map(toReturnAnswer),
      again: found.again.map(toAnswer),
    };
  }

  /**
   * Sends a mail again, as a new one that says what is true now. For one that was sent, failed, was suppressed or missed;
   * an address that bounces takes it only once its suppression is lifted.
   */
  @Post(':mail_id/resending')
  @ReplaysLocation()
  async sendAgain(
    @CurrentOrganiser() organiserId: string,
    @Param('id', IdPipe) id: string,
    @Param('mail_id') mailId: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<MailAnswer> {
    const again = await this.dataSource.transaction(async (manager) => {
      await ownDialogue(manager, organiserId, id, 'manage');
      if (!isMailId(mailId)) throw Problem.notFound('mail');
      return this.holds.sendAgain(manager, id, mailId);
    });
    this.holds.hint(again.id);
    reply.header('location', `/v1/dialogues/${id}/mails/${again.id}`);
    return toAnswer(again);
  }
}

function isMailId(id: string): boolean {
  return /^\d{1,18}$/.test(id);
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
    released_at: mail.releasedAt?.toISOString() ?? null,
    sent_at: mail.sentAt?.toISOString() ?? null,
    useful_until: mail.usefulUntil?.toISOString() ?? null,
  };
}
