import { ArrayMaxSize, ArrayMinSize, IsBoolean, IsIn, IsUUID } from 'class-validator';
import type { InvitationState, RegistrationState } from '@app/participants';
import { PageQuery, given } from '../../http/fields';

const STATES = ['prepared', 'sent', 'accepted', 'declined', 'removed'];

/** Whom to write to: one of the three must be said. */
export class NewInvitations {
  /** Everyone who is on the list and was not written to yet. */
  @given @IsIn(['prepared']) to?: 'prepared';

  /** These invitations, as far as they are prepared. */
  @given
  @IsUUID(undefined, { each: true })
  @ArrayMinSize(1)
  @ArrayMaxSize(5000)
  invitation_ids?: string[];

  /** These people of your directory; who is not on the list yet is put on it. */
  @given
  @IsUUID(undefined, { each: true })
  @ArrayMinSize(1)
  @ArrayMaxSize(5000)
  person_ids?: string[];

  /**
   * Queue the mails and hold them: they stand in the ledger, where you can look at each, and go when you release them
   * (`mail-releases`).
   */
  @given @IsBoolean() held?: boolean;
}

export class InvitationsSent {
  /** How many mails were queued, or are held as you asked. Who was written to before is not written to again. */
  queued: number;

  /** How many were left out, and stay prepared, because they are registered already, as by the open link. */
  already_registered: number;
}

export class InvitationsQuery extends PageQuery {
  /** Only those in this state. */
  @given @IsIn(STATES) state?: InvitationState;
}

export class InvitedPerson {
  id: string;
  honorific: string | null;
  name: string;
  email: string;
  affiliation: string | null;
  /** Code of the mechanism. */
  mechanism: string | null;
  language: string;
}

export class InvitationRegistration {
  id: string;
  /** `unconfirmed`, `confirmed`, `waitlisted` or `withdrawn`. */
  state: RegistrationState;
}

export class InvitationAnswer {
  id: string;
  /** `prepared`, `sent` (and silent), `accepted`, `declined`, or `removed`: a nominee who was taken off again. */
  state: InvitationState;
  /** Instant, ISO 8601, UTC. */
  sent_at: Date | null;
  /** Instant, ISO 8601, UTC. */
  answered_at: Date | null;
  decline_reason: string | null;
  person: InvitedPerson;
  registration: InvitationRegistration | null;
}

export class InvitationCountsAnswer {
  prepared: number;
  sent: number;
  accepted: number;
  declined: number;
  removed: number;
}

export class InvitationsPage {
  items: InvitationAnswer[];
  next_cursor: string | null;
  /** Of all invitations of the dialogue, not only of this page. */
  counts: InvitationCountsAnswer;
}
