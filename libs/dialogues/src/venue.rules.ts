import type { FieldProblem } from '@app/platform';
import type { Venue } from './dialogue.entity';

/** What a kind of venue needs: a platform when people join from afar, a room when they come. */
export function checkVenue({ kind, platform, room, join_url }: Venue): FieldProblem[] {
  const errors: FieldProblem[] = [];
  const needs = (field: string, words: string) =>
    errors.push({ field, code: 'missing', detail: `${field} is missing: ${words}` });
  const excludes = (field: string) =>
    errors.push({
      field,
      code: 'not_for_this_venue',
      detail: `${field} does not belong to a venue of the kind ${kind}. Leave it out, or say hybrid.`,
    });
  if (kind !== 'in_person' && !platform) needs('venue.platform', 'give the name of the platform.');
  if (kind !== 'virtual' && !room) needs('venue.room', 'give room and address.');
  if (kind === 'virtual' && room) excludes('venue.room');
  if (kind === 'in_person' && platform) excludes('venue.platform');
  if (kind === 'in_person' && join_url) excludes('venue.join_url');
  return errors;
}
