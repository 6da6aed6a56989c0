import { Injectable } from '@nestjs/common';
import { DataSource, QueryFailedError, type EntityManager } from 'typeorm';
import { UnitOfWork } from '@app/mail';
import { queueForNewAddress } from '../registrations/changed-address';
import { audit, emailKey, nameKey, ownKey, Problem } from '@app/platform';
import type { RegistrationData } from '../registrations/registration-data.rules';
import { RegistrationsService } from '../registrations/registrations.service';
import { PersonalCodes, type ProvenCode } from './personal-codes.service';

/** Where changing a registration as such is over, while an address to which we write can still be put right. */
const RECORD_ONLY = ['dialogue_over', 'dialogue_cancelled', 'registration_withdrawn', 'registration_refused'];

/** Lets people put their own name and address right. */
@Injectable()
export class CorrectionsService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly registrations: RegistrationsService,
    private readonly codes: PersonalCodes,
    private readonly unitOfWork: UnitOfWork,
  ) {}

  /**
   * Puts the name right now, and mails a code to the new address, which takes effect once that code is typed, too. Uses the
   * code up. A changed name may have to be approved anew, as any change that matters; where nobody would approve it any
   * more (`mayRename`) it is for the organisers to put right, and only the address is for oneself.
   * @throws Problem 422 `code_wrong`, `name_closed`, `taken` when somebody is registered under that name and address; 429 `too_many_codes`.
   */
  async correct(
    registrationId: string,
    code: ProvenCode,
    { name, email }: { name: string; email: string | null },
  ): Promise<'corrected' | 'code_sent'> {
    const [now]: { email: string; email_key: string }[] = await this.dataSource.query(
      `SELECT email, email_key FROM registrations WHERE id = $1 AND erased_at IS NULL`,
      [registrationId],
    );
    if (!now) throw Problem.notFound('registration');
    // Another way to write the same address needs no new proof.
    const isNew = email !== null && emailKey(email) !== now.email_key;
    await this.rewrite(
      registrationId,
      { name, email: email !== null && !isNew ? email : now.email },
      async (manager) => {
        await this.codes.use(manager, code);
        if (!isNew) return;
        await assertFree(manager, registrationId, email, name);
        if (!(await this.codes.sendIn(manager, registrationId, email))) throw tooManyCodes();
      },
    );
    return isNew ? 'code_sent' : 'corrected';
  }

  /** The new address is theirs: it takes effect. @throws Problem 422 `code_wrong`, `taken` */
  async confirmAddress(registrationId: string, code: ProvenCode): Promise<void> {
    const [now]: { name: string }[] = await this.dataSource.query(
      `SELECT name FROM registrations WHERE id = $1 AND erased_at IS NULL`,
      [registrationId],
    );
    if (!now || code.newEmail === null) throw Problem.notFound('registration');
    await this.rewrite(registrationId, { name: now.name, email: code.newEmail }, (manager) =>
      this.codes.use(manager, code),
    );
  }

  /** By the rules of a change; where those let nothing be changed any more, the address by itself. */
  private async rewrite(
    registrationId: string,
    data: { name: string; email: string },
    alongside: (manager: EntityManager) => Promise<void>,
  ): Promise<void> {
    try {
      // What is not given stays as it is.
      await this.registrations.change(registrationId, data as unknown as RegistrationData, alongside);
    } catch (error) {
      if (isTaken(error)) throw taken();
      if (!(error instanceof Problem && RECORD_ONLY.includes(error.code))) throw error;
      await this.rewriteAddress(registrationId, data, alongside);
    }
  }

  private async rewriteAddress(
    registrationId: string,
    { name, email }: { name: string; email: string },
    alongside: (manager: EntityManager) => Promise<void>,
  ): Promise<void> {
    try {
      await this.unitOfWork.run(async (manager) => {
        const [now]: { name: string; email: string }[] = await manager.query(
          `SELECT name, email FROM registrations WHERE id = $1 AND erased_at IS NULL FOR NO KEY UPDATE`,
          [registrationId],
        );
        if (!now) throw Problem.notFound('registration');
        if (now.name !== name) throw nameClosed();
        const [rows]: [{ dialogue_id: string }[], number] = await manager.query(
          `UPDATE registrations SET email = $2, email_key = $3, version = version + 1,
             name_key = CASE WHEN email_key = $3 THEN name_key ELSE ${ownKey('name_key')} END
           WHERE id = $1 AND email <> $2 RETURNING dialogue_id`,
          [registrationId, email, emailKey(email)],
        );
        if (rows[0]) {
          await audit(manager, {
            action: 'registration.changed',
            dialogueId: rows[0].dialogue_id,
            subjectId: registrationId,
            details: { fields: ['email'] },
          });
        }
        await alongside(manager);
        await queueForNewAddress(manager, registrationId, now);
      });
    } catch (error) {
      throw isTaken(error) ? taken() : error;
    }
  }
}

/** Whoever is there under that name and address is not told of. @throws Problem 422 `taken` */
async function assertFree(
  manager: EntityManager,
  registrationId: string,
  email: string,
  name: string,
): Promise<void> {
  const others: unknown[] = await manager.query(
    `SELECT FROM registrations r JOIN registrations own ON own.dialogue_id = r.dialogue_id
     WHERE own.id = $1 AND r.id <> own.id AND r.email_key = $2 AND r.name_key = $3
       -- Whose registration was set aside may send the name that they have.
       AND (own.email_key <> $2 OR ${ownKey('own.name_key')} <> $3)`,
    [registrationId, emailKey(email), nameKey(name)],
  );
  if (others.length > 0) throw taken();
}

function isTaken(error: unknown): boolean {
  if (!(error instanceof QueryFailedError)) return false;
  const { constraint } = error.driverError as { constraint?: string };
  return constraint === 'registrations_address_and_name';
}

function nameClosed(): Problem {
  return Problem.field(
    'name',
    'name_closed',
    'name can be changed only by the organisers now; the address can be corrected as before.',
  );
}

function taken(): Problem {
  return Problem.field(
    'name',
    'taken',
    'There is a registration with this name and this address in this dialogue already.',
  );
}

/** @returns the problem of asking for too many codes. */
export function tooManyCodes(): Problem {
  return new Problem(
    429,
    'too_many_codes',
    'Too many codes were asked for about this registration. Try again in an hour.',
  );
}
