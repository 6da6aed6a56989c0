import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { ownDialogue } from '@app/dialogues';
import { isLanguage } from '@app/mail';
import { audit, auditEach, Problem, type FieldProblem } from '@app/platform';
import type { CurrentNotice } from './privacy-notice.rules';

/** A version of a notice, with when it was written. */
export interface WrittenNotice extends CurrentNotice {
  createdAt: Date;
}

/** The privacy notice of a dialogue as it reads now; null when it has none. One statement. */
export async function currentNotice(
  manager: EntityManager | DataSource,
  dialogueId: string,
): Promise<CurrentNotice | null> {
  const [notice]: CurrentNotice[] = await manager.query(
    `SELECT version, texts FROM privacy_notices WHERE dialogue_id = $1 ORDER BY version DESC LIMIT 1`,
    [dialogueId],
  );
  return notice ?? null;
}

/**
 * Keeps on a registration which notice was accepted, and when; call it `alongside` registering. Accepting the same
 * version again keeps the first time. A version that never was changes nothing: ask `noticeVerdict` before.
 */
export async function acceptNotice(
  manager: EntityManager,
  registrationId: string,
  version: number,
): Promise<void> {
  const [rows]: [{ dialogue_id: string }[], number] = await manager.query(
    `UPDATE registrations r SET privacy_notice_version = n.version, privacy_notice_accepted_at = now()
     FROM privacy_notices n WHERE r.id = $1 AND n.dialogue_id = r.dialogue_id AND n.version = $2
       AND r.privacy_notice_version IS DISTINCT FROM n.version
     RETURNING r.dialogue_id`,
    [registrationId, version],
  );
  // As many statements whether anything changed or not: an open registration must not tell who is known.
  await auditEach(
    manager,
    rows.map(() => registrationId),
    { action: 'privacy_notice.accepted', dialogueId: rows[0]?.dialogue_id, details: { version } },
  );
}

/** What people are told about their data in a dialogue. A changed text is a new version; old ones stay, as they were accepted. */
@Injectable()
export class PrivacyNotices {
  constructor(private readonly dataSource: DataSource) {}

  /** @throws Problem 404 also when the dialogue has no notice; 403 `role_insufficient` */
  async get(organiserId: string, dialogueId: string): Promise<WrittenNotice> {
    await ownDialogue(this.dataSource, organiserId, dialogueId, 'view');
    return this.latest(this.dataSource, dialogueId);
  }

  /**
   * Writes the notice. The same texts again change nothing and stay the same version.
   * @param expected the version that the writer read; null where they read that there is none.
   * @throws Problem 412 `changed_meanwhile`; 422 when a language is neither spoken here nor a working language, or the first working language is missing.
   */
  async put(
    organiserId: string,
    dialogueId: string,
    given: Record<string, string>,
    expected: string | null,
  ): Promise<WrittenNotice> {
    return this.dataSource.transaction(async (manager) => {
      const { workingLanguages } = await ownDialogue(
        manager,
        organiserId,
        dialogueId,
        'manage',
        'FOR NO KEY UPDATE',
      );
      const before = await currentNotice(manager, dialogueId);
      if ((before && String(before.version)) !== expected) throw Problem.changedMeanwhile();
      const texts = wanted(given, workingLanguages);
      const [written]: { version: number }[] = await manager.query(
        `INSERT INTO privacy_notices (dialogue_id, version, texts)
         SELECT $1, coalesce(max(version), 0) + 1, $2::jsonb FROM privacy_notices WHERE dialogue_id = $1
         HAVING (array_agg(texts ORDER BY version DESC))[1] IS DISTINCT FROM $2::jsonb
         RETURNING version`,
        [dialogueId, texts],
      );
      if (written) {
        await audit(manager, {
          action: 'privacy_notice.written',
          dialogueId,
          subjectId: dialogueId,
          details: { version: written.version, languages: Object.keys(texts) },
        });
      }
      return this.latest(manager, dialogueId);
    });
  }

  private async latest(manager: EntityManager | DataSource, dialogueId: string): Promise<WrittenNotice> {
    const [notice]: WrittenNotice[] = await manager.query(
      `SELECT version, texts, created_at AS "createdAt" FROM privacy_notices WHERE dialogue_id = $1
       ORDER BY version DESC LIMIT 1`,
      [dialogueId],
    );
    if (!notice) throw Problem.notFound('privacy notice');
    return notice;
  }
}

/** The texts that are not empty. @throws Problem 422 */
function wanted(given: Record<string, string>, workingLanguages: string[]): Record<string, string> {
  const texts = Object.fromEntries(
    Object.entries(given)
      .map(([language, text]): [string, string] => [language, text.toWellFormed().trim()])
      .filter(([, text]) => text !== ''),
  );
  const errors: FieldProblem[] = Object.keys(texts)
    .filter((language) => !isLanguage(language) && !workingLanguages.includes(language))
    .map((language) => ({
      field: `texts.${language}`,
      code: 'language_unknown',
      detail: `texts.${language} is neither a language that Plenary speaks nor a working language of the dialogue.`,
    }));
  const [first] = workingLanguages;
  if (!texts[first!]) {
    errors.push({
      field: `texts.${first}`,
      code: 'missing',
      detail: `texts.${first} is missing: the notice is needed in the first working language of the dialogue.`,
    });
  }
  if (errors.length > 0) {
    throw new Problem(422, 'invalid_fields', errors.map(({ detail }) => detail).join(' '), errors);
  }
  return texts;
}
