import { ArrayMaxSize, ArrayMinSize, ArrayUnique, IsArray, IsIn, IsUUID } from 'class-validator';
import type { RegistrationState } from '@app/participants';
import { Text, given } from '../../http/fields';

export class NewApprovals {
  /** On which registrations of the dialogue; 500 at once at most. */
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(500)
  @ArrayUnique()
  @IsUUID(undefined, { each: true })
  registration_ids: string[];

  /** What you decide on all of them. */
  @IsIn(['approved', 'refused']) decision: 'approved' | 'refused';

  /** Needed for a refusal: the person is told it. */
  @given @Text(2_000) reason?: string;
}

export class ApprovalOutcome {
  registration_id: string;
  /**
   * `approved`: counted, and more approvals are needed; `confirmed`, `waitlisted`: approved by enough, with a place or
   * without; `refused`; `not_waiting`: there is nothing to decide; `already_decided`: you have, in this round; `not_found`.
   */
  outcome:
    'approved' | 'confirmed' | 'waitlisted' | 'refused' | 'not_waiting' | 'already_decided' | 'not_found';
  /** How many have approved it in this round. */
  approvals: number;
  /** How many are needed. */
  needed: number;
  /** Where the registration stands now; null when it is not there. */
  state: RegistrationState | null;
  detail: string;
}

export class ApprovalsAnswer {
  /** In the order asked. */
  items: ApprovalOutcome[];
}

export class ApprovalAnswer {
  /** Raised each time the registration goes for approval. */
  round: number;
  organiser_id: string;
  /** Name of who decided. */
  organiser: string;
  decision: 'approved' | 'refused';
  /** As the person was told it. */
  reason: string | null;
  /** Instant, ISO 8601, UTC. */
  decided_at: Date;
}

export class ApprovalTrace {
  state: RegistrationState;
  /** The round in which it is. */
  round: number;
  /** How many approvals are needed. */
  needed: number;
  /** Every decision, the first first. */
  items: ApprovalAnswer[];
}
