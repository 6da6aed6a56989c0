import { IsIn, IsOptional, IsString, Matches, MaxLength } from 'class-validator';
import { Line, UUID, given } from '../../http/fields';

export class CopyBody {
  /** Start as the host's clock shows it, `2027-01-28T11:00`; seconds allowed. */
  @IsString() @MaxLength(30) starts_at_local: string;

  /** End as the host's clock shows it; left out: it lasts as long as the one copied. */
  @given @IsString() @MaxLength(30) ends_at_local?: string;

  /** The host's IANA zone; left out: the same. */
  @given @IsString() @MaxLength(64) time_zone?: string;

  /** Left out: the same. */
  @given @Line() title?: string;

  /** The process of which it is a step; null: none; left out: the same, where you may add to it. */
  @IsOptional() @Matches(UUID) process_id?: string | null;
}

export class InviteFromBody {
  /** The earlier dialogue, of the same directory; you must be owner or organiser there too. */
  @Matches(UUID) dialogue_id: string;

  /** `came`: who came, where attendance was kept, else who was confirmed. */
  @IsIn(['came', 'confirmed']) who: 'came' | 'confirmed';
}

export class InvitedAgainAnswer {
  /** Put on the list; nobody was written to. */
  prepared: number;
  /** Were on the list, or are registered. */
  already_there: number;
  /** Their data are erased. */
  left_out: number;
}
