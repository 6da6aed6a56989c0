import type { DataSource, EntityManager } from 'typeorm';
import { Problem } from '@app/platform';
import type { DialogueState } from './dialogue.entity';
import { mayDo, rolesWith, type Right, type Role, type Standing } from './roles/rights.rules';

/** What work on a dialogue mostly needs to know of it. */
export interface OwnDialogue {
  state: DialogueState;
  /** Whether its end has passed, by the database's clock. */
  over: boolean;
  slug: string;
  workingLanguages: string[];
  timeZone: string;
  /** The organiser in whose directory its people and mechanisms stand. */
  directoryOf: string;
  /** Whether who asks may see answers to sensitive questions. */
  seesSensitive: boolean;
}

/** SQL of `roles` and `sees_sensitive` that organiser `$<organiser>` has in dialogue `d`: in itself and by its process. */
export function standingIn(organiser: number): string {
  return `(SELECT array_agg(role) AS roles, coalesce(bool_or(sees_sensitive), false) AS sees_sensitive FROM (
      SELECT unnest(roles) AS role, sees_sensitive FROM dialogue_roles
        WHERE dialogue_id = d.id AND organiser_id = $${organiser}
      UNION ALL
      SELECT unnest(roles), sees_sensitive FROM process_roles
        WHERE process_id = d.process_id AND organiser_id = $${organiser}) AS given)`;
}

/**
 * The dialogue, when this organiser has the right to do something with it, by a role in it or in its process.
 * @param hold `FOR SHARE` keeps it as it is until the transaction ends; `FOR NO KEY UPDATE` also keeps others out.
 * @throws Problem 404, the same whether there is no such dialogue or they have no role in it; 403 `role_insufficient`.
 */
export async function ownDialogue(
  manager: EntityManager | DataSource,
  organiserId: string,
  dialogueId: string,
  right: Right,
  hold: '' | 'FOR SHARE' | 'FOR NO KEY UPDATE' = '',
): Promise<OwnDialogue> {
  const [dialogue]: (OwnDialogue & { roles: Role[] | null })[] = await manager.query(
    `SELECT d.state, d.ends_at <= now() AS over, d.slug, d.working_languages AS "workingLanguages",
       d.time_zone AS "timeZone", d.organiser_id AS "directoryOf", standing.roles,
       standing.sees_sensitive AS "seesSensitive"
     FROM dialogues d CROSS JOIN LATERAL ${standingIn(2)} AS standing WHERE d.id = $1 ${hold && `${hold} OF d`}`,
    [dialogueId, organiserId],
  );
  if (!dialogue?.roles) throw Problem.notFound('dialogue');
  const { roles, ...rest } = dialogue;
  assertMay({ roles, seesSensitive: rest.seesSensitive }, right, 'dialogue');
  return rest;
}

/** @throws Problem 403 `role_insufficient`, naming what one is and what it takes */
export function assertMay(
  { roles, seesSensitive }: Standing,
  right: Right,
  of: 'dialogue' | 'process',
): void {
  if (mayDo({ roles, seesSensitive }, right)) return;
  const needed =
    right === 'see_sensitive'
      ? 'the right to see what is sensitive'
      : `the role ${rolesWith(right).join(' or ')}`;
  const is =
    roles.length > 0
      ? `You are ${[...new Set(roles)].join(' and ')} of this ${of}`
      : `You have no role in this ${of}`;
  throw new Problem(403, 'role_insufficient', `${is}; this needs ${needed}. An owner can give it to you.`);
}

/** What belongs to a dialogue, and is found by an id of its own: where. */
const BELONGINGS = {
  delegation: 'delegations',
  import: 'imports',
  invitation: 'invitations',
  registration: 'registrations',
  substitution: 'substitutions',
  name: '(SELECT k.id, n.dialogue_id FROM note_names k JOIN notes n ON n.id = k.note_id) AS named',
} as const;

/**
 * The dialogue to which something belongs, when this organiser has the right; see `ownDialogue`.
 * @throws Problem 404, the same whether there is no such thing or they have no role in its dialogue; 403 `role_insufficient`.
 */
export async function ownDialogueOf(
  manager: EntityManager | DataSource,
  organiserId: string,
  what: keyof typeof BELONGINGS,
  id: string,
  right: Right,
  hold: '' | 'FOR SHARE' | 'FOR NO KEY UPDATE' = '',
): Promise<OwnDialogue & { dialogueId: string }> {
  const [found]: { dialogueId: string }[] = await manager.query(
    `SELECT dialogue_id AS "dialogueId" FROM ${BELONGINGS[what]} WHERE id = $1`,
    [id],
  );
  if (!found) throw Problem.notFound(what);
  try {
    return { ...(await ownDialogue(manager, organiserId, found.dialogueId, right, hold)), ...found };
  } catch (error) {
    throw error instanceof Problem && error.status === 404 ? Problem.notFound(what) : error;
  }
}
