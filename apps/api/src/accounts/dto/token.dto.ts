import { IsIn, IsInt, Max, Min } from 'class-validator';
import { TOKEN_DAYS } from '@app/accounts';
import { Line } from '../../http/fields';

export class NewTokenBody {
  /** What you call it, such as the program that uses it. */
  @Line(100) name: string;

  /** `read` only looks, `write` also changes. */
  @IsIn(['read', 'write']) scope: 'read' | 'write';

  /** Days until it expires; at most those that are left to the token by which it is made. */
  @IsInt() @Min(1) @Max(TOKEN_DAYS) days: number;
}

export class TokenAnswer {
  id: string;
  name: string;
  scope: 'read' | 'write';
  created_at: string;
  expires_at: string;
  /** To the minute; null: never. */
  last_used_at: string | null;
}

export class NewTokenAnswer extends TokenAnswer {
  /** The token itself, shown this once: only its hash is kept. */
  token: string;
}

export class TokensAnswer {
  /** Neither revoked nor expired, newest first. */
  items: TokenAnswer[];
}
