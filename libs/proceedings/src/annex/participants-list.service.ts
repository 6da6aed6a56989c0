import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { ownDialogue, type Venue } from '@app/dialogues';
import type { ReadableNote } from '../note/frozen-note.rules';
import { publishedNote } from '../note/published-note';
import { Annexes } from './annex.service';

/** The list of participants of a dialogue, as it may be shown now. */
export interface ParticipantsList<List = ReadableNote['annex']> {
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
  annex: List;
}

/** The list of participants by mechanism, before the dialogue and after it, in the order and wording of the annex. */
@Injectable()
export class ParticipantsLists {
  constructor(
    private readonly dataSource: DataSource,
    private readonly annexes: Annexes,
  ) {}

  /** For organisers. @throws Problem 404 */
  async forOrganiser(organiserId: string, dialogueId: string): Promise<ParticipantsList> {
    await ownDialogue(this.dataSource, organiserId, dialogueId, 'view');
    return this.of(dialogueId);
  }

  /**
   * Whose names may be shown. Until the dialogue is over: the confirmed who consented to be listed `before` it. Then the
   * annex of its note: as it would be published now, and once it is published as it was. Anyone who said `never` is in
   * neither. Their mechanism still counts as present, which names no person.
   */
  async of(dialogueId: string): Promise<ParticipantsList> {
    const { manager } = this.dataSource;
    const [found]: (ParticipantsList['dialogue'] & { over: boolean })[] = await manager.query(
      `SELECT slug, title, starts_at AS "startsAt", ends_at AS "endsAt", time_zone AS "timeZone", venue,
         working_languages AS "workingLanguages", ends_at <= now() AS over FROM dialogues WHERE id = $1`,
      [dialogueId],
    );
    const { over, ...dialogue } = found!;
    if (!over) return { dialogue, over, annex: await this.annexes.before(manager, dialogueId) };
    const published = await publishedNote(manager, { dialogueId });
    return { dialogue, over, annex: (published ?? (await this.annexes.of(manager, dialogueId))).annex };
  }
}
