import { IsIn } from 'class-validator';
import { languages, type Language } from '@app/mail';
import { given } from '../../http/fields';

export class ParticipantsListQuery {
  /** `pdf`, `xlsx` or `json`. */
  @IsIn(['pdf', 'xlsx', 'json']) format: 'pdf' | 'xlsx' | 'json';

  /** Of the document's own words; the dialogue's first working language otherwise. */
  @given @IsIn(languages) language?: Language;
}
