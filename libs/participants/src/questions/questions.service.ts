import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { ownDialogue, ownDialogueOf, raiseVersion, versionOf } from '@app/dialogues';
import { audit, Problem, Recurring } from '@app/platform';
import { answerColumns, answersOf, auditSensitiveRead } from './answers';
import {
  MOST_QUESTIONS,
  readQuestions,
  type QuestionDraft,
  type QuestionInput,
} from './question-drafts.rules';
import { Question } from './question.entity';
import type { Answers } from './questions.rules';

/** A file that is an answer, to be saved. */
export interface AnswerFileContent {
  name: string;
  mediaType: string;
  content: Buffer;
}

/** The questions of a dialogue, in their order. */
export interface AskedQuestions {
  questions: Question[];
  version: number;
}

/** What a dialogue asks of whoever registers, as its organisers write it. */
@Injectable()
export class Questions {
  constructor(private readonly dataSource: DataSource) {}

  /** @throws Problem 404, 403 */
  async get(organiserId: string, dialogueId: string): Promise<AskedQuestions> {
    const { manager } = this.dataSource;
    await ownDialogue(manager, organiserId, dialogueId, 'view');
    const version = await versionOf(manager, dialogueId, 'questions');
    return { version, questions: await questionsOf(manager, dialogueId) };
  }

  /**
   * Replaces the questions. They are matched by code, so that answers survive an edit.
   * @param expected the version of the questions that the writer read.
   * @param discardAnswers whether answers may go with a question that goes or changes its kind.
   * @throws Problem 404, 403, 409 `dialogue_cancelled`, 409 `answers_would_be_lost`, 412, 422
   */
  async replace(
    organiserId: string,
    dialogueId: string,
    inputs: QuestionInput[],
    expected: string,
    { discardAnswers }: { discardAnswers: boolean },
  ): Promise<AskedQuestions> {
    if (inputs.length > MOST_QUESTIONS) {
      throw Problem.field('questions', 'too_many', `questions has more than ${MOST_QUESTIONS}. Ask less.`);
    }
    return this.dataSource.transaction(async (manager) => {
      const { workingLanguages, state, seesSensitive } = await ownDialogue(
        manager,
        organiserId,
        dialogueId,
        'manage',
        'FOR NO KEY UPDATE',
      );
      if (state === 'cancelled') {
        throw new Problem(
          409,
          'dialogue_cancelled',
          'The dialogue is cancelled; nothing can be changed any more.',
        );
      }
      const version = await raiseVersion(manager, dialogueId, 'questions', expected);
      // Whoever is answering has their questions held until they are done; then their answers are counted, too.
      const before: Question[] = await manager.query(
        `SELECT id, code, kind, sensitive, purge_on::text AS "purgeOn" FROM questions WHERE dialogue_id = $1 ORDER BY id FOR UPDATE`,
        [dialogueId],
      );
      const { questions, errors } = readQuestions(
        inputs,
        workingLanguages[0]!,
        Temporal.Now.plainDateISO('UTC').toString(),
        new Map(before.map(({ code, purgeOn }) => [code, purgeOn])),
      );
      if (errors.length > 0) {
        throw new Problem(422, 'invalid_fields', errors.map(({ detail }) => detail).join(' '), errors);
      }
      const laidOpen = before.filter(
        ({ code, sensitive }) => sensitive && questions.some((now) => now.code === code && !now.sensitive),
      );
      if (!seesSensitive) await this.assertUnanswered(manager, laidOpen);
      const lost = before.filter(
        ({ code, kind }) => !questions.some((question) => question.code === code && question.kind === kind),
      );
      const discarded = await this.discard(manager, lost, discardAnswers);
      await this.write(manager, dialogueId, questions);
      await audit(manager, {
        action: 'questions.replaced',
        dialogueId,
        details: {
          questions: questions.map(({ code }) => code),
          ...(discarded > 0 && { answers_discarded: discarded }),
        },
      });
      return { version, questions: await questionsOf(manager, dialogueId) };
    });
  }

  /**
   * The answers of registrations of one dialogue, those to sensitive questions only for whoever may see them; the codes
   * of the others are `withheld`.
   * @throws Problem 404, 403
   */
  async answers(
    organiserId: string,
    dialogueId: string,
    registrationIds: string[],
    how: 'view' | 'list',
  ): Promise<{ answers: Map<string, Answers>; withheld: string[] }> {
    return this.dataSource.transaction(async (manager) => {
      const { seesSensitive: sensitive } = await ownDialogue(manager, organiserId, dialogueId, 'view');
      const { sensitiveCodes, withheld } = await answerColumns(manager, dialogueId, { sensitive });
      const answers = await answersOf(manager, registrationIds, { sensitive });
      await auditSensitiveRead(manager, {
        dialogueId,
        ...(how === 'view' && { registrationId: registrationIds[0]! }),
        questions: sensitiveCodes.filter((code) =>
          answers.values().some((given) => Object.hasOwn(given, code)),
        ),
        how,
      });
      return { answers, withheld };
    });
  }

  /**
   * The file that someone answered with.
   * @throws Problem 404; 403 `role_insufficient` where the question is sensitive and they may not see what is
   */
  async file(organiserId: string, registrationId: string, code: string): Promise<AnswerFileContent> {
    return this.dataSource.transaction(async (manager) => {
      const { dialogueId } = await ownDialogueOf(
        manager,
        organiserId,
        'registration',
        registrationId,
        'view',
      );
      const [found]: { sensitive: boolean }[] = await manager.query(
        `SELECT sensitive FROM questions WHERE dialogue_id = $1 AND code = $2`,
        [dialogueId, code],
      );
      if (!found) throw Problem.notFound('file');
      if (found.sensitive) {
        await ownDialogueOf(manager, organiserId, 'registration', registrationId, 'see_sensitive');
        await auditSensitiveRead(manager, { dialogueId, registrationId, questions: [code], how: 'file' });
      }
      const [file]: AnswerFileContent[] = await manager.query(
        `SELECT f.name, f.media_type AS "mediaType", f.content FROM answer_files f
         JOIN questions q ON q.id = f.question_id WHERE f.registration_id = $1 AND q.code = $2`,
        [registrationId, code],
      );
      if (!file) throw Problem.notFound('file');
      return file;
    });
  }

  /**
   * Removes the answers, files included, to questions whose day has come (UTC), and says how many, a line for each
   * dialogue. Two at once do no harm: the second finds the questions held, and passes them by.
   */
  @Recurring({ job: 'purge-answers' })
  async purge(): Promise<void> {
    await this.dataSource.query(
      `WITH due AS (
         SELECT id, dialogue_id, code FROM questions
         WHERE purged_at IS NULL AND purge_on <= (now() AT TIME ZONE 'UTC')::date FOR UPDATE SKIP LOCKED),
       gone AS (
         DELETE FROM answers WHERE question_id IN (SELECT id FROM due) RETURNING question_id),
       marked AS (
         UPDATE questions SET purged_at = now() WHERE id IN (SELECT id FROM due))
       INSERT INTO audit_entries (actor, action, dialogue_id, details)
       SELECT 'system', 'answers.purged', due.dialogue_id, jsonb_build_object(
         'questions', jsonb_agg(DISTINCT due.code), 'answers', count(gone.question_id))
       FROM due LEFT JOIN gone ON gone.question_id = due.id GROUP BY due.dialogue_id`,
    );
  }

  /** Removes questions with their answers. @returns how many answers went. @throws Problem 409 */
  private async discard(manager: EntityManager, lost: Question[], discardAnswers: boolean): Promise<number> {
    if (lost.length === 0) return 0;
    const ids = lost.map(({ id }) => id);
    const counts: { code: string; count: number }[] = await manager.query(
      `SELECT q.code, count(*)::int AS count FROM answers a JOIN questions q ON q.id = a.question_id
       WHERE q.id = ANY($1) GROUP BY q.code ORDER BY q.code`,
      [ids],
    );
    if (counts.length > 0 && !discardAnswers) {
      const told = counts.map(({ code, count }) => ({
        field: `questions.${code}`,
        code: 'answers_would_be_lost',
        detail: `${code} has ${count} ${count === 1 ? 'answer' : 'answers'}.`,
      }));
      throw new Problem(
        409,
        'answers_would_be_lost',
        `${told.map(({ detail }) => detail).join(' ')} Keep the question and its kind, or say discard_answers=true.`,
        told,
      );
    }
    await manager.query('DELETE FROM questions WHERE id = ANY($1)', [ids]);
    return counts.reduce((sum, { count }) => sum + count, 0);
  }

  /** Who may not see what is sensitive must not get to it by calling it something else. @throws Problem 403 */
  private async assertUnanswered(manager: EntityManager, questions: Question[]): Promise<void> {
    if (questions.length === 0) return;
    const answered: { code: string }[] = await manager.query(
      `SELECT DISTINCT q.code FROM answers a JOIN questions q ON q.id = a.question_id WHERE q.id = ANY($1)`,
      [questions.map(({ id }) => id)],
    );
    if (answered.length === 0) return;
    throw new Problem(
      403,
      'role_insufficient',
      `${answered.map(({ code }) => code).join(', ')} has sensitive answers; to have them seen by all who view the ` +
        'dialogue needs the right to see what is sensitive. An owner can give it to you.',
    );
  }

  /** A later day, or none, means that it is asked anew. */
  private async write(manager: EntityManager, dialogueId: string, drafts: QuestionDraft[]): Promise<void> {
    await manager.query(
      `INSERT INTO questions AS q (dialogue_id, code, position, kind, label, help, options, required, asked_if, sensitive,
         purge_on, file_types, file_bytes)
       SELECT $1, q.code, position - 1, q.kind, q.label, q.help, q.options, q.required, nullif(q."askedIf", 'null'::jsonb),
         q.sensitive, q."purgeOn", q."fileTypes", q."fileBytes"
       FROM jsonb_array_elements($2::jsonb) WITH ORDINALITY AS drafts (draft, position),
         jsonb_to_record(draft) AS q (code text, kind text, label jsonb, help jsonb, options jsonb, required boolean,
           "askedIf" jsonb, sensitive boolean, "purgeOn" date, "fileTypes" text[], "fileBytes" integer)
       ON CONFLICT (dialogue_id, code) DO UPDATE SET position = excluded.position, label = excluded.label,
         help = excluded.help, options = excluded.options, required = excluded.required, asked_if = excluded.asked_if,
         sensitive = excluded.sensitive, purge_on = excluded.purge_on, file_types = excluded.file_types,
         file_bytes = excluded.file_bytes,
         purged_at = CASE WHEN excluded.purge_on IS NOT DISTINCT FROM q.purge_on THEN q.purged_at END`,
      [dialogueId, JSON.stringify(drafts)],
    );
  }
}

function questionsOf(manager: EntityManager, dialogueId: string): Promise<Question[]> {
  return manager.find(Question, { where: { dialogueId }, order: { position: 'ASC' } });
}
