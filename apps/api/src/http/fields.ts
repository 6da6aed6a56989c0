import { applyDecorators, Injectable, type PipeTransform } from '@nestjs/common';
import { Transform, Type } from 'class-transformer';
import {
  IsArray,
  isObject,
  IsObject,
  IsString,
  Matches,
  MaxLength,
  MinLength,
  ValidateBy,
  ValidateIf,
  ValidateNested,
} from 'class-validator';
import { isAddress, isWebUrl, MOST_OF_A_URL, plainAddress, Problem, withoutUnseen } from '@app/platform';

export { PageQuery } from './page.dto';

// Control characters have no place in any of our texts; PostgreSQL refuses NUL, mail headers refuse line breaks.
const NO_CONTROL = /^[^\p{Cc}\u2028\u2029]*$/u;
// eslint-disable-next-line no-control-regex
const NO_CONTROL_BUT_BREAKS = /^[^\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]*$/u;

/** Every text of a field, one or a list of them, as it is stored. */
function stored(clean: (text: string) => string): PropertyDecorator {
  const each = (value: unknown) => (typeof value === 'string' ? clean(value) : value);
  return Transform(({ value }: { value: unknown }) => (Array.isArray(value) ? value.map(each) : each(value)));
}

/**
 * One line of text that is not empty, at most `longest` characters; outer spaces and marks that nobody sees are taken off.
 * For lists: `each`.
 */
export function Line(longest = 300, { each = false, empty = false } = {}): PropertyDecorator {
  return applyDecorators(
    Matches(NO_CONTROL, { each, message: '$property must be one line without control characters' }),
    MaxLength(longest, { each }),
    ...(empty ? [] : [MinLength(1, { each, message: '$property must not be empty' })]),
    IsString({ each }),
    stored((text) => withoutUnseen(text).trim()),
  );
}

/** Text of any number of lines, at most `longest` characters; may be empty. */
export function Text(longest = 20_000, { each = false } = {}): PropertyDecorator {
  return applyDecorators(
    Matches(NO_CONTROL_BUT_BREAKS, { each, message: '$property must not hold control characters' }),
    MaxLength(longest, { each }),
    IsString({ each }),
    stored((text) => text.toWellFormed().trim()),
  );
}

/**
 * A field that may be left out. `null` is not the same: it is refused like any other value of the wrong type. A field that
 * takes `null` has `@IsOptional()` instead, and says so in its type.
 */
export const given = ValidateIf((_, value) => value !== undefined);

/** An object with the fields of this class. */
export function Part(type: () => new () => object): PropertyDecorator {
  return applyDecorators(Type(type), ValidateNested(), IsObject());
}

/**
 * A list of objects with the fields of this class. `@ValidateNested({ each: true })` alone does not do: it goes into a list
 * inside the list and finds nothing wrong in an empty one, so that `[[]]` passes.
 */
export function ListOf(type: () => new () => object): PropertyDecorator {
  return applyDecorators(Type(type), ValidateNested({ each: true }), IsObject({ each: true }), IsArray());
}

/**
 * An object with keys of the sender's own and texts as values, such as words by language. What the keys may be and what the
 * texts may say is for the rule that reads them.
 */
export function Texts({ longest = 20_000, orNull = false } = {}): PropertyDecorator {
  return ValidateBy({
    name: 'isTexts',
    validator: {
      validate: (value: unknown) =>
        isObject(value) &&
        Object.values(value).every(
          (text: unknown) =>
            (orNull && text === null) ||
            (typeof text === 'string' && text.length <= longest && !text.includes('\0')),
        ),
      defaultMessage: () =>
        `$property must be an object whose values are texts of at most ${longest} characters${orNull ? ', or null' : ''}`,
    },
  });
}

/** An address to which a mail can be sent; what comes with it when it is copied is taken off. */
export function Address(): PropertyDecorator {
  return applyDecorators(
    ValidateBy({
      name: 'isEmail',
      validator: {
        validate: (value: unknown) => typeof value === 'string' && isAddress(value),
        defaultMessage: () => '$property must be an email',
      },
    }),
    stored(plainAddress),
  );
}

/** The address of something on the web, as `isWebUrl` knows it: the one rule for every field that becomes a link. */
export function WebUrl(): PropertyDecorator {
  return ValidateBy({
    name: 'isUrl',
    validator: {
      validate: (value: unknown) => typeof value === 'string' && isWebUrl(value),
      defaultMessage: () =>
        `$property must be an http or https URL of at most ${MOST_OF_A_URL} characters, written in full, without a user name, spaces or backslashes`,
    },
  });
}

/** An opaque place in a list, made of the sort values of its last row. */
export function encodeCursor(values: (string | number)[]): string {
  return Buffer.from(JSON.stringify(values)).toString('base64url');
}

/**
 * The sort values of the last row of the page before, or undefined for the first page.
 * @throws Problem 422 `cursor_invalid`
 */
export function decodeCursor(cursor: string | undefined, patterns: RegExp[]): string[] | undefined {
  if (cursor === undefined || cursor === '') return undefined;
  try {
    const values: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    if (
      Array.isArray(values) &&
      values.length === patterns.length &&
      patterns.every((pattern, index) => pattern.test(String(values[index])))
    )
      return values.map(String);
  } catch {
    // Not ours; told below.
  }
  throw Problem.field(
    'cursor',
    'cursor_invalid',
    'cursor is not the next_cursor of a page before. Leave it out to begin anew.',
  );
}

/** The page, and the cursor of the next one, from `limit + 1` rows. */
export function toPage<Row, Item>(
  rows: Row[],
  limit: number,
  item: (row: Row) => Item,
  sortValues: (row: Row) => (string | number)[],
): { items: Item[]; next_cursor: string | null } {
  const page = rows.slice(0, limit);
  return {
    items: page.map(item),
    next_cursor: rows.length > limit ? encodeCursor(sortValues(page[page.length - 1]!)) : null,
  };
}

export const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** For ids in paths: what is no id is not there. `@Param('id', IdPipe) id: string` */
@Injectable()
export class IdPipe implements PipeTransform<string, string> {
  transform(value: string): string {
    if (!UUID.test(value)) throw Problem.notFound('thing');
    return value.toLowerCase();
  }
}

/** What was given, without the fields that were not: a change concerns no field that is not named. */
export function withoutUndefined<T extends object>(values: T): T {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as T;
}
