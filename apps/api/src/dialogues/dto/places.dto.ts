import { IsInt, IsOptional, Max, Min } from 'class-validator';
import { Part, given } from '../../http/fields';

const MOST = 1_000_000;

export class RolePlaces {
  @IsOptional() @IsInt() @Min(0) @Max(MOST) head_of_delegation?: number | null;
  @IsOptional() @IsInt() @Min(0) @Max(MOST) member?: number | null;
  @IsOptional() @IsInt() @Min(0) @Max(MOST) adviser?: number | null;
  @IsOptional() @IsInt() @Min(0) @Max(MOST) observer?: number | null;
}

/** How many may take part. What is left out or null has no limit. */
export class PlacesDto {
  /** In all. */
  @IsOptional() @IsInt() @Min(0) @Max(MOST) places?: number | null;

  /** Of a hybrid dialogue: in the room. */
  @IsOptional() @IsInt() @Min(0) @Max(MOST) in_person?: number | null;

  /** Of a hybrid dialogue: online. */
  @IsOptional() @IsInt() @Min(0) @Max(MOST) virtual?: number | null;

  /** By role, over all delegations together. */
  @given @Part(() => RolePlaces) roles?: RolePlaces;
}

export class LimitAnswer {
  /** Of the `dialogue`, of those in the room or online (`attendance`), of a `delegation`, or of a `role`. */
  scope: 'dialogue' | 'attendance' | 'delegation' | 'role';
  attends: 'in_person' | 'virtual' | null;
  /** Null: of the whole dialogue. */
  delegation_id: string | null;
  role: 'head_of_delegation' | 'member' | 'adviser' | 'observer' | null;
  /** Null: no limit. */
  places: number | null;
  /** Held by someone: confirmed, offered or under review. */
  taken: number;
  /** Kept for seats of delegations that nobody holds yet. */
  reserved: number;
}

export class PlacesAnswer {
  places: number | null;
  in_person: number | null;
  virtual: number | null;
  roles: RolePlaces;
  /** Every limit with its counts, those of delegations too; someone gets a place when all that concern them have room. */
  limits: LimitAnswer[];
}
