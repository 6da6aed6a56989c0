import { Body, Controller, Param, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { DataSource } from 'typeorm';
import {
  acceptNotice,
  currentNotice,
  knownMechanisms,
  noticeVerdict,
  readNewcomer,
  RegistrationsService,
} from '@app/participants';
import { Problem } from '@app/platform';
import { Public } from '../http/organiser.guard';
import { RateLimits } from '../http/rate-limits';
import { DialogueReader } from './dialogue-reader.service';
import { unknownPerson } from './public-dialogue-page.controller';
import { NewRegistration, RegistrationReceived } from './dto/registration.dto';

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
   */
  @Post()
  async register(@Param('slug') slug: string, @Body() body: NewRegistration): Promise<RegistrationReceived> {
    const shown = await this.dialogues.find({ slug });
    const mechanisms = await knownMechanisms(this.dataSource, shown.dialogue.organiserId);
    const { name, email, data, errors } = readNewcomer(
      body,
      unknownPerson(shown),
      mechanisms,
      shown.dialogue.venue.kind === 'hybrid',
    );
    const notice = await currentNotice(this.dataSource, shown.dialogue.id);
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
    await this.registrations.request(
      slug,
      { name, email, ...data },
      (address) => this.limits.mayMail('registration', address, name),
      async (manager, registrationId) => {
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
