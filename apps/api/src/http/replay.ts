import { applyDecorators, SetMetadata } from '@nestjs/common';
import { ApiExtension } from '@nestjs/swagger';

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

/** Every text and number in what was sent. */
export function valuesIn(sent: unknown): string[] {
  if (Buffer.isBuffer(sent) || sent === null || sent === undefined) return [];
  if (typeof sent === 'object') return Object.values(sent).flatMap(valuesIn);
  return typeof sent === 'string' || typeof sent === 'number' ? [String(sent).trim()] : [];
}

const ADDRESS = /[^\s<>"'(),;:]+@[^\s<>"'(),;:]*[^\s<>"'(),;:.]/g;

/** What a problem says, with `…` for every value that was sent and every address. */
export function withoutValues(text: string, values: string[]): string {
  const plain = text.replace(ADDRESS, '…');
  const patterns = [...new Set(values)]
    .filter((value) => value !== '')
    // The longest first, as others may be a part of it.
    .toSorted((one, other) => other.length - one.length)
    .map((value) => {
      const exact = RegExp.escape(value);
      // "a" is a word of many sentences, and in quotation marks what was sent.
      return value.length < 3
        ? `(?<=["“«])${exact}(?=["”»])`
        : `(?<![\\p{L}\\p{N}_])${exact}(?![\\p{L}\\p{N}_])`;
    });
  return patterns.length === 0 ? plain : plain.replace(new RegExp(patterns.join('|'), 'giu'), '…');
}
