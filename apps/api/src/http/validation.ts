import { ValidationPipe } from '@nestjs/common';
import type { ValidationError } from 'class-validator';
import { Problem, type FieldProblem } from '@app/platform';

/** Checks every DTO: unknown fields are refused, and all that is wrong is told at once, by path. */
export function validationPipe(): ValidationPipe {
  return new ValidationPipe({
    whitelist: true,
    forbidNonWhitelisted: true,
    transform: true,
    stopAtFirstError: true,
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
  const field = prefix + error.property;
  const own = Object.entries(error.constraints ?? {}).map(([constraint, message]): FieldProblem => {
    if (constraint === 'whitelistValidation') {
      return {
        field,
        code: 'unknown_field',
        detail: `${field} is not a field of this request. Leave it out.`,
      };
    }
    if (constraint === 'unknownValue' || constraint === 'nestedValidation') {
      return { field, code: 'wrong_type', detail: `${field} must be an object, or a list of objects.` };
    }
    const detail = message.startsWith(error.property)
      ? prefix + message
      : message.replace(`each value in ${error.property}`, `each value in ${field}`);
    if (error.value === undefined)
      return { field, code: 'missing', detail: `${field} is missing: ${detail}.` };
    return { field, code: code(constraint), detail: `${detail}.`.replace(/\.\.$/, '.') };
  });
  return [...own, ...(error.children ?? []).flatMap((child) => fieldProblems(child, `${field}.`))];
}

const TYPES = new Set(['isString', 'isInt', 'isNumber', 'isBoolean', 'isArray', 'isObject']);

/** `isEmail` becomes `is_email`, and whatever says that the type is wrong `wrong_type`. */
function code(constraint: string): string {
  if (TYPES.has(constraint)) return 'wrong_type';
  return constraint.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
