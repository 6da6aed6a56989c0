import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Links } from '@app/platform';
import type { Attends } from '../registrations/registration.entity';
import type { DelegationRole } from './delegation.entity';
import { loadNominees, type Nominee } from './delegations.reader';
import { CLOSED } from './nominations.service';

/** A delegation as its focal point's link shows it. */
export interface OwnDelegation {
  id: string;
  dialogueId: string;
  /** Name of the mechanism, or the organisation. */
  name: string;
  linkGeneration: number;
  focalPoint: { honorific: string | null; name: string; language: string; timeZone: string };
  attends: Attends | null;
  seats: number;
  seatsByRole: Partial<Record<DelegationRole, number>>;
  /** Until when people can be nominated. */
  closesAt: Date;
  /** Whether that has passed. */
  closed: boolean;
  nominees: Nominee[];
}

/**
 * Opens the links of focal points. Opening reads and never writes: scanners open every link of every mail. Wrong and
 * revoked are one answer: null.
 */
@Injectable()
export class FocalPointLinks {
  constructor(
    private readonly dataSource: DataSource,
    private readonly links: Links,
  ) {}

  /** The delegation that this token opens. */
  async delegation(token: string): Promise<OwnDelegation | null> {
    const id = this.links.idOf(token);
    if (!id) return null;
    const [found]: Omit<OwnDelegation, 'nominees'>[] = await this.dataSource.query(
      `SELECT l.id, l.dialogue_id AS "dialogueId", coalesce(m.name, l.organisation) AS name,
         l.link_generation AS "linkGeneration", l.attends,
         jsonb_build_object('honorific', p.honorific, 'name', p.name, 'language', p.language, 'timeZone', p.time_zone)
           AS "focalPoint",
         coalesce(seats.places, 0) AS seats,
         coalesce((SELECT jsonb_object_agg(role, places) FROM places
           WHERE delegation_id = l.id AND scope = 'role'), '{}') AS "seatsByRole",
         least(coalesce(l.nominations_close_at, d.starts_at), d.starts_at) AS "closesAt", ${CLOSED} AS closed
       FROM delegations l JOIN dialogues d ON d.id = l.dialogue_id JOIN people p ON p.id = l.focal_point_id
       LEFT JOIN mechanisms m ON m.id = l.mechanism_id
       LEFT JOIN places seats ON seats.delegation_id = l.id AND seats.scope = 'delegation'
       WHERE l.id = $1 AND d.published_at IS NOT NULL`,
      [id],
    );
    if (!found || !this.links.proves(token, 'delegation', id, found.linkGeneration)) return null;
    const nominees = await loadNominees(this.dataSource, [id]);
    return { ...found, nominees: nominees.get(id) ?? [] };
  }
}
