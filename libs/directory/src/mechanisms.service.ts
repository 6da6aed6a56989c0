import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { audit, isSetAside, nameKey, Problem } from '@app/platform';
import { Mechanism, type Chair } from './mechanism.entity';

/** What an organiser says of a mechanism. */
export interface MechanismDraft {
  code: string;
  name: string;
  otherNames: string[];
  chairs: Chair[];
}

/** A mechanism by which a list or a form may name it. */
export interface NamedMechanism {
  id: string;
  code: string;
  name: string;
  /** Code, name and other names, for comparison. */
  nameKeys: string[];
}

/** The mechanisms in an organiser's directory. Each is known by its code and all its names, so no two share any. */
@Injectable()
export class MechanismsService {
  constructor(private readonly dataSource: DataSource) {}

  /** @throws Problem 409 `mechanism_name_taken` */
  async create(organiserId: string, draft: MechanismDraft): Promise<Mechanism> {
    return this.dataSource.transaction(async (manager) => {
      const keys = await this.freeKeys(manager, organiserId, draft);
      const mechanism = await manager.save(manager.create(Mechanism, { ...draft, organiserId, ...keys }));
      await audit(manager, {
        action: 'mechanism.added',
        subjectId: mechanism.id,
        details: { code: draft.code },
      });
      return mechanism;
    });
  }

  /** @throws Problem 404, 409 `mechanism_name_taken`, 412 */
  async update(
    organiserId: string,
    id: string,
    changes: Partial<MechanismDraft>,
    expectedVersion?: number,
  ): Promise<Mechanism> {
    return this.dataSource.transaction(async (manager) => {
      await lockDirectory(manager, organiserId);
      const mechanism = await manager.findOneBy(Mechanism, { id, organiserId });
      if (!mechanism) throw Problem.notFound('mechanism');
      if (expectedVersion !== undefined && mechanism.version !== expectedVersion)
        throw Problem.changedMeanwhile();
      const before = { id, nameKeys: mechanism.nameKeys };
      Object.assign(mechanism, changes);
      Object.assign(mechanism, await this.freeKeys(manager, organiserId, mechanism, before));
      mechanism.version += 1;
      await manager.save(mechanism);
      await audit(manager, {
        action: 'mechanism.changed',
        subjectId: id,
        details: { fields: Object.keys(changes) },
      });
      return mechanism;
    });
  }

  /** @throws Problem 404 */
  async get(organiserId: string, id: string): Promise<Mechanism> {
    const mechanism = await this.dataSource.manager.findOneBy(Mechanism, { id, organiserId });
    if (!mechanism) throw Problem.notFound('mechanism');
    return mechanism;
  }

  /** By code; from after the code key and id given, `limit` at most. */
  async list(
    organiserId: string,
    limit: number,
    after?: { codeKey: string; id: string },
  ): Promise<Mechanism[]> {
    const query = this.dataSource.manager
      .createQueryBuilder(Mechanism, 'mechanism')
      .where('mechanism.organiserId = :organiserId', { organiserId });
    if (after) query.andWhere('(mechanism.codeKey, mechanism.id) > (:codeKey, :id)', after);
    return query.orderBy('mechanism.codeKey').addOrderBy('mechanism.id').limit(limit).getMany();
  }

  /** The organiser's mechanisms that have one of these as code or name, in one statement. Compare by `nameKey`. */
  async findMechanismsByName(
    manager: EntityManager,
    organiserId: string,
    names: readonly string[],
  ): Promise<NamedMechanism[]> {
    return manager.query(
      `SELECT id, code, name, name_keys AS "nameKeys" FROM mechanisms
       WHERE organiser_id = $1 AND name_keys && $2::text[] ORDER BY code_key`,
      [organiserId, [...new Set(names.map(nameKey))]],
    );
  }

  /** The codes of mechanisms, by id. */
  async codes(ids: readonly string[]): Promise<Map<string, string>> {
    const rows: { id: string; code: string }[] = await this.dataSource.query(
      'SELECT id, code FROM mechanisms WHERE id = ANY($1)',
      [ids],
    );
    return new Map(rows.map(({ id, code }) => [id, code]));
  }

  /**
   * The keys of its code and names, none of which another mechanism has. A name that was set aside beside another's
   * blocks no change, and is found again once the other name is gone.
   * @throws Problem 409 `mechanism_name_taken`
   */
  private async freeKeys(
    manager: EntityManager,
    organiserId: string,
    { code, name, otherNames }: MechanismDraft,
    before?: { id: string; nameKeys: readonly string[] },
  ): Promise<Pick<Mechanism, 'codeKey' | 'nameKeys'>> {
    await lockDirectory(manager, organiserId);
    const written = [code, name, ...otherNames];
    const others = (await this.findMechanismsByName(manager, organiserId, written)).filter(
      ({ id }) => id !== before?.id,
    );
    const keys = written.map((called, index) => {
      const key = nameKey(called);
      const taken = others.find(({ nameKeys }) => nameKeys.includes(key));
      if (!taken) return key;
      const aside = before?.nameKeys.find((stored) => isSetAside(stored, key));
      if (aside) return aside;
      const field = ['code', 'name'][index] ?? `other_names.${index - 2}`;
      const detail = `"${called}" is already a name of the mechanism ${taken.code} (${taken.name}). Use that one, or give another name.`;
      throw new Problem(409, 'mechanism_name_taken', detail, [
        { field, code: 'mechanism_name_taken', detail },
      ]);
    });
    return { codeKey: keys[0]!, nameKeys: [...new Set(keys)] };
  }
}

/** Two edits of one directory wait for each other, since a name is free only when no other mechanism has it. */
async function lockDirectory(manager: EntityManager, organiserId: string): Promise<void> {
  await manager.query('SELECT FROM organisers WHERE id = $1 FOR NO KEY UPDATE', [organiserId]);
}
