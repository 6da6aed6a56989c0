import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Environment, Links, type LinkPurpose } from '@app/platform';
import { JOIN_GENERATION } from './attendance.rules';

/** The two links of a participant that say who comes: the code for the door, and the personal link to join. */
@Injectable()
export class DoorLinks {
  private readonly base: string;

  constructor(
    private readonly dataSource: DataSource,
    private readonly links: Links,
    environment: Environment,
  ) {
    this.base = environment.PUBLIC_URL.replace(/\/$/, '');
  }

  /** What the code for the door holds. */
  checkIn({ id, linkGeneration }: { id: string; linkGeneration: number }): string {
    return this.addressOf(this.links.compose('check-in', id, linkGeneration));
  }

  /** What the code for the door holds, of a token that it was opened with. */
  addressOf(token: string): string {
    return `${this.base}/c/${token}`;
  }

  /** The personal link to join, for a page of ours. */
  joinPath({ id, joinGeneration }: { id: string; joinGeneration: number }): string {
    return `/j/${this.links.compose('join', id, joinGeneration)}`;
  }

  /** Whose code this is, and of which dialogue; null for a wrong, expired and revoked one. */
  ofCode(token: string): Promise<{ id: string; dialogueId: string } | null> {
    return this.opened(token, 'check-in', 'r.link_generation');
  }

  /** Whose link to join this is; null for a wrong, expired and revoked one. */
  ofJoin(token: string): Promise<{ id: string; dialogueId: string } | null> {
    return this.opened(token, 'join', JOIN_GENERATION);
  }

  /** @param generation SQL of the generation of registration `r`'s links for this purpose. */
  private async opened(
    token: string,
    purpose: LinkPurpose,
    generation: string,
  ): Promise<{ id: string; dialogueId: string } | null> {
    const id = this.links.idOf(token);
    if (!id) return null;
    const [row]: { dialogueId: string; generation: number }[] = await this.dataSource.query(
      `SELECT r.dialogue_id AS "dialogueId", ${generation} AS generation
       FROM registrations r JOIN dialogues d ON d.id = r.dialogue_id
       WHERE r.id = $1 AND d.published_at IS NOT NULL`,
      [id],
    );
    if (!row || !this.links.proves(token, purpose, id, row.generation)) return null;
    return { id, dialogueId: row.dialogueId };
  }
}
