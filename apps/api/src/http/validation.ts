import { ValidationPipe } from '@nestjs/common';
import type { ValidationError } from 'class-validator';
import { Problem, type FieldProblem } from '@app/platform';

/** Checks every DTO: unknown fields are refused, and all that is wrong is told at once, by path. */
export function validationPipe(): ValidationPipe {
  return new ValidationPipe({
    whitelist: true,
    forbidNonWhitelisted: true,
    transform: true,
    exceptionFactory: (errors) => validationProblem(errors),
  });
}

/** All wrong fields as one problem: 422 `invalid_fields`. */
export function validationProblem(errors: ValidationError[]): Problem {
  const fields = errors.flatMap((error) => fieldProblems(error, ''));
  return new Problem(
    422,
    'invalid_fields',
    `${fields.length === 1 ? 'One field is' : `${fields.length} fields are`} not right: ${fields
      .slice(0, 10)
      .map(({ field }) => field)
      .join(', ')}${fields.length > 10 ? ' …' : ''}.`,
    fields,
  );
}

function fieldProblems(error: ValidationError, prefix: string): FieldProblem[] {
  const children = (error.children ?? []).flatMap((child) =>
    fieldProblems(child, `${prefix}${error.property}.`),
  );
  const own = ownProblem(error, prefix);
  return own ? [own, ...children] : children;
}

/** Of all that a field fails, what comes first: that it is unknown, missing, of the wrong type, or the rest. */
function ownProblem(error: ValidationError, prefix: string): FieldProblem | undefined {
  const constraints = Object.entries(error.constraints ?? {});
  const [constraint, message] = constraints.find(([name]) => TYPES.has(name)) ?? constraints[0] ?? [];
  if (constraint === undefined || message === undefined) return undefined;
  const field = prefix + error.property;
  if (constraint === 'whitelistValidation') {
    return { field, code: 'unknown_field', detail: `${field} is not a field of this request. Leave it out.` };
  }
  if (constraint === 'unknownValue' || constraint === 'nestedValidation') {
    return { field, code: 'wrong_type', detail: `${field} must be an object, or a list of objects.` };
  }
  const words = message.startsWith(error.property)
    ? prefix + message
    : message.replace(` in ${error.property} `, ` in ${field} `);
  // The value of what has something wrong inside is left out.
  if (error.value === undefined && !error.children?.length)
    return { field, code: 'missing', detail: `${field} is missing: ${words}.` };
  return { field, code: CODES[constraint] ?? snakeCase(constraint), detail: `${words}.` };
}

const TYPES = new Set([
  'isString',
  'isInt',
  'isNumber',
  'isBoolean',
  'isArray',
  'isObject',
  'isNotEmptyObject',
  'isTexts',
]);

/** The stable codes, whatever the library calls its checks. */
const CODES: Record<string, string> = {
  ...Object.fromEntries([...TYPES].map((type) => [type, 'wrong_type'])),
  matches: 'malformed',
  minLength: 'empty',
  maxLength: 'too_long',
  arrayMaxSize: 'too_many',
  arrayMinSize: 'empty',
  min: 'out_of_range',
  max: 'out_of_range',
  isIn: 'not_allowed',
  isEmail: 'email_invalid',
  isUrl: 'url_invalid',
};

function snakeCase(constraint: string): string {
  return constraint.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
