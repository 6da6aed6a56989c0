import type { VNode } from 'preact';
import type { Dialogue } from '@app/dialogues';
import { direction, formatList, isolate, t, type Language } from '@app/mail';
import {
  FILE_ENDINGS,
  FILE_NAMES,
  mayBeAsked,
  MOST_OF_AN_ANSWER,
  noticeFor,
  wordsIn,
  type Asking,
  type Attends,
  type MediaType,
  type Question,
  type Words,
} from '@app/participants';
import {
  among,
  errorWords,
  RequiredMark,
  SelectField,
  type FormState,
  type FormValues,
} from '../../pages/form';

/** What a form asks beside what everybody is asked. */
export interface AskedInForm {
  asking: Asking;
  /** Whether they say if they come or join online. */
  asksAttends: boolean;
  /** How they attend, as far as it is known. */
  attends: Attends | null;
  /** In which the organisers write: what is not there in the reader's language is shown in the first of them. */
  workingLanguages: readonly string[];
  /** Where the privacy notice stands. */
  slug: string;
}

/** What a form asks of someone whose data these are. */
export function askedInForm(
  asking: Asking,
  { asksAttends, data }: { asksAttends: boolean; data: { attends: Attends | null } },
  { workingLanguages, slug }: Pick<Dialogue, 'workingLanguages' | 'slug'>,
): AskedInForm {
  return { asking, asksAttends, attends: data.attends, workingLanguages, slug };
}

/** The questions that the form shows: those that may be asked, whatever is chosen in it. */
export function shownQuestions({ asking, asksAttends, attends }: AskedInForm): Question[] {
  const known = asking.venue === 'hybrid' ? attends : asking.venue;
  return mayBeAsked(asking.questions, { attends: asksAttends ? undefined : known, role: asking.role });
}

/** Whether one of the questions asks for a file. */
export function asksForFiles(asked: AskedInForm): boolean {
  return shownQuestions(asked).some(({ kind }) => kind === 'file');
}

/** The name of the field that answers a question. */
export function answerField(code: string): string {
  return `answers.${code}`;
}

/** What the fields of the questions are called, for whatever tells of them. */
export function questionLabels(asked: AskedInForm, language: Language): Record<string, string> {
  return Object.fromEntries(
    asked.asking.questions.map(({ code, label }) => [
      answerField(code),
      inWords(label, language, asked).text,
    ]),
  );
}

/** The earlier answers that a form is filled in with: none that is sensitive, as a link may have been forwarded. */
export function answerValues({ questions, known }: Asking): FormValues {
  return Object.fromEntries(
    questions
      .filter(({ code, sensitive, kind }) => Object.hasOwn(known, code) && !sensitive && kind !== 'file')
      // No option holds a line break.
      .map(({ code }) => [answerField(code), [known[code]!].flat().join('\n')]),
  );
}

/** How they attend, and what the organisers ask; nothing where they ask nothing. */
export function QuestionFields({ form, asked }: { form: FormState; asked: AskedInForm }): VNode | null {
  const { language } = form;
  const questions = shownQuestions(asked);
  if (!asked.asksAttends && questions.length === 0) return null;
  return (
    <fieldset>
      <legend>{t(language, 'form.taking_part')}</legend>
      {asked.asksAttends && (
        <SelectField
          form={form}
          name="attends"
          required
          options={[
            { value: '', label: t(language, 'form.choose') },
            { value: 'in_person', label: t(language, 'form.attends.in_person') },
            { value: 'virtual', label: t(language, 'form.attends.virtual') },
          ]}
        />
      )}
      {questions.map((question) => (
        <QuestionField form={form} asked={asked} question={question} />
      ))}
    </fieldset>
  );
}

/** The box by which the privacy notice is accepted; nothing where there is none, or it is accepted already. */
export function PrivacyNoticeField({ form, asked }: { form: FormState; asked: AskedInForm }): VNode | null {
  const { language, values, errors, prefix = '' } = form;
  const { asking, slug, workingLanguages } = asked;
  const { notice } = asking;
  if (!notice || asking.acceptedNotice === notice.version) return null;
  const id = `${prefix}privacy_notice`;
  const code = errors.privacy_notice;
  const version = String(notice.version);
  const { language: written } = noticeFor(notice, language, workingLanguages);
  return (
    <fieldset>
      <legend>{t(language, 'form.privacy_notice')}</legend>
      <p>
        <a href={`/d/${slug}/privacy?lang=${language}`} hreflang={written} target="_blank" rel="noopener">
          {t(language, 'form.privacy_notice.read')}
        </a>
      </p>
      {code && (
        <p class="error" id={`${id}-error`}>
          {errorWords(form, 'privacy_notice', code)}
        </p>
      )}
      <div class="check">
        <input
          type="checkbox"
          id={id}
          name="privacy_notice"
          value={version}
          checked={values.privacy_notice === version && !code}
          required
          aria-describedby={code ? `${id}-error` : undefined}
          aria-invalid={code ? 'true' : undefined}
        />
        <label for={id}>
          {t(language, 'form.privacy_notice.accept')}
          <RequiredMark />
        </label>
      </div>
    </fieldset>
  );
}

interface QuestionProperties {
  form: FormState;
  asked: AskedInForm;
  question: Question;
}

/** One question with its condition in words, its help, what is wrong with it, and what was answered before. */
function QuestionField({ form, asked, question }: QuestionProperties): VNode {
  const { language, errors, prefix = '' } = form;
  const { asking } = asked;
  const { code, kind, required, sensitive } = question;
  const name = answerField(code);
  const id = `${prefix}${name}`;
  const label = inWords(question.label, language, asked);
  const help = wordsFor(question.help, language, asked);
  const wrong = errors[name];
  const before = Object.hasOwn(asking.known, code) ? asking.known[code]! : undefined;
  const isKept = before !== undefined && (sensitive || kind === 'file');
  const hints = [
    conditionInWords(question, language, asked),
    help && <Told words={help} language={language} />,
    kind === 'file' && limitsInWords(question, language),
    isKept &&
      (kind === 'file' && !sensitive
        ? t(language, 'form.file.now', { name: isolate(String(before)) })
        : t(language, 'form.answer.kept')),
    form.values[`${name}.again`] && t(language, 'form.file.again'),
  ].filter(Boolean);
  const attributes = {
    id,
    required: required && !isKept,
    'aria-describedby':
      [hints.length > 0 && `${id}-hint`, wrong && `${id}-error`].filter(Boolean).join(' ') || undefined,
    'aria-invalid': wrong ? ('true' as const) : undefined,
  };
  const title = (
    <>
      <Told words={label} language={language} />
      {required && <RequiredMark />}
    </>
  );
  const rest = (
    <>
      {hints.length > 0 && (
        <div class="hint" id={`${id}-hint`}>
          {hints.map((hint) => (
            <p>{hint}</p>
          ))}
        </div>
      )}
      {wrong && (
        <p class="error" id={`${id}-error`}>
          {errorWords(form, name, wrong)}
        </p>
      )}
      <Control {...{ form, asked, question, attributes, isKept }} />
      {isKept && !required && (
        <div class="check">
          <input type="checkbox" id={`${id}.remove`} name={`${name}.remove`} value="yes" />
          <label for={`${id}.remove`}>
            {t(language, kind === 'file' ? 'form.file.remove' : 'form.answer.remove')}
          </label>
        </div>
      )}
    </>
  );
  const condition = shownCondition(question, asked);
  const data = condition && {
    'data-asked-of': condition.of === 'attends' ? 'attends' : answerField(condition.of),
    'data-asked-is': JSON.stringify(condition.is),
  };
  const style = condition ? 'field asked' : 'field';
  if (kind !== 'choices') {
    return (
      <div class={style} {...data}>
        <label for={id}>{title}</label>
        {rest}
      </div>
    );
  }
  return (
    <fieldset class={style} {...data} aria-describedby={attributes['aria-describedby']}>
      <legend>{title}</legend>
      {rest}
    </fieldset>
  );
}

function Control({
  form,
  asked,
  question,
  attributes,
  isKept,
}: QuestionProperties & {
  attributes: { id: string; required: boolean; 'aria-invalid': 'true' | undefined };
  isKept: boolean;
}): VNode {
  const { language, values } = form;
  const { kind } = question;
  const name = answerField(question.code);
  const value = values[name] ?? '';
  const chosen = value.split('\n');
  const options = withStored(question.options, kind === 'choices' ? chosen : [value], language);
  switch (kind) {
    case 'text':
      return <textarea {...attributes} name={name} maxLength={MOST_OF_AN_ANSWER} dir="auto" value={value} />;
    case 'date':
      return <input {...attributes} type="date" name={name} value={value} dir="ltr" />;
    case 'file':
      return (
        <input
          {...attributes}
          type="file"
          name={name}
          accept={question.fileTypes
            .flatMap((type) => [type, `.${FILE_ENDINGS[type as MediaType]}`])
            .join(',')}
        />
      );
    case 'choice':
      return (
        <select {...attributes} name={name} data-keeps={isKept ? 'yes' : undefined}>
          <option value="">{t(language, isKept ? 'form.answer.keep' : 'form.choose')}</option>
          {options.map((option) => {
            const words = inWords(option.label, language, asked);
            return (
              <option value={option.value} selected={option.value === value} {...spoken(words, language)}>
                {words.text}
              </option>
            );
          })}
        </select>
      );
    case 'choices': {
      return (
        <>
          {/* Says that the question was there, when nothing is chosen. */}
          <input type="hidden" name={name} value="" data-keeps={isKept ? 'yes' : undefined} />
          {options.map((option, index) => {
            // What tells of an error leads to the first.
            const id = index === 0 ? attributes.id : `${attributes.id}.${index}`;
            return (
              <div class="check">
                <input
                  type="checkbox"
                  id={id}
                  name={name}
                  value={option.value}
                  checked={chosen.includes(option.value)}
                  aria-invalid={attributes['aria-invalid']}
                />
                <label for={id}>
                  <Told words={inWords(option.label, language, asked)} language={language} />
                </label>
              </div>
            );
          })}
        </>
      );
    }
  }
}

/** What can be chosen, and what is chosen already and offered no more: saving drops nothing. */
function withStored(
  options: Question['options'],
  chosen: readonly string[],
  language: Language,
): Question['options'] {
  const gone = chosen.filter((value) => value !== '' && !options.some((option) => option.value === value));
  return [...options, ...gone.map((value) => ({ value, label: { [language]: value } }))];
}

/** The condition as far as this form decides it; a seat in a delegation is decided already. */
function shownCondition({ askedIf }: Question, { asksAttends }: AskedInForm): Question['askedIf'] {
  if (!askedIf || askedIf.of === 'role') return null;
  return askedIf.of === 'attends' && !asksAttends ? null : askedIf;
}

function conditionInWords(question: Question, language: Language, asked: AskedInForm): string | null {
  const condition = shownCondition(question, asked);
  if (!condition) return null;
  if (condition.of === 'attends') {
    const only = condition.is.length === 1 && among(['in_person', 'virtual'], condition.is[0]);
    return only ? t(language, `form.condition.${only}`) : null;
  }
  const other = asked.asking.questions.find(({ code }) => code === condition.of)!;
  const answers = other.options
    .filter(({ value }) => condition.is.includes(value))
    .map(({ label }) => isolate(inWords(label, language, asked).text));
  return t(language, 'form.condition.answer', {
    question: isolate(inWords(other.label, language, asked).text),
    answers: formatList(language, answers, 'or'),
  });
}

function limitsInWords({ fileTypes, fileBytes }: Question, language: Language): string {
  const [unit, bytes] = fileBytes >= 100_000 ? ['megabyte', 1_000_000] : ['kilobyte', 1_000];
  const size = new Intl.NumberFormat(`${language}-u-nu-latn`, {
    style: 'unit',
    unit: unit as string,
    maximumFractionDigits: 1,
    roundingMode: 'floor',
  }).format(fileBytes / (bytes as number));
  const types = formatList(
    language,
    fileTypes.map((type) => isolate(FILE_NAMES[type as MediaType])),
    'or',
  );
  return t(language, 'form.file.limits', { types, size: isolate(size) });
}

/** Words of the organisers, and the language in which they are. */
interface Spoken {
  text: string;
  language: string;
}

/** In the reader's language, else in the first working language in which they are written; undefined: in none of them. */
function wordsFor(words: Words, language: Language, { workingLanguages }: AskedInForm): Spoken | undefined {
  return [language, ...workingLanguages]
    .map((tag) => wordsIn(words, tag))
    .find((found) => found !== undefined);
}

function inWords(words: Words, language: Language, asked: AskedInForm): Spoken {
  const [first] = Object.entries(words);
  // The working languages may have changed since the question was written.
  return wordsFor(words, language, asked) ?? { language: first?.[0] ?? language, text: first?.[1] ?? '' };
}

/** `lang` and `dir`, where they are not the page's. */
function spoken(words: Spoken, language: Language): { lang?: string; dir?: 'ltr' | 'rtl' } {
  if (words.language === language) return {};
  return { lang: words.language, dir: direction(words.language) };
}

function Told({ words, language }: { words: Spoken; language: Language }): VNode {
  return <bdi {...spoken(words, language)}>{words.text}</bdi>;
}
