import { IsIn, IsOptional } from 'class-validator';
import { languages, type Language } from '@app/mail';

export class ParticipantsListQuery {
  /** `pdf`, `xlsx` or `json`. */
  @IsIn(['pdf', 'xlsx', 'json']) format: 'pdf' | 'xlsx' | 'json';

  /** Of the document's own words; the dialogue's first working language otherwise. */
  @IsOptional() @IsIn(languages) language?: Language;
}
