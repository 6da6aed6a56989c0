import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { audit, emailKey, Problem } from '@app/platform';

/** An address that is not written to any more, as an organiser of a dialogue sees it. */
export interface SuppressedAddress {
  id: string;
  /** As it is compared: in lower case, the domain in ASCII. */
  address: string;
  /** Enhanced status code (RFC 3463). */
  status: string;
  diagnostic: string;
  /** The mail that bounced, where it is one of this dialogue. */
  mailId: string | null;
  createdAt: Date;
}

/**
 * SQL of the suppressions `s` that concern dialogue `$1`: its mail bounced, or it writes to the address. Nobody learns what
 * became of an address that they don't write to. `$2` has those that only `emailKey` can compare.
 */
const CONCERNS = `(s.mail_id IN (SELECT id FROM mails WHERE dialogue_id = $1) OR s.email_key = ANY($2)
  OR s.email_key IN (SELECT lower(btrim(recipient)) FROM mails WHERE dialogue_id = $1))`;

/** Addresses that bounced, and so get no more mail. */
@Injectable()
export class Suppressions {
  constructor(private readonly dataSource: DataSource) {}

  /** Those that concern a dialogue, in the order of the addresses; after the one given, `limit` at most. */
  async page(dialogueId: string, limit: number, after?: string): Promise<SuppressedAddress[]> {
    const keys = await keysBeyondAscii(this.dataSource, dialogueId);
    return this.dataSource.query(
      `SELECT s.id, s.email_key AS address, s.status, s.diagnostic, own.id::text AS "mailId", s.created_at AS "createdAt"
       FROM address_suppressions s LEFT JOIN mails own ON own.id = s.mail_id AND own.dialogue_id = $1
       WHERE ${CONCERNS} AND ($4::text IS NULL OR s.email_key > $4) ORDER BY s.email_key LIMIT $3`,
      [dialogueId, keys, limit, after ?? null],
    );
  }

  /**
   * Lifts one in the caller's transaction: from now on mails go to the address again.
   * @throws Problem 404 when there is none of this id that concerns the dialogue
   */
  async lift(manager: EntityManager, dialogueId: string, id: string): Promise<void> {
    const [gone]: [{ mailId: string | null; status: string }[], number] = await manager.query(
      `DELETE FROM address_suppressions s WHERE s.id = $3 AND ${CONCERNS} RETURNING s.mail_id AS "mailId", s.status`,
      [dialogueId, await keysBeyondAscii(manager, dialogueId), id],
    );
    if (!gone[0]) throw Problem.notFound('suppression');
    await audit(manager, {
      action: 'address.suppression_lifted',
      dialogueId,
      subjectId: id,
      details: { mail: gone[0].mailId, status: gone[0].status },
    });
  }
}

/** For comparison, the addresses to which a dialogue writes and that are not ASCII: PostgreSQL knows no Punycode. */
async function keysBeyondAscii(manager: EntityManager | DataSource, dialogueId: string): Promise<string[]> {
  const rows: { recipient: string }[] = await manager.query(
    `SELECT DISTINCT recipient FROM mails WHERE dialogue_id = $1 AND recipient ~ '[^\\x01-\\x7f]'`,
    [dialogueId],
  );
  return rows.map(({ recipient }) => emailKey(recipient));
}
