import { Body, Controller, Param, Post, Req } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { DataSource } from 'typeorm';
import {
  acceptNotice,
  askingOf,
  noticeVerdict,
  readNewcomer,
  RegistrationsService,
  writeAnswers,
} from '@app/participants';
import { Problem } from '@app/platform';
import { Public } from '../../http/organiser.guard';
import { RateLimits } from '../../http/rate-limits';
import { Replays } from '../../http/replay';
import { DialogueReader } from '../personal-pages/dialogue-reader.service';
import { readJsonAnswers } from '../forms/registration-forms';
import { unknownPerson } from './public-dialogue-page.controller';
import { NewRegistration, RegistrationReceived } from './registration.dto';
import { originOf } from '../../http/request-context';

@ApiTags('participants')
@Public()
@Controller('v1/public/dialogues/:slug/registrations')
export class PublicRegistrationsController {
  constructor(
    private readonly dataSource: DataSource,
    private readonly dialogues: DialogueReader,
    private readonly registrations: RegistrationsService,
    private readonly limits: RateLimits,
  ) {}

  /**
   * Registers by the open link. A mail to the address tells how to go on: the place is taken when the address is
   * confirmed. The answer is the same whether the address is known or not.
   *
   * A question that asks for a file is answered on the page `/d/{slug}` only.
   */
  @Post()
  @Replays()
  async register(
    @Param('slug') slug: string,
    @Body() { answers: given = {}, ...body }: NewRegistration,
    @Req() request: FastifyRequest,
  ): Promise<RegistrationReceived> {
    const shown = await this.dialogues.find({ slug });
    const asking = await askingOf(this.dataSource, { dialogueId: shown.dialogue.id });
    const { name, email, data, errors } = readNewcomer(
      body,
      unknownPerson(shown),
      asking.mechanisms,
      asking.venue === 'hybrid',
    );
    const answers = readJsonAnswers(given, asking, data.attends);
    errors.push(...answers.errors);
    const { notice } = asking;
    const verdict = noticeVerdict(notice, body.privacy_notice_version);
    if (verdict) {
      errors.push({
        field: 'privacy_notice_version',
        code: verdict,
        detail: `privacy_notice_version must be ${notice!.version}: whoever registers has to have read and accepted that version of the notice at /d/${slug}/privacy.`,
      });
    }
    if (errors.length > 0) {
      throw new Problem(422, 'invalid_fields', errors.map(({ detail }) => detail).join(' '), errors);
    }
    await this.limits.registers(shown.dialogue.id, originOf(request));
    await this.registrations.request(
      slug,
      { name, email, ...data },
      (address) => this.limits.mayMail('registration', address, name),
      async (manager, registrationId) => {
        await writeAnswers(manager, registrationId, asking, answers);
        if (notice) await acceptNotice(manager, registrationId, notice.version);
      },
    );
    return {
      status: 'received',
      detail:
        'We have written to that address. The registration counts once the link in that mail is confirmed.',
    };
  }
}
