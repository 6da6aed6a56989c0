/** What an organiser is in a dialogue or a process (domain.md; issue "Registration as States need it"). */
export const ROLES = ['owner', 'organiser', 'rapporteur', 'approver', 'viewer'] as const;
export type Role = (typeof ROLES)[number];

/**
 * What can be done with a dialogue.
 * `view`: read it, its agenda, its lists; `manage`: prepare, invite, register, tell; `approve`: decide on registrations;
 * `record`: note who came and what was said; `own`: give roles, erase, purge; `see_sensitive`: read sensitive answers.
 */
export type Right = 'view' | 'manage' | 'approve' | 'record' | 'own' | 'see_sensitive';

/** What one has by which role. `see_sensitive` is nobody's by role: it is given by itself. */
const RIGHTS: Record<Role, readonly Right[]> = {
  owner: ['view', 'manage', 'approve', 'record', 'own'],
  organiser: ['view', 'manage', 'record'],
  rapporteur: ['view', 'record'],
  approver: ['view', 'approve'],
  viewer: ['view'],
};

/** What an organiser has: their roles in the dialogue and in its process, together. */
export interface Standing {
  roles: readonly Role[];
  seesSensitive: boolean;
}

/** Whether a standing gives a right. */
export function mayDo({ roles, seesSensitive }: Standing, right: Right): boolean {
  if (right === 'see_sensitive') return roles.length > 0 && seesSensitive;
  return roles.some((role) => RIGHTS[role].includes(right));
}

/** Roles that give a right, for whoever has to be asked. */
export function rolesWith(right: Right): Role[] {
  return ROLES.filter((role) => RIGHTS[role].includes(right));
}
