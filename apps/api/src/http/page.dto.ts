import { Type } from 'class-transformer';
import { IsInt, IsOptional, IsString, Max, MaxLength, Min } from 'class-validator';

/** What a list is asked: how many, and from where on. Sort order is the route's own. */
export class PageQuery {
  /** How many at most, 1 to 200. */
  @IsOptional() @Type(() => Number) @IsInt() @Min(1) @Max(200) limit: number = 50;

  /** `next_cursor` of the page before. */
  @IsOptional() @IsString() @MaxLength(1000) cursor?: string;
}
