import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { ownDialogue } from '@app/dialogues';
import {
  isLanguage,
  mailKinds,
  MailWording,
  placeholdersOf,
  wordsProblems,
  type Language,
  type MailKind,
  type Placeholder,
  type Words,
} from '@app/mail';
import { audit, Problem } from '@app/platform';

/** A kind of mail that may be said in one's own words, and what they may name. */
export interface AdaptableKind extends MailKind {
  ownWords: readonly Placeholder[];
}

/** Every kind of mail that may be said in one's own words. */
export function adaptableKinds(): AdaptableKind[] {
  return mailKinds().filter((kind): kind is AdaptableKind => kind.ownWords !== undefined);
}

/** @throws Problem 404 when there is no such kind, or its words are Plenary's alone */
export function adaptableKind(name: string): AdaptableKind {
  const kind = adaptableKinds().find((one) => one.name === name);
  if (!kind) throw Problem.notFound('kind of mail whose words can be adapted');
  return kind;
}

/** @throws Problem 404 when Plenary does not write in it */
export function mailLanguage(tag: string): Language {
  if (!isLanguage(tag)) throw Problem.notFound('language of mails');
  return tag;
}

/** @throws Problem 422 with each field that is wrong, and which placeholders may stand there */
export function assertWords(kind: AdaptableKind, words: Words): void {
  const problems = wordsProblems(words, placeholdersOf(kind));
  const [first] = problems;
  if (first) throw new Problem(422, first.code, first.detail, problems);
}

/** What organisers of a dialogue say in their own words. What is saved is said from the next mail written on. */
@Injectable()
export class MailWordings {
  constructor(private readonly dataSource: DataSource) {}

  /** Every wording of a dialogue. @throws Problem 404, 403 */
  async all(organiserId: string, dialogueId: string): Promise<MailWording[]> {
    await ownDialogue(this.dataSource, organiserId, dialogueId, 'view');
    return this.dataSource.manager.find(MailWording, {
      where: { dialogueId },
      order: { kind: 'ASC', language: 'ASC' },
    });
  }

  /**
   * Puts these words in the place of what was said before, all of them or none.
   * @param expected the version of the words that the writer read; null where they read that there are none.
   * @throws Problem 404, 403, 412, 422
   */
  async save(
    organiserId: string,
    dialogueId: string,
    kind: AdaptableKind,
    language: Language,
    words: Words,
    expected: string | null,
  ): Promise<MailWording> {
    return this.dataSource.transaction(async (manager) => {
      await ownDialogue(manager, organiserId, dialogueId, 'manage', 'FOR NO KEY UPDATE');
      const key = { dialogueId, kind: kind.name, language };
      await assertUnchanged(manager, key, expected);
      assertWords(kind, words);
      await manager.upsert(
        MailWording,
        { ...key, ...words, version: () => `nextval('edits')`, updatedAt: () => 'now()' },
        ['dialogueId', 'kind', 'language'],
      );
      await audit(manager, {
        action: 'mail_wording.saved',
        dialogueId,
        details: { kind: kind.name, language },
      });
      return manager.findOneByOrFail(MailWording, key);
    });
  }

  /**
   * Goes back to Plenary's own words; nothing happens where there are no others.
   * @param expected the version of the words that the caller read; undefined when they do not say.
   * @throws Problem 404, 403, 412
   */
  async remove(
    organiserId: string,
    dialogueId: string,
    kind: AdaptableKind,
    language: Language,
    expected?: number,
  ): Promise<void> {
    await this.dataSource.transaction(async (manager) => {
      await ownDialogue(manager, organiserId, dialogueId, 'manage', 'FOR NO KEY UPDATE');
      const details = { kind: kind.name, language };
      if (expected !== undefined) {
        await assertUnchanged(manager, { dialogueId, ...details }, String(expected));
      }
      const { affected } = await manager.delete(MailWording, { dialogueId, ...details });
      if (affected) await audit(manager, { action: 'mail_wording.removed', dialogueId, details });
    });
  }
}

/** @throws Problem 412 when the words are not those that were read; the dialogue is locked */
async function assertUnchanged(
  manager: EntityManager,
  key: Pick<MailWording, 'dialogueId' | 'kind' | 'language'>,
  expected: string | null,
): Promise<void> {
  const before = await manager.findOneBy(MailWording, key);
  if ((before && String(before.version)) !== expected) throw Problem.changedMeanwhile();
}
