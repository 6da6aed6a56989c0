import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Environment, Links, type LinkPurpose } from '@app/platform';

/** A registration, as far as its links need it. */
interface Linked {
  id: string;
  linkGeneration: number;
}

/** The two links of a participant that say who comes: the code for the door, and the personal link to join. */
@Injectable()
export class DoorLinks {
  private readonly base: string;

  constructor(
    @Inject(DataSource) private readonly dataSource: DataSource,
    @Inject(Links) private readonly links: Links,
    @Inject(Environment) environment: Environment,
  ) {
    this.base = environment.PUBLIC_URL.replace(/\/$/, '');
  }

  /** What the code for the door holds. */
  checkIn({ id, linkGeneration }: Linked): string {
    return `${this.base}/c/${this.links.compose('check-in', id, linkGeneration)}`;
  }

  /** The personal link to join, for a page of ours. */
  joinPath({ id, linkGeneration }: Linked): string {
    return `/j/${this.links.compose('join', id, linkGeneration)}`;
  }

  /** Whose code this is, and of which dialogue; null for a wrong, expired and revoked one. */
  ofCode(token: string): Promise<{ id: string; dialogueId: string } | null> {
    return this.opened(token, 'check-in');
  }

  /** Whose link to join this is; null for a wrong, expired and revoked one. */
  ofJoin(token: string): Promise<{ id: string; dialogueId: string } | null> {
    return this.opened(token, 'join');
  }

  private async opened(
    token: string,
    purpose: LinkPurpose,
  ): Promise<{ id: string; dialogueId: string } | null> {
    const id = this.links.idOf(token);
    if (!id) return null;
    const [row]: { dialogueId: string; linkGeneration: number }[] = await this.dataSource.query(
      `SELECT r.dialogue_id AS "dialogueId", r.link_generation AS "linkGeneration"
       FROM registrations r JOIN dialogues d ON d.id = r.dialogue_id
       WHERE r.id = $1 AND d.published_at IS NOT NULL`,
      [id],
    );
    if (!row || !this.links.proves(token, purpose, id, row.linkGeneration)) return null;
    return { id, dialogueId: row.dialogueId };
  }
}
