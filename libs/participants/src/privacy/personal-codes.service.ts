import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { queueMails, UnitOfWork } from '@app/mail';
import { audit, hashSecret, Links, Problem, secretMatches } from '@app/platform';
import { PERSONAL_CODE } from '../mail-kinds';
import { maskAddress, readCode } from './privacy.rules';

/** For how long a code works, in minutes. */
const CODE_MINUTES = 15;
/** How often a code may be tried. */
const ATTEMPTS = 5;
/** How many codes are mailed about one registration in an hour. */
const CODES_IN_AN_HOUR = 5;

/** A code that was typed rightly, and may be used once. */
export interface ProvenCode {
  id: string;
  /** The address that it was mailed to, when that shall replace the one on file. */
  newEmail: string | null;
}

/**
 * Codes that prove that somebody reads the mailbox of a registration (design, idea 8): six digits, composed again for the
 * mail and kept only as a hash. The newest one works, once, for a quarter of an hour and five attempts.
 */
@Injectable()
export class PersonalCodes {
  constructor(
    private readonly dataSource: DataSource,
    private readonly links: Links,
    private readonly unitOfWork: UnitOfWork,
  ) {}

  /**
   * Where a code goes, for whoever holds no more than a link: the address masked, and whether the newest code that still
   * works went to an address that shall replace it.
   * @throws Problem 404 when the data are erased.
   */
  async mailbox(registrationId: string): Promise<{ address: string; newAddressWaits: boolean }> {
    const [found]: { email: string; newAddressWaits: boolean }[] = await this.dataSource.query(
      `SELECT r.email, coalesce((SELECT c.new_email IS NOT NULL AND c.used_at IS NULL AND c.expires_at > now()
           FROM personal_codes c WHERE c.registration_id = r.id ORDER BY c.created_at DESC, c.id DESC LIMIT 1), false)
         AS "newAddressWaits"
       FROM registrations r WHERE r.id = $1 AND r.erased_at IS NULL`,
      [registrationId],
    );
    if (!found) throw Problem.notFound('registration');
    return { address: maskAddress(found.email), newAddressWaits: found.newAddressWaits };
  }

  /**
   * Mails a new code to the address on file, or to the one that shall replace it.
   * @returns false when too many were asked for in the last hour; then nothing is mailed.
   */
  async send(registrationId: string, newEmail: string | null = null): Promise<boolean> {
    return this.unitOfWork.run((manager) => this.sendIn(manager, registrationId, newEmail));
  }

  /** The same in the caller's unit of work. @returns false when too many were asked for. */
  async sendIn(manager: EntityManager, registrationId: string, newEmail: string | null): Promise<boolean> {
    const [registration]: { dialogue_id: string }[] = await manager.query(
      // One at a time, so that the count holds.
      `SELECT dialogue_id FROM registrations WHERE id = $1 AND erased_at IS NULL FOR NO KEY UPDATE`,
      [registrationId],
    );
    if (!registration) return false;
    const id = randomUUID();
    const made: unknown[] = await manager.query(
      `INSERT INTO personal_codes (id, registration_id, code_hash, new_email, expires_at)
       SELECT $1, $2, $3, $4, now() + make_interval(mins => $5)
       WHERE (SELECT count(*) FROM personal_codes
         WHERE registration_id = $2 AND created_at > now() - interval '1 hour') < $6
       RETURNING id`,
      [id, registrationId, hashSecret(id + this.links.code(id)), newEmail, CODE_MINUTES, CODES_IN_AN_HOUR],
    );
    if (made.length === 0) return false;
    await queueMails(
      manager,
      PERSONAL_CODE,
      `SELECT r.dialogue_id, r.id, r.name, coalesce(c.new_email, r.email), r.language,
         '${PERSONAL_CODE.name}:' || c.id, '{}'::jsonb, c.expires_at
       FROM personal_codes c JOIN registrations r ON r.id = c.registration_id WHERE c.id = $1`,
      [id],
    );
    await audit(manager, {
      action: 'personal_code.sent',
      dialogueId: registration.dialogue_id,
      subjectId: registrationId,
      details: { to: newEmail === null ? 'address_on_file' : 'new_address' },
    });
    return true;
  }

  /**
   * Whether this is the newest code of this registration. Every try counts, wherever it ends; nothing is used up yet.
   * @param mailedTo whether it has to be one for the address on file, or for the one that shall replace it.
   * @returns null when it is wrong, old, used, or was tried too often: the answer is the same.
   */
  async prove(
    registrationId: string,
    typed: string,
    mailedTo: 'address_on_file' | 'new_address' = 'address_on_file',
  ): Promise<ProvenCode | null> {
    const code = readCode(typed);
    if (code === null) return null;
    const [rows]: [{ id: string; codeHash: string; newEmail: string | null }[], number] =
      await this.dataSource.query(
        `UPDATE personal_codes SET attempts = attempts + 1
         WHERE id = (SELECT id FROM personal_codes WHERE registration_id = $1 ORDER BY created_at DESC, id DESC LIMIT 1)
           AND used_at IS NULL AND expires_at > now() AND attempts < $2 AND (new_email IS NOT NULL) = $3
         RETURNING id, code_hash AS "codeHash", new_email AS "newEmail"`,
        [registrationId, ATTEMPTS, mailedTo === 'new_address'],
      );
    const [row] = rows;
    return row && secretMatches(row.id + code, row.codeHash) ? { id: row.id, newEmail: row.newEmail } : null;
  }

  /** Uses a proven code up, in the transaction of what it was typed for. @throws Problem 422 `code_wrong` when it is used up. */
  async use(manager: EntityManager, { id }: ProvenCode): Promise<void> {
    const [, used]: [unknown, number] = await manager.query(
      `UPDATE personal_codes SET used_at = now() WHERE id = $1 AND used_at IS NULL`,
      [id],
    );
    if (used === 0) throw codeWrong();
  }
}

/** One answer for every code that does not work. */
export function codeWrong(): Problem {
  return Problem.field(
    'code',
    'code_wrong',
    'This code does not work: check its digits, or ask for a new one.',
  );
}
