import { ArrayMaxSize, IsArray, IsUUID } from 'class-validator';
import { Line, ListOf, given } from '../../http/fields';

export class ChairDto {
  /** State or person, as written. */
  @Line() name: string;

  /** `chair`, `co-chair`, `former co-chair`. */
  @Line(100) role: string;
}

export class NewMechanism {
  /** The dialogue in whose directory it shall stand, where it is a colleague's; your own directory otherwise. */
  @given @IsUUID('all') dialogue_id?: string;

  /** Short code, such as `5+5`. */
  @Line(50) code: string;

  /** Full name. */
  @Line() name: string;

  /** Other names under which lists mention it. */
  @given @IsArray() @ArrayMaxSize(20) @Line(300, { each: true }) other_names?: string[];

  /** Its chair or co-chairs now. */
  @given
  @ArrayMaxSize(20)
  @ListOf(() => ChairDto)
  chairs?: ChairDto[];
}

/** Only what is given changes. */
export class MechanismChanges {
  /** Short code, such as `5+5`. */
  @given @Line(50) code?: string;

  /** Full name. */
  @given @Line() name?: string;

  /** Other names under which lists mention it; replaces the list. */
  @given
  @IsArray()
  @ArrayMaxSize(20)
  @Line(300, { each: true })
  other_names?: string[];

  /** Its chair or co-chairs now; replaces the list. */
  @given
  @ArrayMaxSize(20)
  @ListOf(() => ChairDto)
  chairs?: ChairDto[];
}

export class MechanismAnswer {
  id: string;
  /** Short code. */
  code: string;
  /** Full name. */
  name: string;
  other_names: string[];
  chairs: ChairDto[];
  /** Counts edits; also the ETag. */
  version: number;
}

export class MechanismsPage {
  items: MechanismAnswer[];
  /** For the next page; null on the last. */
  next_cursor: string | null;
}
