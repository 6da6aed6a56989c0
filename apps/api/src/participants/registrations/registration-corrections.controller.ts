import { Body, Controller, Param, Patch, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { readRegistration, RegistrationLists, RegistrationsService } from '@app/participants';
import { isAddress, plainAddress, Problem } from '@app/platform';
import { IfMatch, setETag } from '../../http/etag';
import { IdPipe } from '../../http/fields';
import { CurrentOrganiser } from '../../http/organiser.guard';
import { RegistrationAnswer, RegistrationCorrection } from './registration.dto';
import { toAnswer } from './registrations.controller';

@ApiTags('participants')
@Controller('v1/registrations/:id')
export class RegistrationCorrectionsController {
  constructor(
    private readonly registrations: RegistrationsService,
    private readonly lists: RegistrationLists,
  ) {}

  /**
   * Corrects a registration.
   *
   * Only what is given changes. In a dialogue with approval a new name, mechanism, capacity or role sends the registration
   * back for approval; whoever was confirmed keeps the place meanwhile.
   */
  @Patch()
  async correct(
    @CurrentOrganiser() organiserId: string,
    @Param('id', IdPipe) registrationId: string,
    @Body() { name, email: written, role, ...input }: RegistrationCorrection,
    @IfMatch() expectedVersion: number | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<RegistrationAnswer> {
    const email = typeof written === 'string' ? plainAddress(written) : undefined;
    await this.registrations.correct(
      organiserId,
      registrationId,
      (now, asksAttends, mechanisms) => {
        const { data, errors } = readRegistration(input, now, mechanisms, asksAttends);
        if (email !== undefined && !isAddress(email)) {
          const detail =
            'email is no address to which a mail can be sent; write it as name@organisation.example.';
          errors.push({ field: 'email', code: 'email_invalid', detail });
        }
        if (role && now.delegationId === null) {
          const detail = 'role is that in a delegation, and they belong to none. Leave it out.';
          errors.push({ field: 'role', code: 'no_delegation', detail });
        }
        if (input.attends && !asksAttends) {
          const detail =
            'attends is given only in a hybrid dialogue, unless the delegation has decided it. Leave it out.';
          errors.push({ field: 'attends', code: 'attends_not_asked', detail });
        }
        if (errors.length > 0) {
          throw new Problem(422, 'invalid_fields', errors.map(({ detail }) => detail).join(' '), errors);
        }
        return { ...data, name: name ?? now.name, email: email ?? now.email, role: role ?? now.role };
      },
      expectedVersion,
    );
    const { dialogue_id: _, ...row } = await this.lists.get(organiserId, registrationId);
    setETag(reply, row.version);
    return toAnswer(row);
  }
}
