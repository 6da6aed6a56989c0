import { Controller, Delete, Get, HttpCode, Param, Post, Query, Res } from '@nestjs/common';
import { ApiOkResponse, ApiProduces, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import {
  InvitationsService,
  JoinLinks,
  Questions,
  RegistrationExports,
  RegistrationLists,
  type RegistrationRow,
} from '@app/participants';
import { setETag } from '../../http/etag';
import { decodeCursor, IdPipe, toPage, UUID } from '../../http/fields';
import { CurrentOrganiser } from '../../http/organiser.guard';
import { Replays } from '../../http/replay';
import { sendExport } from './exports.controller';
import {
  ExportQuery,
  RegistrationsPage,
  RegistrationsQuery,
  RegistrationWithAnswers,
  type RegistrationAnswer,
} from './registration.dto';

@ApiTags('participants')
@Controller('v1')
export class RegistrationsController {
  constructor(
    private readonly exports: RegistrationExports,
    private readonly registrations: RegistrationLists,
    private readonly invitations: InvitationsService,
    private readonly joinLinks: JoinLinks,
    private readonly questions: Questions,
  ) {}

  /** Who is registered, in the order in which they came. Who was invited and is silent is among the invitations. */
  @Get('dialogues/:id/registrations')
  async list(
    @CurrentOrganiser() organiserId: string,
    @Param('id', IdPipe) dialogueId: string,
    @Query() { limit, cursor, state, mechanism, answers: withAnswers }: RegistrationsQuery,
  ): Promise<RegistrationsPage> {
    const after = decodeCursor(cursor, [/^\d{4}-/, UUID]);
    const { rows, counts } = await this.registrations.list(organiserId, dialogueId, {
      limit,
      after,
      state,
      mechanism,
    });
    const page = { ...toPage(rows, limit, toAnswer, (row) => [row.created_at, row.id]), counts };
    if (!withAnswers) return page;
    const ids = page.items.map(({ id }) => id);
    const { answers, withheld } = await this.questions.answers(organiserId, dialogueId, ids, 'list');
    const items = page.items.map((item) => ({ ...item, answers: answers.get(item.id) ?? {} }));
    return { ...page, items, answers_withheld: withheld };
  }

  /** One registration, with what they answered. */
  @Get('registrations/:id')
  async get(
    @CurrentOrganiser() organiserId: string,
    @Param('id', IdPipe) registrationId: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<RegistrationWithAnswers> {
    const { dialogue_id: dialogueId, ...row } = await this.registrations.get(organiserId, registrationId);
    setETag(reply, row.version);
    const { answers, withheld } = await this.questions.answers(
      organiserId,
      dialogueId,
      [registrationId],
      'view',
    );
    return { ...toAnswer(row), answers: answers.get(registrationId) ?? {}, answers_withheld: withheld };
  }

  /**
   * The participants as CSV that no spreadsheet will execute; its columns are those of an import, and more.
   *
   * Each question has a column with its code. Those with sensitive answers are left out for whoever may not see them, and
   * named in the header `Answers-Withheld`.
   */
  @Get('dialogues/:id/participants.csv')
  @ApiProduces('text/csv')
  @ApiOkResponse({ schema: { type: 'string' } })
  async export(
    @CurrentOrganiser() organiserId: string,
    @Param('id', IdPipe) dialogueId: string,
    @Query() { state }: ExportQuery,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    await sendExport(reply, 'csv', await this.exports.export(organiserId, dialogueId, 'csv', state));
  }

  /**
   * Makes a new personal link of a registration and mails it; the old one no longer works.
   *
   * The link to join is replaced with it: somebody who has it in their calendar receives the updated entry, too.
   */
  @Post('registrations/:id/link')
  @Replays()
  @HttpCode(202)
  async renewLink(
    @CurrentOrganiser() organiserId: string,
    @Param('id', IdPipe) registrationId: string,
  ): Promise<void> {
    await this.invitations.renewRegistrationLink(organiserId, registrationId);
  }

  /**
   * Revokes the personal link of a registration.
   *
   * The link to join is replaced with it: somebody who has it in their calendar receives the updated entry, without a
   * personal link.
   */
  @Delete('registrations/:id/link')
  @HttpCode(204)
  async revokeLink(
    @CurrentOrganiser() organiserId: string,
    @Param('id', IdPipe) registrationId: string,
  ): Promise<void> {
    await this.invitations.revokeRegistrationLink(organiserId, registrationId);
  }

  /**
   * Makes a new link to join and mails it with the updated calendar entry; the old one no longer works.
   *
   * For a calendar entry that was forwarded. The personal link of the registration stays as it is. Answers 409 where there
   * is nothing to mail: the person is not confirmed (`not_confirmed`), attends in person, or the dialogue has no link
   * (`no_link_to_join`); the old link then keeps working. To revoke it all the same, use DELETE.
   */
  @Post('registrations/:id/join-link')
  @Replays()
  @HttpCode(202)
  async renewJoinLink(
    @CurrentOrganiser() organiserId: string,
    @Param('id', IdPipe) registrationId: string,
  ): Promise<void> {
    await this.joinLinks.renew(organiserId, registrationId);
  }

  /**
   * Revokes the link to join.
   *
   * Somebody who is confirmed and attends online receives a new one with the updated calendar entry.
   */
  @Delete('registrations/:id/join-link')
  @HttpCode(204)
  async revokeJoinLink(
    @CurrentOrganiser() organiserId: string,
    @Param('id', IdPipe) registrationId: string,
  ): Promise<void> {
    await this.joinLinks.revoke(organiserId, registrationId);
  }
}

export function toAnswer({ created_at, waitlist_number, ...row }: RegistrationRow): RegistrationAnswer {
  return {
    ...row,
    waitlist_number: waitlist_number === null ? null : Number(waitlist_number),
    created_at: new Date(created_at),
  };
}
