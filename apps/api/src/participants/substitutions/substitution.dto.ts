import { IsIn } from 'class-validator';
import { Line, PageQuery, given } from '../../http/fields';

const STATES = ['proposed', 'approved', 'refused', 'dropped'] as const;

export class SubstitutionsQuery extends PageQuery {
  /** Only those in this state. */
  @given @IsIn(STATES) state?: (typeof STATES)[number];
}

/** Why a substitute is refused. */
export class SubstitutionRefusal {
  /** The delegate is told. */
  @Line(1000) reason: string;
}

/** Whoever can't come names who comes instead. */
export class SubstitutionAnswer {
  id: string;
  /** Registration of the delegate who can't come. */
  registration_id: string;
  /** Registration of the substitute, once approved. */
  substitute_id: string | null;
  /** `proposed`, `approved`, `refused`, or `dropped`: another one was named, or the seat was given up. */
  state: (typeof STATES)[number];
  leaver_honorific: string | null;
  leaver_name: string;
  /** The delegation whose seat it is. */
  delegation_id: string | null;
  /** The seat in it. */
  role: string | null;
  honorific: string | null;
  name: string;
  functional_title: string | null;
  email: string;
  /** BCP 47. */
  language: string;
  /** Why it was refused. */
  reason: string | null;
  /** Instant, ISO 8601, UTC. */
  created_at: Date;
  /** Instant, ISO 8601, UTC. */
  decided_at: Date | null;
}

export class SubstitutionsPage {
  items: SubstitutionAnswer[];
  next_cursor: string | null;
}
