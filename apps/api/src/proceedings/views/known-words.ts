import { t, type Language, type MessageKey } from '@app/mail';
import { nameKey } from '@app/platform';

const kinds = new Map<string, MessageKey>([
  ['written input', 'note.kind.written_input'],
  ['oral statement', 'note.kind.oral_statement'],
  ['side event', 'note.kind.side_event'],
  ['joint paper', 'note.kind.joint_paper'],
  ['to be confirmed', 'note.kind.to_be_confirmed'],
]);

const roles = new Map<string, MessageKey>([
  ['chair', 'note.role.chair'],
  ['co-chair', 'note.role.co_chair'],
  ['former chair', 'note.role.former_chair'],
  ['former co-chair', 'note.role.former_co_chair'],
  ['secretariat', 'note.role.secretariat'],
  ['member', 'note.role.member'],
  ['observer', 'note.role.observer'],
  ['speaker', 'note.role.speaker'],
  ['moderator', 'note.role.moderator'],
  ['organiser', 'note.role.organiser'],
  ['national', 'note.role.national'],
  ['on behalf', 'note.role.on_behalf'],
  ['speaking on behalf', 'note.role.on_behalf'],
]);

/** The reader's words for a kind of commitment; null when it is not well known and stands as written. */
export function knownKind(language: Language, written: string): string | null {
  return known(kinds, language, written);
}

/** The reader's words for a role; null when it is not well known and stands as written. */
export function knownRole(language: Language, written: string): string | null {
  return known(roles, language, written);
}

function known(words: Map<string, MessageKey>, language: Language, written: string): string | null {
  const key = words.get(nameKey(written));
  return key ? t(language, key) : null;
}
