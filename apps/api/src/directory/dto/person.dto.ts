import { IsOptional, IsString, IsUUID, MaxLength } from 'class-validator';
import { Address, Line, PageQuery, given } from '../../http/fields';

export class NewPerson {
  /** The dialogue in whose directory they shall stand, where it is a colleague's; your own directory otherwise. */
  @given @IsUUID('all') dialogue_id?: string;

  /** "H.E.", "Ms."; as written. */
  @IsOptional() @Line(100, { empty: true }) honorific?: string | null;

  /** Name as written, in any script. */
  @Line() name: string;

  /** "Director of International Security". */
  @IsOptional() @Line(300, { empty: true }) functional_title?: string | null;

  /** Address; several people may have the same. */
  @Address() email: string;

  /** "Ministry of Foreign Affairs, Morocco". */
  @IsOptional() @Line(300, { empty: true }) affiliation?: string | null;

  /** ISO 3166-1 alpha-2. */
  @IsOptional() @Line(300, { empty: true }) country?: string | null;

  /** Code or any name of one of your mechanisms. */
  @IsOptional() @Line(300, { empty: true }) mechanism?: string | null;

  /** The role in which they attend or speak: "co-chair". */
  @IsOptional() @Line(100, { empty: true }) capacity?: string | null;

  /** The language they read, BCP 47. */
  @Line(35) language: string;

  /** Their IANA zone. */
  @Line(64) time_zone: string;
}

/** Only what is given changes; null or empty takes a value away. */
export class PersonChanges {
  /** "H.E.", "Ms."; as written. */
  @IsOptional() @Line(100, { empty: true }) honorific?: string | null;

  /** Name as written, in any script. */
  @given @Line() name?: string;

  /** "Director of International Security". */
  @IsOptional() @Line(300, { empty: true }) functional_title?: string | null;

  /** Address; several people may have the same. */
  @given @Address() email?: string;

  /** "Ministry of Foreign Affairs, Morocco". */
  @IsOptional() @Line(300, { empty: true }) affiliation?: string | null;

  /** ISO 3166-1 alpha-2. */
  @IsOptional() @Line(300, { empty: true }) country?: string | null;

  /** Code or any name of one of your mechanisms. */
  @IsOptional() @Line(300, { empty: true }) mechanism?: string | null;

  /** The role in which they attend or speak: "co-chair". */
  @IsOptional() @Line(100, { empty: true }) capacity?: string | null;

  /** The language they read, BCP 47. */
  @given @Line(35) language?: string;

  /** Their IANA zone. */
  @given @Line(64) time_zone?: string;
}

export class PeopleQuery extends PageQuery {
  /** Only those with this address. */
  @given @IsString() @MaxLength(300) email?: string;

  /** Look in the directory of this dialogue, which may be a colleague's; with `email` only. */
  @given @IsUUID('all') dialogue_id?: string;
}

export class PersonAnswer {
  id: string;
  honorific: string | null;
  name: string;
  functional_title: string | null;
  email: string;
  affiliation: string | null;
  country: string | null;
  /** Code of their mechanism. */
  mechanism: string | null;
  capacity: string | null;
  language: string;
  time_zone: string;
  /** Counts edits; also the ETag. */
  version: number;
}

export class PeoplePage {
  items: PersonAnswer[];
  /** For the next page; null on the last. */
  next_cursor: string | null;
}
