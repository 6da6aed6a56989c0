import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { composeAnnex, type Annex, type AnnexMechanism, type AnnexParticipant } from './annex.rules';

/** The annex of a note, composed anew whenever it is read, so that a withdrawn consent takes the name out. */
@Injectable()
export class Annexes {
  /**
   * Those who attended where attendance was kept, else those confirmed (domain.md, 11), a change of theirs still to be
   * approved or not: they have their place. Whoever has withdrawn since
   * is left out even if they attended.
   */
  async of(manager: EntityManager, dialogueId: string): Promise<Annex> {
    const rows: (AnnexParticipant & { mechanismName: string | null })[] = await manager.query(
      `SELECT r.honorific, r.name, r.affiliation, r.capacity, r.consent_to_be_listed <> 'never' AS "consentToBeListed",
              m.code AS mechanism, m.name AS "mechanismName"
         FROM registrations r
         LEFT JOIN mechanisms m ON m.id = r.mechanism_id
        WHERE r.dialogue_id = $1 AND r.state IN ('confirmed', 'under_review')
          AND (NOT EXISTS (SELECT FROM attendances WHERE dialogue_id = $1)
               OR EXISTS (SELECT FROM attendances a WHERE a.registration_id = r.id))`,
      [dialogueId],
    );
    const mechanisms = new Map<string, AnnexMechanism>();
    for (const { mechanism, mechanismName } of rows)
      if (mechanism !== null) mechanisms.set(mechanism, { code: mechanism, name: mechanismName! });
    return composeAnnex(rows, [...mechanisms.values()]);
  }
}
