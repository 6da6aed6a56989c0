import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { assertMayDraft } from '@app/accounts';
import { audit, Problem } from '@app/platform';
import type { Role } from '../roles/rights.rules';
import { ownProcess, seesProcess } from './own-process';

/** A process as one of its organisers sees it. */
export interface ProcessNow {
  id: string;
  title: string;
  purpose: string;
  version: number;
  createdAt: Date;
  /** The reader's roles in it; none when they only have one in a dialogue of it. */
  roles: Role[];
  /** How many of its dialogues the reader has a role in, by themselves or by the process. */
  dialogues: number;
}

/** What an organiser says of a process. */
export interface ProcessDraft {
  title: string;
  purpose: string;
}

const PROCESS = `p.id, p.title, p.purpose, p.version, p.created_at AS "createdAt", coalesce(own.roles, '{}') AS roles,
  (SELECT count(*)::int FROM dialogues d WHERE d.process_id = p.id AND (own.roles IS NOT NULL
    OR EXISTS (SELECT FROM dialogue_roles r WHERE r.dialogue_id = d.id AND r.organiser_id = $1))) AS dialogues
  FROM processes p LEFT JOIN process_roles own ON own.process_id = p.id AND own.organiser_id = $1`;

/** Processes, of which dialogues are steps. */
@Injectable()
export class ProcessesService {
  constructor(private readonly dataSource: DataSource) {}

  /** A new process, whose owner is who makes it. @throws Problem 403 `may_not_draft` */
  async create(organiserId: string, { title, purpose }: ProcessDraft): Promise<ProcessNow> {
    return this.dataSource.transaction(async (manager) => {
      await assertMayDraft(manager, organiserId);
      const [made]: { id: string }[] = await manager.query(
        `WITH made AS (INSERT INTO processes (title, purpose) VALUES ($1, $2) RETURNING id),
         given AS (INSERT INTO process_roles (process_id, organiser_id, name, roles, sees_sensitive)
           SELECT made.id, o.id, o.name, '{owner}', true FROM made, organisers o WHERE o.id = $3)
         SELECT id FROM made`,
        [title, purpose, organiserId],
      );
      await audit(manager, { action: 'process.made', subjectId: made!.id, details: { title } });
      return this.read(manager, organiserId, made!.id);
    });
  }

  /** Those where one has a role, or in whose dialogues one has; the newest first, from after the one given. */
  async list(
    organiserId: string,
    limit: number,
    after?: { createdAt: string; id: string },
  ): Promise<(ProcessNow & { createdAtText: string })[]> {
    return this.dataSource.query(
      `SELECT p.created_at::text AS "createdAtText", ${PROCESS} WHERE ${seesProcess(1)}
         AND ($2::timestamptz IS NULL OR (p.created_at, p.id) < ($2, $3::uuid))
       ORDER BY p.created_at DESC, p.id DESC LIMIT $4`,
      [organiserId, after?.createdAt ?? null, after?.id ?? null, limit],
    );
  }

  /** @throws Problem 404 */
  async get(organiserId: string, id: string): Promise<ProcessNow> {
    const [seen]: unknown[] = await this.dataSource.query(
      `SELECT FROM processes p WHERE p.id = $2 AND ${seesProcess(1)}`,
      [organiserId, id],
    );
    if (!seen) throw Problem.notFound('process');
    return this.read(this.dataSource.manager, organiserId, id);
  }

  /** @throws Problem 404, 403, 412 */
  async update(
    organiserId: string,
    id: string,
    changes: Partial<ProcessDraft>,
    expectedVersion?: number,
  ): Promise<ProcessNow> {
    return this.dataSource.transaction(async (manager) => {
      await ownProcess(manager, organiserId, id, 'manage', 'FOR NO KEY UPDATE');
      const before = await this.read(manager, organiserId, id);
      if (expectedVersion !== undefined && before.version !== expectedVersion)
        throw Problem.changedMeanwhile();
      const { title, purpose } = { ...before, ...changes };
      if (title === before.title && purpose === before.purpose) return before;
      await manager.query(
        'UPDATE processes SET title = $2, purpose = $3, version = version + 1 WHERE id = $1',
        [id, title, purpose],
      );
      await audit(manager, {
        action: 'process.changed',
        subjectId: id,
        details: { fields: Object.keys(changes) },
      });
      return this.read(manager, organiserId, id);
    });
  }

  private async read(manager: EntityManager, organiserId: string, id: string): Promise<ProcessNow> {
    const [process]: ProcessNow[] = await manager.query(`SELECT ${PROCESS} WHERE p.id = $2`, [
      organiserId,
      id,
    ]);
    return process!;
  }
}
