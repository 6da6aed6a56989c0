import {
  acceptNotice,
  askedOf,
  noticeVerdict,
  readAnswers,
  readNewcomer,
  readRegistration,
  writeAnswers,
  type Alongside,
  type Asking,
  type GivenAnswer,
  type ReadAnswers,
  type RegistrationData,
  type UploadedFile,
} from '@app/participants';
import type { FieldProblem } from '@app/platform';
import type { FormValues } from '../../pages/form';
import { answerField } from './question-fields';
import { typed } from './registration-form';

/** What a form is read against. */
interface ReadAgainst {
  known: RegistrationData;
  asking: Asking;
  asksAttends: boolean;
  /** Whether they register by it: then the privacy notice has to be accepted. */
  registers: boolean;
}

/** What was read of a form. */
export interface ReadForm {
  data: RegistrationData;
  /** By field; when there are any, nothing may be written. */
  errors: FieldProblem[];
  /** What was typed, to be shown again as it is. */
  values: FormValues;
  /** Writes the answers and the accepted notice beside the registration, in its transaction; none: there are none. */
  alongside: Alongside | undefined;
}

/** Reads what someone tells about themselves, their answers, and whether they accept the privacy notice. */
export function readForm(body: unknown, against: ReadAgainst): ReadForm {
  const { input, values } = typed(body);
  const { known, asking, asksAttends } = against;
  const { data, errors } = readRegistration(input, known, asking.mechanisms, asksAttends);
  return { data, ...readRest(body, data, errors, values, against) };
}

/** The same of somebody who registers by the open link. */
export function readNewcomersForm(
  body: unknown,
  against: Omit<ReadAgainst, 'registers'>,
): ReadForm & { name: string; email: string } {
  const { input, values } = typed(body);
  const { known, asking, asksAttends } = against;
  const { name, email, data, errors } = readNewcomer(input, known, asking.mechanisms, asksAttends);
  return { name, email, data, ...readRest(body, data, errors, values, { ...against, registers: true }) };
}

function readRest(
  body: unknown,
  data: RegistrationData,
  wrong: FieldProblem[],
  typedValues: FormValues,
  { asking, registers }: ReadAgainst,
): Omit<ReadForm, 'data'> {
  const fields = (body ?? {}) as Record<string, unknown>;
  const given = givenAnswers(fields, asking);
  const answers = readAnswers(asking.questions, given, askedOf(asking, data.attends), asking.known);
  const accepted = typeof fields.privacy_notice === 'string' ? Number(fields.privacy_notice) : null;
  const isAccepted = asking.notice !== null && asking.acceptedNotice === asking.notice.version;
  const verdict = registers && !isAccepted ? noticeVerdict(asking.notice, accepted) : null;
  const errors = [...wrong, ...answers.errors];
  if (verdict) {
    const code = verdict === 'required' ? 'notice_required' : verdict;
    errors.push({
      field: 'privacy_notice',
      code,
      detail: 'privacy_notice must be accepted as it reads now.',
    });
  }
  const values = { ...typedValues, ...typedAnswers(fields, asking) };
  if (accepted !== null) values.privacy_notice = String(accepted);
  const accepts = accepted !== null && accepted === asking.notice?.version ? accepted : null;
  if (asking.questions.length === 0 && accepts === null) return { errors, values, alongside: undefined };
  return {
    errors,
    values,
    alongside: async (manager, registrationId) => {
      await writeAnswers(manager, registrationId, asking, answers);
      if (accepts !== null) await acceptNotice(manager, registrationId, accepts);
    },
  };
}

/** Reads answers by code, as JSON has them: what nobody asks is told, and files can't come this way. */
export function readJsonAnswers(
  given: Record<string, unknown>,
  asking: Asking,
  attends: RegistrationData['attends'],
): ReadAnswers {
  const read = readAnswers(
    asking.questions,
    Object.fromEntries(Object.entries(given).map(([code, value]) => [code, { value }])),
    askedOf(asking, attends),
  );
  for (const [code, value] of Object.entries(given)) {
    const field = answerField(code);
    const kind = asking.questions.find((question) => question.code === code)?.kind;
    if (kind === undefined) {
      read.errors.push({ field, code: 'question_unknown', detail: `${field} is not asked. Leave it out.` });
    } else if (kind === 'file') {
      read.errors.push({ field, code: 'file_by_form', detail: `${field} is a file; send it with the form.` });
    } else if (value !== null && ![value].flat().every((text) => typeof text === 'string')) {
      read.errors.push({ field, code: 'wrong_type', detail: `${field} is a text or a list of texts.` });
    }
  }
  return read;
}

/** The answers as the fields of a form give them. */
function givenAnswers(fields: Record<string, unknown>, { questions }: Asking): Record<string, GivenAnswer> {
  return Object.fromEntries(
    questions.map(({ code, kind }) => {
      const name = answerField(code);
      const value = fields[name];
      const remove = fields[`${name}.remove`] === 'yes';
      return [code, kind === 'file' ? { file: fileIn(value), remove } : { value: textsIn(value), remove }];
    }),
  );
}

/** What was typed as answers; a file can't be shown again, and has to be chosen again. */
function typedAnswers(fields: Record<string, unknown>, { questions }: Asking): FormValues {
  const values: FormValues = {};
  for (const { code } of questions) {
    const name = answerField(code);
    const texts = textsIn(fields[name]);
    if (fileIn(fields[name])) values[`${name}.again`] = 'yes';
    else if (texts !== undefined) values[name] = [texts].flat().join('\n');
  }
  return values;
}

function textsIn(value: unknown): string | string[] | undefined {
  if (typeof value === 'string') return value;
  return Array.isArray(value) ? value.filter((text): text is string => typeof text === 'string') : undefined;
}

function fileIn(value: unknown): UploadedFile | undefined {
  return typeof value === 'object' && value !== null && 'content' in value && Buffer.isBuffer(value.content)
    ? (value as UploadedFile)
    : undefined;
}
