import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { accountAt } from '@app/accounts';
import { queueMails, UnitOfWork } from '@app/mail';
import { audit, Problem } from '@app/platform';
import { ROLE_GIVEN } from '../mail-kinds';
import { ownDialogue } from '../own-dialogue';
import { ownProcess } from '../processes/own-process';
import { ROLES, type Right, type Role, type Standing } from './rights.rules';

/** Where a role is given: in one dialogue, or in all of a process. */
export interface Where {
  kind: 'dialogue' | 'process';
  id: string;
}

/** What someone is given. */
export interface NewRoles {
  /** At least one. */
  roles: Role[];
  /** Undefined: as it was; not, for someone new. */
  seesSensitive?: boolean | undefined;
}

/** Who has which roles. */
export interface HeldRoles extends Standing {
  organiserId: string;
  /** For comparison only; what the account itself says is not told for an address. */
  email: string;
  /** As whoever gave the role wrote it. */
  name: string | null;
  roles: Role[];
  givenIn: Where['kind'];
  createdAt: Date;
  /** Another one with every edit. */
  version: number;
}

/**
 * Who may do what, in a dialogue and in a process. Nothing of it is cached: every request asks anew, so whoever is
 * removed is out at once, with every session and token.
 */
@Injectable()
export class RolesService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly unitOfWork: UnitOfWork,
  ) {}

  /**
   * Everyone who has a role, in the order in which they got it; of a dialogue also those who have it by its process.
   * @throws Problem 404, 403
   */
  async list(organiserId: string, where: Where): Promise<HeldRoles[]> {
    await this.own(this.dataSource, organiserId, where, 'view');
    return this.held(this.dataSource, where);
  }

  /** One who has a role in it itself. @throws Problem 404, 403 */
  async get(organiserId: string, where: Where, ofId: string): Promise<HeldRoles> {
    await this.own(this.dataSource, organiserId, where, 'view');
    return this.one(this.dataSource, where, ofId);
  }

  /** @throws Problem 404, 403 `role_insufficient` */
  async assertMayGive(organiserId: string, where: Where): Promise<void> {
    await this.own(this.dataSource, organiserId, where, 'own');
  }

  /**
   * Gives roles to whoever has this address, and mails them. Who has no account gets one that can draft nothing. Who has
   * roles here already has these from now on. What it answers and does is the same whether there was an account.
   * @param mayMail false: so many mails went there that none is sent now.
   * @throws Problem 404, 403 `role_insufficient` or `sees_sensitive_not_yours`, 409 `last_owner`
   */
  async give(
    organiserId: string,
    where: Where,
    to: { email: string; name?: string | undefined },
    given: NewRoles,
    mayMail = true,
  ): Promise<HeldRoles> {
    return this.unitOfWork.run(async (manager) => {
      const own = await this.own(manager, organiserId, where, 'own', 'FOR NO KEY UPDATE');
      const account = await accountAt(manager, to.email, to.name ?? to.email);
      const changed = await this.write(manager, own, where, account.id, given, to.name);
      if (changed) {
        await this.record(manager, 'role.given', where, account.id, {
          ...changed,
          new_account: account.isNew,
        });
      }
      if (changed && mayMail && account.id !== organiserId) await this.tell(manager, where, account.id);
      return this.one(manager, where, account.id);
    });
  }

  /**
   * Gives someone who has a role other ones, and mails them when it makes a difference.
   * @param expected the version of their roles that the caller read.
   * @throws Problem 404, 403 `role_insufficient` or `sees_sensitive_not_yours`, 409 `last_owner`, 412
   */
  async change(
    organiserId: string,
    where: Where,
    ofId: string,
    given: NewRoles,
    expected: string,
  ): Promise<HeldRoles> {
    return this.unitOfWork.run(async (manager) => {
      const own = await this.own(manager, organiserId, where, 'own', 'FOR NO KEY UPDATE');
      const before = await this.one(manager, where, ofId);
      if (String(before.version) !== expected) throw Problem.changedMeanwhile();
      const changed = await this.write(manager, own, where, ofId, given);
      if (changed) await this.record(manager, 'role.changed', where, ofId, changed);
      if (changed && ofId !== organiserId) await this.tell(manager, where, ofId);
      return this.one(manager, where, ofId);
    });
  }

  /** Takes someone's roles away, or one's own. @throws Problem 404, 403, 409 `last_owner` */
  async remove(organiserId: string, where: Where, ofId: string): Promise<void> {
    await this.dataSource.transaction(async (manager) => {
      const right = ofId === organiserId ? 'view' : 'own';
      await this.own(manager, organiserId, where, right, 'FOR NO KEY UPDATE');
      const before = await this.one(manager, where, ofId);
      if (before.roles.includes('owner')) await this.assertOtherOwner(manager, where, ofId);
      await manager.query(
        `DELETE FROM ${where.kind}_roles WHERE ${where.kind}_id = $1 AND organiser_id = $2`,
        [where.id, ofId],
      );
      await this.forgetAnswers(manager, ofId);
      await this.record(manager, 'role.removed', where, ofId, { roles: before.roles });
    });
  }

  private async own(
    manager: EntityManager | DataSource,
    organiserId: string,
    { kind, id }: Where,
    right: Right,
    hold: '' | 'FOR NO KEY UPDATE' = '',
  ): Promise<{ seesSensitive: boolean }> {
    const own = kind === 'dialogue' ? ownDialogue : ownProcess;
    // Whoever waited for the lock may have been removed meanwhile, which only a new statement sees.
    if (hold) await own(manager, organiserId, id, right, hold);
    return own(manager, organiserId, id, right);
  }

  /** @returns what changed, or null when it was so already. The dialogue or process is locked. */
  private async write(
    manager: EntityManager,
    giver: { seesSensitive: boolean },
    where: Where,
    toId: string,
    { roles, seesSensitive }: NewRoles,
    name?: string,
  ): Promise<{ roles: Role[]; sees_sensitive: boolean } | null> {
    const { kind, id } = where;
    const [before]: { roles: Role[]; seesSensitive: boolean }[] = await manager.query(
      `SELECT roles, sees_sensitive AS "seesSensitive" FROM ${kind}_roles WHERE ${kind}_id = $1 AND organiser_id = $2`,
      [id, toId],
    );
    const after = {
      roles: ROLES.filter((role) => roles.includes(role)),
      sees_sensitive: seesSensitive ?? before?.seesSensitive ?? false,
    };
    if (after.sees_sensitive && !before?.seesSensitive && !giver.seesSensitive) {
      throw new Problem(
        403,
        'sees_sensitive_not_yours',
        'Only an owner who may see what is sensitive can let others see it. Leave sees_sensitive out, or ask such an owner.',
        [
          {
            field: 'sees_sensitive',
            code: 'sees_sensitive_not_yours',
            detail: 'You do not have it yourself.',
          },
        ],
      );
    }
    if (before?.roles.includes('owner') && !after.roles.includes('owner')) {
      await this.assertOtherOwner(manager, where, toId);
    }
    if (
      before &&
      before.seesSensitive === after.sees_sensitive &&
      before.roles.length === after.roles.length &&
      after.roles.every((role) => before.roles.includes(role))
    ) {
      return null;
    }
    await manager.query(
      `INSERT INTO ${kind}_roles (${kind}_id, organiser_id, roles, sees_sensitive, name) VALUES ($1, $2, $3, $4, $5)
       ON CONFLICT (${kind}_id, organiser_id) DO UPDATE
         SET roles = excluded.roles, sees_sensitive = excluded.sees_sensitive,
           name = coalesce(excluded.name, ${kind}_roles.name), version = nextval('edits')`,
      [id, toId, after.roles, after.sees_sensitive, name ?? null],
    );
    await this.forgetAnswers(manager, toId);
    return after;
  }

  /** @throws Problem 409 `last_owner` */
  private async assertOtherOwner(manager: EntityManager, { kind, id }: Where, ofId: string): Promise<void> {
    const [other]: unknown[] = await manager.query(
      `SELECT FROM ${kind}_roles WHERE ${kind}_id = $1 AND organiser_id <> $2 AND 'owner' = ANY(roles) LIMIT 1`,
      [id, ofId],
    );
    if (other) return;
    throw new Problem(
      409,
      'last_owner',
      `This is the last owner of the ${kind}. Make someone else an owner first.`,
    );
  }

  /** What was answered to earlier requests of theirs is not told again: they may no longer read it. */
  private async forgetAnswers(manager: EntityManager, organiserId: string): Promise<void> {
    await manager.query('DELETE FROM idempotency_keys WHERE scope = $1', [`organiser:${organiserId}`]);
  }

  private async record(
    manager: EntityManager,
    action: string,
    { kind, id }: Where,
    subjectId: string,
    details: Record<string, unknown>,
  ): Promise<void> {
    await audit(manager, {
      action,
      subjectId,
      ...(kind === 'dialogue' ? { dialogueId: id, details } : { details: { ...details, process_id: id } }),
    });
  }

  /** Not a mail of the dialogue: its list of mails would tell what the account is called and which language it reads. */
  private async tell(manager: EntityManager, { kind, id }: Where, organiserId: string): Promise<void> {
    await queueMails(
      manager,
      ROLE_GIVEN,
      `SELECT NULL::uuid, id, name, email, language, '${ROLE_GIVEN.name}:' || id || ':' || gen_random_uuid(),
              jsonb_build_object('${kind}', $2::uuid), NULL::timestamptz
       FROM organisers WHERE id = $1`,
      [organiserId, id],
    );
  }

  private async one(manager: EntityManager | DataSource, where: Where, ofId: string): Promise<HeldRoles> {
    const held = (await this.held(manager, where, ofId)).find(({ givenIn }) => givenIn === where.kind);
    if (!held) throw Problem.notFound('role');
    return held;
  }

  private async held(
    manager: EntityManager | DataSource,
    { kind, id }: Where,
    ofId: string | null = null,
  ): Promise<HeldRoles[]> {
    const columns = `held.organiser_id AS "organiserId", o.email_key AS email, held.name, held.roles,
      held.sees_sensitive AS "seesSensitive", held.created_at AS "createdAt", held.version`;
    const whose = 'JOIN organisers o ON o.id = held.organiser_id AND ($2::uuid IS NULL OR o.id = $2)';
    return manager.query(
      `SELECT ${columns}, '${kind}' AS "givenIn" FROM ${kind}_roles held ${whose} WHERE held.${kind}_id = $1
       ${
         kind === 'dialogue'
           ? `UNION ALL SELECT ${columns}, 'process' FROM dialogues d
              JOIN process_roles held ON held.process_id = d.process_id ${whose} WHERE d.id = $1`
           : ''
       }
       ORDER BY "givenIn", "createdAt", "organiserId"`,
      [id, ofId],
    );
  }
}
