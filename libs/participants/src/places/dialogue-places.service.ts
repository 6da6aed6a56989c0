import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { DialoguesService, type Dialogue, type DialogueChanges, type DialogueDraft } from '@app/dialogues';
import { MailQueue } from '@app/mail';
import { audit, Problem, type FieldProblem } from '@app/platform';
import { placesMayBecome } from './places.rules';
import { PlacesService } from './places.service';

/** How many of those over are named. */
const NAMED = 20;

/** A dialogue and its places change in one transaction. */
@Injectable()
export class DialoguePlacesService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly dialogues: DialoguesService,
    private readonly places: PlacesService,
    private readonly mailQueue: MailQueue,
  ) {}

  /** Drafts a dialogue with so many places; null: no limit. */
  async draft(organiserId: string, draft: DialogueDraft, places: number | null): Promise<Dialogue> {
    return this.dataSource.transaction(async (manager) => {
      const dialogue = await this.dialogues.create(manager, organiserId, draft);
      await manager.query(`INSERT INTO places (dialogue_id, places) VALUES ($1, $2)`, [dialogue.id, places]);
      return dialogue;
    });
  }

  /**
   * Changes a dialogue, and its places when told so (undefined: they stay). With more places those who wait move up, in
   * order, and are mailed.
   * @throws Problem 409 `places_below_confirmed` when more are confirmed than there would be places, naming who is over.
   */
  async revise(
    organiserId: string,
    dialogueId: string,
    changes: DialogueChanges,
    places: number | null | undefined,
    expectedVersion?: number,
  ): Promise<Dialogue> {
    const { dialogue, mails } = await this.dataSource.transaction(async (manager) => {
      // Places before the dialogue: the lock order of everyone who takes one.
      const limits = await this.places.lock(manager, { dialogueId });
      const revised = await this.dialogues.update(manager, organiserId, dialogueId, changes, expectedVersion);
      const limit = limits.find(({ scope }) => scope === 'dialogue')!;
      if (places !== undefined && places !== limit.places) {
        await this.setPlaces(manager, dialogueId, limit, places);
        // Places are part of what the dialogue's ETag stands for.
        revised.version += 1;
        await manager.save(revised);
      }
      return { dialogue: revised, mails: await this.places.promote(manager, dialogueId) };
    });
    this.mailQueue.hint(mails);
    return dialogue;
  }

  private async setPlaces(
    manager: EntityManager,
    dialogueId: string,
    limit: { id: string; taken: number; places: number | null },
    places: number | null,
  ): Promise<void> {
    const verdict = placesMayBecome(places, limit.taken);
    if (verdict.code === 'places_below_confirmed') {
      throw await this.tooManyConfirmed(manager, dialogueId, limit.taken, verdict.over);
    }
    await manager.query(`UPDATE places SET places = $2 WHERE id = $1`, [limit.id, places]);
    await audit(manager, {
      action: 'places.changed',
      dialogueId,
      subjectId: limit.id,
      details: { from: limit.places, to: places },
    });
  }

  private async tooManyConfirmed(
    manager: EntityManager,
    dialogueId: string,
    confirmed: number,
    over: number,
  ): Promise<Problem> {
    const last: { name: string }[] = await manager.query(
      `SELECT name FROM registrations WHERE dialogue_id = $1 AND state = 'confirmed'
       ORDER BY confirmed_at DESC, id DESC LIMIT $2`,
      [dialogueId, Math.min(over, NAMED)],
    );
    const errors: FieldProblem[] = last.map(({ name }) => ({
      field: 'places',
      code: 'places_below_confirmed',
      detail: `${name} would be over.`,
    }));
    return new Problem(
      409,
      'places_below_confirmed',
      `${confirmed} are confirmed, ${over} more than that. Give at least ${confirmed} places, or ask those confirmed last to withdraw: ${last.map(({ name }) => name).join(', ')}${over > NAMED ? ' …' : ''}.`,
      errors,
    );
  }
}
