import { Controller, HttpCode, Param, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ErasuresService } from '@app/participants';
import { IdPipe } from '../../http/fields';
import { CurrentOrganiser } from '../../http/organiser.guard';
import { Replays } from '../../http/replay';

@ApiTags('privacy')
@Controller('v1')
export class ErasuresController {
  constructor(private readonly erasures: ErasuresService) {}

  /**
   * Erases what is held about a registered person in this dialogue, for an owner of it. Whoever still takes part withdraws
   * by it; they get one last mail. Counts stay; a published note names whom they represented instead of them, also where
   * their data were removed by retention before. It can't be undone.
   */
  @Post('registrations/:id/erasure')
  @Replays()
  @HttpCode(204)
  async registration(
    @CurrentOrganiser() organiserId: string,
    @Param('id', IdPipe) registrationId: string,
  ): Promise<void> {
    await this.erasures.registration(organiserId, registrationId);
  }

  /**
   * Erases whom a delegate named as substitute and who never registered, for an owner of the dialogue: name, address, title.
   * A proposal that nobody decided on is dropped. It can't be undone.
   */
  @Post('substitutions/:id/erasure')
  @Replays()
  @HttpCode(204)
  async substitute(
    @CurrentOrganiser() organiserId: string,
    @Param('id', IdPipe) substitutionId: string,
  ): Promise<void> {
    await this.erasures.substitute(organiserId, substitutionId);
  }

  /**
   * Erases a name from a published note or its annex, for an owner of the dialogue: anyone who is named there may have no
   * registration any more, or never had one. The note then says whom they represented. It can't be undone.
   */
  @Post('note-names/:id/erasure')
  @Replays()
  @HttpCode(204)
  async noteName(
    @CurrentOrganiser() organiserId: string,
    @Param('id', IdPipe) nameId: string,
  ): Promise<void> {
    await this.erasures.noteName(organiserId, nameId);
  }

  /**
   * Removes a person from your own directory and erases their invitations, registrations and mails in all dialogues of it,
   * also in those that other organisers lead, and their name in published notes. It can't be undone.
   */
  @Post('people/:id/erasure')
  @Replays()
  @HttpCode(204)
  async person(
    @CurrentOrganiser() organiserId: string,
    @Param('id', IdPipe) personId: string,
  ): Promise<void> {
    await this.erasures.person(organiserId, personId);
  }
}
