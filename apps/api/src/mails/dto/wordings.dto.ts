import { ArrayMaxSize, IsArray, IsIn, IsOptional, IsString, IsUUID, MaxLength } from 'class-validator';
import { given } from '../../http/fields';

/** Own words; what is left out or null is said as Plenary says it, and for the closing nothing. */
export class WordsBody {
  /** One line, with placeholders such as `{title}`. */
  @IsOptional() @IsString() @MaxLength(1000) subject?: string | null;

  /** The paragraphs that stand between greeting and facts. */
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(50)
  @IsString({ each: true })
  @MaxLength(20_000, { each: true })
  opening?: string[] | null;

  /** Paragraphs added before the small print. */
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(50)
  @IsString({ each: true })
  @MaxLength(20_000, { each: true })
  closing?: string[] | null;
}

export class WordsAnswer {
  kind: string;
  /** BCP 47. */
  language: string;
  subject: string | null;
  opening: string[] | null;
  closing: string[] | null;
  updated_at: string;
}

export class PlaceholderAnswer {
  /** As it is written, `{title}`. */
  placeholder: string;
  meaning: string;
  /** Whether a mail may have nothing for it; that mail is then wholly in Plenary's own words. */
  may_be_missing: boolean;
}

export class AdaptableKindAnswer {
  kind: string;
  /** What its own words may name. */
  placeholders: PlaceholderAnswer[];
  /** What is adapted. */
  wordings: WordsAnswer[];
}

export class MailWordingsAnswer {
  /** The languages in which Plenary writes, BCP 47. */
  languages: string[];
  kinds: AdaptableKindAnswer[];
}

export class MailWordingAnswer {
  kind: string;
  /** BCP 47. */
  language: string;
  placeholders: PlaceholderAnswer[];
  /** The own words; null: none. */
  own: WordsAnswer | null;
  /** As Plenary says it, for the first who would read it or an invented reader. */
  plenary: PlenarysWords;
}

export class PlenarysWords {
  subject: string;
  opening: string[];
}

const FORMATS = ['json', 'html', 'text'] as const;

export class FormatQuery {
  /** `html`: the HTML part alone, as a page that can do nothing; `text`: the text part alone. */
  @given @IsIn(FORMATS) format?: (typeof FORMATS)[number];
}

export class PreviewQuery extends FormatQuery {
  /** BCP 47; one of those in which Plenary writes. Left out: the dialogue's first. */
  @given @IsString() @MaxLength(35) language?: string;

  /** What is taken to be so; one of the kind's `situations`. Left out: the first of them. */
  @given @IsString() @MaxLength(50) situation?: string;

  /** The registration, invitation, delegation or substitution it is about; left out: the first, else an invented one. */
  @given @IsUUID() subject_id?: string;
}

export class ReaderAnswer {
  name: string;
  address: string;
}

export class ShownMailAnswer {
  to: ReaderAnswer;
  /** Display name of the sender. */
  from_name: string;
  /** BCP 47. */
  language: string;
  /** `ltr` or `rtl`. */
  dir: 'ltr' | 'rtl';
  subject: string;
  html: string;
  text: string;
  /** The calendar entry, its lines unfolded; null: none. */
  calendar: string | null;
}

export class MailPreviewAnswer extends ShownMailAnswer {
  kind: string;
  /** What is taken to be so. */
  situation: string;
  /** Whether it is in own words. */
  in_own_words: boolean;
  /** What to know about it: that its reader is invented, or why own words are not used. */
  notes: string[];
}

export class PreviewLinks {
  kind: string;
  /** Whether it can be said in own words. */
  adaptable: boolean;
  /** In which it says different things, for `?situation=`; the first is taken where none is named. */
  situations: string[];
  /** The HTML part in the first situation, by language. */
  previews: Record<string, string>;
}

export class MailPreviewsAnswer {
  kinds: PreviewLinks[];
}

export class MailContentAnswer {
  id: string;
  kind: string;
  state: string;
  sent_at: string | null;
  /** Whether this is what was sent, word for word; null: it was not sent, or can't be written any more. */
  same: boolean | null;
  /** What may have made it another, or keeps it from being written. */
  reasons: string[];
  /** As it would be written today; null when it can't be. */
  content: ShownMailAnswer | null;
}
