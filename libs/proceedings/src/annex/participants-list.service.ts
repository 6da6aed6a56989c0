import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { ownDialogue, type Venue } from '@app/dialogues';
import { composeAnnex, type Annex, type AnnexMechanism, type AnnexParticipant } from './annex.rules';

/** The list of participants of a dialogue, as it may be shown now. */
export interface ParticipantsList {
  dialogue: {
    slug: string;
    title: string;
    startsAt: Date;
    endsAt: Date;
    timeZone: string;
    venue: Venue;
    workingLanguages: string[];
  };
  /** Whether the dialogue's end has passed. */
  over: boolean;
  annex: Annex;
}

/** The list of participants by mechanism, before the dialogue and after it, in the order and wording of the annex. */
@Injectable()
export class ParticipantsLists {
  constructor(private readonly dataSource: DataSource) {}

  /** For organisers. @throws Problem 404 */
  async forOrganiser(organiserId: string, dialogueId: string): Promise<ParticipantsList> {
    await ownDialogue(this.dataSource, organiserId, dialogueId, 'view');
    return this.of(dialogueId);
  }

  /**
   * Whose names may be shown. Until the dialogue is over: the confirmed who consented to be listed `before` it. Then:
   * those who attended where attendance was kept, else those confirmed (domain.md, 11), who consented to be listed
   * `before` or `after`. Whoever said `never`, which stands for the erased, too, is in neither. Their mechanism still
   * counts as present, which names no person.
   */
  async of(dialogueId: string): Promise<ParticipantsList> {
    const [found]: (ParticipantsList['dialogue'] & { over: boolean })[] = await this.dataSource.query(
      `SELECT slug, title, starts_at AS "startsAt", ends_at AS "endsAt", time_zone AS "timeZone", venue,
         working_languages AS "workingLanguages", ends_at <= now() AS over FROM dialogues WHERE id = $1`,
      [dialogueId],
    );
    const { over, ...dialogue } = found!;
    const rows: (AnnexParticipant & { mechanismName: string | null })[] = await this.dataSource.query(
      `SELECT r.honorific, r.name, r.affiliation, r.capacity, m.code AS mechanism, m.name AS "mechanismName",
         r.consent_to_be_listed = 'before' OR $2 AND r.consent_to_be_listed = 'after' AS "consentToBeListed"
       FROM registrations r LEFT JOIN mechanisms m ON m.id = r.mechanism_id
       WHERE r.dialogue_id = $1 AND r.state IN ('confirmed', 'under_review')
         AND (NOT $2 OR NOT EXISTS (SELECT FROM attendances WHERE dialogue_id = $1)
           OR EXISTS (SELECT FROM attendances a WHERE a.registration_id = r.id))`,
      [dialogueId, over],
    );
    const mechanisms = new Map<string, AnnexMechanism>();
    for (const { mechanism, mechanismName } of rows)
      if (mechanism !== null) mechanisms.set(mechanism, { code: mechanism, name: mechanismName! });
    return { dialogue, over, annex: composeAnnex(rows, [...mechanisms.values()]) };
  }
}
