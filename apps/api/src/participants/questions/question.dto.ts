import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import {
  ArrayMaxSize,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsOptional,
  IsString,
  Max,
  MaxLength,
  Min,
} from 'class-validator';
import { MEDIA_TYPES, MOST_FILE_BYTES, type QuestionKind } from '@app/participants';
import { Line, ListOf, Part, Texts, given } from '../../http/fields';

const KINDS = ['text', 'choice', 'choices', 'date', 'file'];

/** Words by language. */
const words = { type: 'object', additionalProperties: { type: 'string' } } as const;

/** What can be chosen. */
export class QuestionOptionDto {
  /** What is kept and exported. */
  @Line(100) value: string;

  /** What people read, by language (BCP 47); in the dialogue's first working language at least. */
  @ApiProperty({ ...words, example: { en: 'Vegetarian', fr: 'Végétarien' } })
  @Texts()
  label: Record<string, string>;
}

/** When a question is asked. */
export class QuestionConditionDto {
  /** `attends`, `role`, or the code of an earlier question of kind choice or choices. */
  @Line(60) of: string;

  /** Any of these: `in_person` and `virtual`, seats of a delegation, or values of that question. */
  @IsArray() @ArrayMaxSize(200) @Line(100, { each: true }) is: string[];
}

/** What a dialogue asks of whoever registers. */
export class QuestionDto {
  /** Its name in forms, lists and the API: a to z, 0 to 9 and _. Answers belong to it. */
  @Line(60) code: string;

  @IsIn(KINDS) kind: QuestionKind;

  /** The question, by language (BCP 47); in the dialogue's first working language at least. */
  @ApiProperty({ ...words, example: { en: 'Dietary requirements', fr: 'Régime alimentaire' } })
  @Texts()
  label: Record<string, string>;

  /** What helps to answer, by language. */
  @ApiPropertyOptional(words)
  @IsOptional()
  @Texts()
  help?: Record<string, string> | null;

  /** Among what is chosen, for choice and choices. */
  @given
  @ArrayMaxSize(200)
  @ListOf(() => QuestionOptionDto)
  options?: QuestionOptionDto[];

  /** Must it be answered where it is asked? */
  @given @IsBoolean() required?: boolean;

  /** Asked only then; always unless given. */
  @IsOptional() @Part(() => QuestionConditionDto) asked_if?: QuestionConditionDto | null;

  /** Are its answers only for those who may see what is sensitive? */
  @given @IsBoolean() sensitive?: boolean;

  /** The day (UTC, YYYY-MM-DD) on which its answers are removed and it is no longer asked. */
  @IsOptional() @IsString() @MaxLength(10) purge_on?: string | null;

  /** Media types that a file may have, judged by its content; all that Plenary takes unless given. */
  @given @IsArray() @ArrayMaxSize(10) @IsIn(MEDIA_TYPES, { each: true }) file_types?: string[];

  /** The most bytes of a file; 2,000,000 unless given. */
  @given @IsInt() @Min(1) @Max(MOST_FILE_BYTES) file_bytes?: number;
}

export class QuestionsBody {
  @ArrayMaxSize(100)
  @ListOf(() => QuestionDto)
  questions: QuestionDto[];
}

export class QuestionsQuery {
  /** `true`: answers may go with a question that goes or changes its kind. */
  @given
  @Transform(({ value }) => (value === 'true' ? true : value === 'false' ? false : value))
  @IsBoolean()
  discard_answers?: boolean;
}

export class QuestionAnswer {
  code: string;
  kind: QuestionKind;
  @ApiProperty(words) label: Record<string, string>;
  @ApiProperty(words) help: Record<string, string>;
  options: QuestionOptionDto[];
  required: boolean;
  asked_if: QuestionConditionDto | null;
  sensitive: boolean;
  /** The day (UTC) on which its answers are removed and it is no longer asked. */
  purge_on: string | null;
  /** When they were, ISO 8601, UTC. */
  purged_at: Date | null;
  /** Media types that are taken; of kind file only. */
  file_types: string[];
  file_bytes: number;
}

export class QuestionsAnswer {
  /** In the order in which they are asked. */
  questions: QuestionAnswer[];
}
