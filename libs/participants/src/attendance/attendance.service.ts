import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { ownDialogue } from '@app/dialogues';
import { audit, Problem } from '@app/platform';

/** Who came. */
@Injectable()
export class Attendances {
  constructor(@Inject(DataSource) private readonly dataSource: DataSource) {}

  /** Registrations of those who came, in the order of their ids; none when no attendance was kept. */
  async read(organiserId: string, dialogueId: string): Promise<string[]> {
    await ownDialogue(this.dataSource, organiserId, dialogueId, 'view');
    const rows: { id: string }[] = await this.dataSource.query(
      `SELECT registration_id AS id FROM attendances WHERE dialogue_id = $1 ORDER BY registration_id`,
      [dialogueId],
    );
    return rows.map(({ id }) => id);
  }

  /**
   * Replaces the attendance. An empty list means that none was kept.
   * @throws Problem `unknown_registration` (422) when one is no confirmed registration of this dialogue.
   */
  async replace(organiserId: string, dialogueId: string, registrationIds: string[]): Promise<void> {
    await this.dataSource.transaction(async (manager) => {
      // The lock on the dialogue keeps two replacements at once from mixing.
      await ownDialogue(manager, organiserId, dialogueId, 'record', 'FOR NO KEY UPDATE');
      const unknown: { id: string; number: string }[] = await manager.query(
        `SELECT given.id, given.number FROM unnest($2::uuid[]) WITH ORDINALITY AS given (id, number)
          WHERE NOT EXISTS (SELECT FROM registrations r
                             WHERE r.id = given.id AND r.dialogue_id = $1 AND r.state = 'confirmed')
          ORDER BY given.number LIMIT 20`,
        [dialogueId, registrationIds],
      );
      if (unknown.length > 0) {
        const errors = unknown.map(({ id, number }) => {
          const field = `registration_ids.${Number(number) - 1}`;
          const detail = `${field}: ${id} is not a confirmed registration of this dialogue. Take it out, or confirm it first.`;
          return { field, code: 'unknown_registration', detail };
        });
        throw new Problem(422, 'unknown_registration', errors[0]!.detail, errors);
      }
      await manager.query(
        `WITH gone AS (DELETE FROM attendances WHERE dialogue_id = $1 AND registration_id <> ALL ($2::uuid[]))
         INSERT INTO attendances (registration_id, dialogue_id)
         SELECT DISTINCT id, $1::uuid FROM unnest($2::uuid[]) AS given (id)
         ON CONFLICT DO NOTHING`,
        [dialogueId, registrationIds],
      );
      await audit(manager, {
        action: 'attendance.noted',
        dialogueId,
        details: { attended: new Set(registrationIds).size },
      });
    });
  }
}
