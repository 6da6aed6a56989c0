import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
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
  const problems = wordsProblems(words, placeholdersOf(kind.ownWords));
  const [first] = problems;
  if (first) throw new Problem(422, first.code, first.detail, problems);
}

/** What organisers of a dialogue say in their own words. What is saved is said from the next mail written on. */
@Injectable()
export class MailWordings {
  constructor(@Inject(DataSource) private readonly dataSource: DataSource) {}

  /** Every wording of a dialogue. @throws Problem 404, 403 */
  async all(organiserId: string, dialogueId: string): Promise<MailWording[]> {
    await ownDialogue(this.dataSource, organiserId, dialogueId, 'view');
    return this.dataSource.manager.find(MailWording, {
      where: { dialogueId },
      order: { kind: 'ASC', language: 'ASC' },
    });
  }

  /** Puts these words in the place of what was said before, all of them or none. @throws Problem 404, 403, 422 */
  async save(
    organiserId: string,
    dialogueId: string,
    kind: AdaptableKind,
    language: Language,
    words: Words,
  ): Promise<MailWording> {
    return this.dataSource.transaction(async (manager) => {
      await ownDialogue(manager, organiserId, dialogueId, 'manage', 'FOR SHARE');
      assertWords(kind, words);
      const key = { dialogueId, kind: kind.name, language };
      await manager.upsert(MailWording, { ...key, ...words, updatedAt: () => 'now()' }, [
        'dialogueId',
        'kind',
        'language',
      ]);
      await audit(manager, {
        action: 'mail_wording.saved',
        dialogueId,
        details: { kind: kind.name, language },
      });
      return manager.findOneByOrFail(MailWording, key);
    });
  }

  /** Goes back to Plenary's own words; nothing happens where there are no others. @throws Problem 404, 403 */
  async remove(
    organiserId: string,
    dialogueId: string,
    kind: AdaptableKind,
    language: Language,
  ): Promise<void> {
    await this.dataSource.transaction(async (manager) => {
      await ownDialogue(manager, organiserId, dialogueId, 'manage', 'FOR SHARE');
      const details = { kind: kind.name, language };
      const { affected } = await manager.delete(MailWording, { dialogueId, ...details });
      if (affected) await audit(manager, { action: 'mail_wording.removed', dialogueId, details });
    });
  }
}
