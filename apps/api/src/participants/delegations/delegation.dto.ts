import {
  ArrayMaxSize,
  ArrayMinSize,
  IsIn,
  IsInt,
  IsOptional,
  IsString,
  IsUUID,
  Max,
  MaxLength,
  Min,
  ValidateIf,
} from 'class-validator';
import type { Attends, DelegationRole } from '@app/participants';
import { Line, ListOf, Part, given } from '../../http/fields';

/** What may be null, to take it away. */
const clearable = ValidateIf((_, value) => value !== undefined && value !== null);
const ROLES = ['head_of_delegation', 'member', 'adviser', 'observer'];

/** The most seats that each role may take; a role that is not named has no limit of its own, and 0 forbids it. */
export class SeatsByRoleDto {
  @given @IsInt() @Min(0) @Max(10_000) head_of_delegation?: number;
  @given @IsInt() @Min(0) @Max(10_000) member?: number;
  @given @IsInt() @Min(0) @Max(10_000) adviser?: number;
  @given @IsInt() @Min(0) @Max(10_000) observer?: number;
}

export class NewDelegation {
  /** Whose seats: a mechanism of the directory, by its code or any of its names … */
  @IsOptional() @Line() mechanism?: string | null;

  /** … or an organisation. One of the two. */
  @IsOptional() @Line() organisation?: string | null;

  /** Who nominates: id of a person of the directory. */
  @IsOptional() @IsUUID() focal_point?: string | null;

  /** How many it may send. They are kept for it among the places of the dialogue. */
  @IsInt() @Min(1) @Max(10_000) seats: number;

  /** How many of them in each role, where that is limited. */
  @given @Part(() => SeatsByRoleDto) seats_by_role?: SeatsByRoleDto;

  /** Whether its seats are in the room or online; left out: as each nominee says. */
  @IsOptional() @IsIn(['in_person', 'virtual']) attends?: Attends | null;

  /** Until when people can be nominated, wall time in the dialogue's zone; left out: until it begins. */
  @IsOptional() @IsString() @MaxLength(30) nominations_close_at_local?: string | null;

  /** When seats that nobody holds go to whoever waits, wall time in the dialogue's zone; left out: never. */
  @IsOptional() @IsString() @MaxLength(30) release_at_local?: string | null;
}

/** Only what is given changes; null takes away. */
export class DelegationChanges {
  /** Whose seats: a mechanism of the directory, by its code or any of its names … */
  @clearable @Line() mechanism?: string | null;

  /** … or an organisation. One of the two. */
  @clearable @Line() organisation?: string | null;

  /** Who nominates: id of a person of the directory. Another one has a link of their own. */
  @clearable @IsUUID() focal_point?: string | null;

  /** How many it may send; never fewer than hold a seat. */
  @given @IsInt() @Min(1) @Max(10_000) seats?: number;

  /** How many of them in each role; replaces what was said. */
  @given @Part(() => SeatsByRoleDto) seats_by_role?: SeatsByRoleDto;

  /** Whether its seats are in the room or online; only while nobody holds one. */
  @clearable @IsIn(['in_person', 'virtual']) attends?: Attends | null;

  /** Until when people can be nominated, wall time in the dialogue's zone. */
  @clearable @IsString() @MaxLength(30) nominations_close_at_local?: string | null;

  /** When seats that nobody holds go to whoever waits, wall time in the dialogue's zone. */
  @clearable @IsString() @MaxLength(30) release_at_local?: string | null;
}

export class DelegationsBody {
  @ArrayMaxSize(500)
  @ListOf(() => NewDelegation)
  delegations: NewDelegation[];
}

/** Whom to ask: one of the two must be said. */
export class NominationRequests {
  /** The focal point of every delegation, as far as they were not asked yet. */
  @given @IsIn(['prepared']) to?: 'prepared';

  /** The focal points of these delegations, as far as they were not asked yet. */
  @given
  @IsUUID(undefined, { each: true })
  @ArrayMinSize(1)
  @ArrayMaxSize(500)
  delegation_ids?: string[];
}

export class NominationRequestsSent {
  /** How many mails were queued. Who was asked before is not asked again. */
  queued: number;
}

export class NewNominee {
  @IsOptional() @Line(300, { empty: true }) honorific?: string | null;

  /** As it should stand in the record, in any script. */
  @IsString() @MaxLength(300) name: string;

  @IsOptional() @Line(300, { empty: true }) functional_title?: string | null;

  @IsString() @MaxLength(300) email: string;

  @IsOptional() @Line(300, { empty: true }) affiliation?: string | null;

  /** ISO 3166-1 alpha-2. */
  @IsOptional() @Line(300, { empty: true }) country?: string | null;

  /** Their seat in the delegation. */
  @IsOptional() @IsIn(ROLES) role?: DelegationRole | null;

  /** BCP 47; left out: that of the focal point. */
  @IsOptional() @Line(35, { empty: true }) language?: string | null;

  /** Id of the nominee whose seat they take. */
  @IsOptional() @IsUUID() replaces?: string | null;
}

export class NewNominations {
  @ArrayMinSize(1)
  @ArrayMaxSize(200)
  @ListOf(() => NewNominee)
  nominees: NewNominee[];
}

export class Removals {
  /** Ids of nominees. */
  @IsUUID(undefined, { each: true })
  @ArrayMinSize(1)
  @ArrayMaxSize(200)
  nominee_ids: string[];
}

export class DelegationMechanism {
  id: string;
  code: string;
  name: string;
}

export class DelegationFocalPoint {
  id: string;
  name: string;
  email: string;
}

export class NomineeAnswer {
  id: string;
  /** Their invitation; null of a substitute. */
  invitation_id: string | null;
  /** Their registration, once they have answered by one. */
  registration_id: string | null;
  honorific: string | null;
  name: string;
  /** `head_of_delegation`, `member`, `adviser` or `observer`. */
  role: DelegationRole | null;
  /** `sent` (and silent), `declined`, or the state of their registration. */
  state: string;
}

export class DelegationAnswer {
  id: string;
  mechanism: DelegationMechanism | null;
  organisation: string | null;
  /** Name of the mechanism, or the organisation. */
  name: string;
  focal_point: DelegationFocalPoint | null;
  seats: number;
  seats_by_role: SeatsByRoleDto;
  attends: Attends | null;
  nominations_close_at_local: string | null;
  /** Instant, ISO 8601, UTC. */
  nominations_close_at: Date | null;
  release_at_local: string | null;
  /** Instant, ISO 8601, UTC. */
  release_at: Date | null;
  /** When its empty seats were released. Instant, ISO 8601, UTC. */
  released_at: Date | null;
  /** When its focal point was asked to nominate. Instant, ISO 8601, UTC. */
  invited_at: Date | null;
  /** How many of the seats somebody is nominated for. */
  nominated: number;
  /** How many of the nominees have confirmed. */
  confirmed: number;
  nominees: NomineeAnswer[];
  /** Counts edits of the delegation, not of its nominees; also the ETag. */
  version: number;
}

export class DelegationsAnswer {
  /** By name. */
  items: DelegationAnswer[];
}

export class NominationsAnswer {
  /** Of the new nominees, in the order given. */
  invitation_ids: string[];
  delegation: DelegationAnswer;
}

export class RemovalsAnswer {
  /** How many were nominees and are not any more. */
  removed: number;
}
