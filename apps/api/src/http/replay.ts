import { applyDecorators, SetMetadata } from '@nestjs/common';
import { ApiExtension } from '@nestjs/swagger';
import type { FieldProblem } from '@app/platform';

/** In the description of the API, so that anyone who describes and tests it knows what a route declares. */
export const REPLAY = 'x-replay';

/**
 * How a repeated POST is answered: `location`, as a GET of the Location answers the caller now; `again`, by doing it again,
 * since it changes nothing; or with these members of the first answer.
 */
export type Replay = 'location' | 'again' | readonly string[];

const declare = (replay: Replay) =>
  applyDecorators(SetMetadata(REPLAY, replay), ApiExtension(REPLAY, replay));

/** On a POST that answers with the Location of what it made. */
export const ReplaysLocation = () => declare('location');

/** On a POST that changes nothing. */
export const ReplaysAgain = () => declare('again');

/**
 * On any other POST: the members of its answer that are stored for a replay. Of what they hold only ids, counts, instants
 * and what is true or false is stored, never a name, an address, a text or a secret. None: the status says it all.
 */
export const Replays = <Answer extends object = never>(...members: (keyof Answer & string)[]) =>
  declare(members);

const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?Z$/;

/** What of an answer is stored for a replay, as JSON; undefined: nothing. */
export function replayed(answer: unknown, members: readonly string[]): unknown {
  if (answer === undefined || answer === null || members.length === 0) return undefined;
  // As it is sent: instants as texts.
  const sent = JSON.parse(JSON.stringify(answer)) as Record<string, unknown>;
  return harmless(Object.fromEntries(members.map((member) => [member, sent[member]])));
}

function harmless(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(harmless).filter((item) => item !== undefined);
  if (typeof value === 'object' && value !== null) {
    const kept = Object.entries(value).flatMap(([name, of]) => {
      const member = harmless(of);
      return member === undefined ? [] : [[name, member] as const];
    });
    return kept.length > 0 ? Object.fromEntries(kept) : undefined;
  }
  if (typeof value === 'string') return ID.test(value) || INSTANT.test(value) ? value : undefined;
  return value;
}

/** A problem as it is stored. */
export interface StoredProblem {
  code: string;
  detail: string;
  errors: FieldProblem[];
}

/** How many wrong fields of a refused request are stored, and how many characters of each field and detail. */
const MAX_ERRORS = 50;
const MAX_FIELD = 200;
const MAX_DETAIL = 1_000;
/** More values, or longer ones, are not looked for: the work would grow with what a stranger sends. */
const MAX_VALUES = 200;
const MAX_CHARACTERS = 20_000;

/**
 * What of a problem is stored for a replay: codes and fields, and what it says with `…` for every value that was sent. Where
 * too much was sent to look for all of it, its words are left out.
 */
export function storedProblem(
  { code, detail, errors }: StoredProblem,
  sent: readonly unknown[],
): StoredProblem {
  const values = [...new Set(sent.flatMap(valuesIn))].filter((value) => value !== '');
  const isTooMuch =
    values.length > MAX_VALUES || values.reduce((sum, { length }) => sum + length, 0) > MAX_CHARACTERS;
  const without = isTooMuch
    ? () => 'The first request with this Idempotency-Key was refused for this.'
    : wordsWithout(values);
  return {
    code,
    detail: without(detail),
    errors: errors
      .slice(0, MAX_ERRORS)
      .map((error) => ({ ...error, field: error.field.slice(0, MAX_FIELD), detail: without(error.detail) })),
  };
}

/** Every text and number in what was sent. */
function valuesIn(sent: unknown): string[] {
  if (Buffer.isBuffer(sent) || sent === null || sent === undefined) return [];
  if (typeof sent === 'object') return Object.values(sent).flatMap(valuesIn);
  return typeof sent === 'string' || typeof sent === 'number' ? [String(sent).trim()] : [];
}

const ADDRESS = /[^\s<>"'(),;:]+@[^\s<>"'(),;:]*[^\s<>"'(),;:.]/g;

/** Puts `…` in the place of each of these values, and of every address, in what a problem says. */
function wordsWithout(values: readonly string[]): (text: string) => string {
  const patterns = values
    // The longest first, as others may be a part of it.
    .toSorted((one, other) => other.length - one.length)
    .map((value) => {
      const exact = RegExp.escape(value);
      // "a" is a word of many sentences, and in quotation marks what was sent.
      return value.length < 3
        ? `(?<=["“«])${exact}(?=["”»])`
        : `(?<![\\p{L}\\p{N}_])${exact}(?![\\p{L}\\p{N}_])`;
    });
  const any = patterns.length === 0 ? null : new RegExp(patterns.join('|'), 'giu');
  return (text) => {
    const plain = text.slice(0, MAX_DETAIL).replace(ADDRESS, '…');
    return any ? plain.replace(any, '…') : plain;
  };
}
