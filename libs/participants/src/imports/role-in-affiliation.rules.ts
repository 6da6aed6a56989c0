import { mechanismCalled, type KnownMechanism } from '../registrations/registration-data.rules';
import { folded } from '../../../platform/src/near.rules';

/** Roles that people hold in a mechanism, as lists write them in English, French and Arabic. */
const ROLES = new Set(
  [
    ['chair', 'co-chair', 'vice-chair', 'chairperson', 'co-chairperson', 'chairman', 'chairwoman'].flatMap(
      (role) => [role, `former ${role}`, `incoming ${role}`, `outgoing ${role}`, `current ${role}`],
    ),
    'secretariat, member, observer, adviser, advisor, focal point, head of delegation'.split(', '),
    ['président', 'présidente', 'coprésident', 'coprésidente', 'co-président', 'co-présidente'].flatMap(
      (role) => [role, `ancien ${role}`, `ancienne ${role}`],
    ),
    'présidence, coprésidence, co-présidence, secrétariat, membre, observateur, observatrice'.split(', '),
    'conseiller, conseillère, point focal, chef de délégation, cheffe de délégation'.split(', '),
    'رئيس، رئيسة، الرئيس المشارك، رئيس مشارك، رئيسة مشاركة، الرئاسة، الأمانة، عضو، مراقب'.split('، '),
    'مستشار، جهة الاتصال، رئيس الوفد'.split('، '),
  ]
    .flat()
    .map(folded),
);

/** A role that stands in brackets at the end of an affiliation. */
export interface RoleInAffiliation {
  /** The affiliation without its brackets. */
  affiliation: string;
  /** As written. */
  role: string;
  /** The mechanism beside it, when it is one of the organiser's. */
  mechanism: KnownMechanism | null;
  /** What else stands in the brackets and is no mechanism. */
  rest: string | null;
}

/**
 * Finds the role in `"Ministry of Foreign Affairs, Morocco (former co-chair, 5+5)"`, the form in which the record's list
 * of participants shows it (domain.md, 11), so lists made from an earlier record have it. Null where there is none.
 */
export function roleInAffiliation(
  affiliation: string,
  mechanisms: readonly KnownMechanism[],
): RoleInAffiliation | null {
  const [, before, inside] = /^(.*\S)\s*[(（]([^()（）]+)[)）]$/u.exec(affiliation) ?? [];
  if (!before || !inside) return null;
  const parts = inside
    .split(/[,،;؛]/)
    .map((part) => part.trim())
    .filter(Boolean);
  const at = parts.findIndex((part) => ROLES.has(folded(part)));
  if (at < 0) return null;
  const others = parts.filter((_, index) => index !== at).join(', ');
  const mechanism = others ? mechanismCalled(others, mechanisms) : undefined;
  return {
    affiliation: before,
    role: parts[at]!,
    mechanism: mechanism ?? null,
    rest: others && !mechanism ? others : null,
  };
}
