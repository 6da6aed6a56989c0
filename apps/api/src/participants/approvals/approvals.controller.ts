import { Body, Controller, Get, HttpCode, Param, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ApprovalsService, type Decided } from '@app/participants';
import { IdPipe } from '../../http/fields';
import { CurrentOrganiser } from '../../http/organiser.guard';
import { Replays } from '../../http/replay';
import { ApprovalsAnswer, ApprovalTrace, NewApprovals } from './approval.dto';

@ApiTags('participants')
@Controller('v1')
export class ApprovalsController {
  constructor(private readonly approvals: ApprovalsService) {}

  /**
   * Decides on registrations that wait for approval or are under review; the list is that of the registrations in those
   * states. Says of each what became of it.
   */
  @Post('dialogues/:id/approvals')
  @Replays<ApprovalsAnswer>('items')
  @HttpCode(200)
  async decide(
    @CurrentOrganiser() organiserId: string,
    @Param('id', IdPipe) dialogueId: string,
    @Body() { registration_ids, decision, reason }: NewApprovals,
  ): Promise<ApprovalsAnswer> {
    const { decided, needed } = await this.approvals.decide(
      organiserId,
      dialogueId,
      registration_ids,
      decision,
      reason || null,
    );
    return {
      items: decided.map((one) => ({
        registration_id: one.registrationId,
        outcome: one.outcome,
        approvals: one.approvals,
        needed,
        state: one.state,
        detail: inWords(one, needed),
      })),
    };
  }

  /** Every decision on a registration: who, what, when, and why it was refused. */
  @Get('registrations/:id/approvals')
  async trace(
    @CurrentOrganiser() organiserId: string,
    @Param('id', IdPipe) registrationId: string,
  ): Promise<ApprovalTrace> {
    return this.approvals.trace(organiserId, registrationId);
  }
}

function inWords({ outcome, approvals, state }: Decided, needed: number): string {
  switch (outcome) {
    case 'approved':
      return `Approved by ${approvals} of ${needed}.`;
    case 'confirmed':
      return 'Approved; they have a place.';
    case 'waitlisted':
      return 'Approved; there is no place at present, and they are on the waitlist.';
    case 'refused':
      return 'Refused; they are told the reason.';
    case 'not_waiting':
      return `There is nothing to decide: the registration is ${state}.`;
    case 'already_decided':
      return `You have decided on it already; it is approved by ${approvals} of ${needed}.`;
    case 'not_found':
      return 'There is no such registration in this dialogue.';
  }
}
