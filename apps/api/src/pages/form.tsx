import type { ComponentChildren, VNode } from 'preact';
import { isolate, t, type Language } from '@app/mail';

/** What a form holds now, by name of the field. */
export type FormValues = Record<string, string>;

/** What is wrong with a form: code by name of the field. */
export type FormErrors = Record<string, string>;

/** What a form is drawn from. */
export interface FormState {
  language: Language;
  values: FormValues;
  errors: FormErrors;
  /** Tells forms on one page apart. */
  prefix?: string;
  /** What fields are called that the catalogs don't know, by name. */
  labels?: Record<string, string>;
  /** What to say of a wrong field instead of the words for its code, by name. */
  told?: Record<string, string>;
}

/** Fields that the catalogs have a name for. */
const NAMED = [
  'affiliation',
  'attends',
  'capacity',
  'code',
  'consent_to_be_listed',
  'country',
  'email',
  'functional_title',
  'honorific',
  'language',
  'mechanism',
  'name',
  'new_email',
  'privacy_notice',
  'reason',
  'time_zone',
] as const;

/** Fields that the catalogs have a hint for. */
const HINTED = [
  'affiliation',
  'capacity',
  'code',
  'consent_to_be_listed',
  'email',
  'functional_title',
  'honorific',
  'name',
  'new_email',
] as const;

/** The value among those known that is this text, so that what stands in no catalog is never asked of one. */
export function among<Value extends string>(
  known: readonly Value[],
  text: string | undefined,
): Value | undefined {
  return known.find((value) => value === text);
}

/** What a field is called; by its own name where nobody says what it is called. */
export function fieldLabel(language: Language, name: string, labels: FormState['labels'] = {}): string {
  if (Object.hasOwn(labels, name)) return isolate(labels[name]!);
  const known = among(NAMED, name);
  return known ? t(language, `form.${known}`) : isolate(name);
}

/** Codes with words of their own; for the rest the reader is asked to choose from the list. */
const WORDED = [
  'required',
  'too_long',
  'email_invalid',
  'code_wrong',
  'taken',
  'name_closed',
  'name_has_link',
  'too_many_names',
  'full',
  'substitute_registered',
  'answer_too_long',
  'day_invalid',
  'file_too_large',
  'file_type_unknown',
  'notice_required',
  'notice_changed',
] as const;

/** What to do about a wrong field, in words. */
export function errorWords(
  { language, labels, told = {} }: Pick<FormState, 'language' | 'labels' | 'told'>,
  name: string,
  code: string,
): string {
  if (Object.hasOwn(told, name)) return told[name]!;
  const known = among(WORDED, code) ?? 'other';
  // "How will you attend: please …", as more than one mark in a row reads badly.
  const field = fieldLabel(language, name, labels).replace(/[\s?؟]+(?=\u2069?$)/u, '');
  return t(language, `form.error.${known}`, { field });
}

/** Tells all that is wrong above the form, each linked to its field, and takes the focus when the page opens. */
export function ErrorSummary({
  language,
  errors,
  prefix = '',
  labels,
  told,
}: Omit<FormState, 'values'>): VNode | null {
  const wrong = Object.entries(errors);
  if (wrong.length === 0) return null;
  return (
    <div class="notice bad" role="alert" tabIndex={-1} autoFocus>
      <h2>{t(language, 'form.problem')}</h2>
      <ul>
        {wrong.map(([name, code]) => (
          <li>
            <a href={`#${prefix}${name}`}>{errorWords({ language, labels, told }, name, code)}</a>
          </li>
        ))}
      </ul>
    </div>
  );
}

interface FieldProperties {
  form: FormState;
  name: string;
  required?: boolean;
  hint?: boolean;
  /** WCAG 1.3.5: what browsers fill in. */
  autocomplete?: string;
  type?: 'text' | 'email';
  /** Text of the reader's own, whatever its direction. */
  dir?: 'auto' | 'ltr';
}

/** A line of text with its label, hint and error. */
export function TextField({
  form,
  name,
  required,
  hint,
  autocomplete,
  type = 'text',
  dir = 'auto',
}: FieldProperties): VNode {
  return (
    <Labelled form={form} name={name} required={required} hint={hint}>
      {(attributes) => (
        <input
          {...attributes}
          type={type as 'text'}
          name={name}
          value={form.values[name] ?? ''}
          autoComplete={autocomplete}
          dir={dir}
          maxLength={300}
        />
      )}
    </Labelled>
  );
}

/** One of many, with its label and error. What is stored and not among them can be chosen, too: saving drops nothing. */
export function SelectField({
  form,
  name,
  required,
  hint,
  options,
}: FieldProperties & { options: { value: string; label: string }[] }): VNode {
  const value = form.values[name] ?? '';
  const isAmong = value === '' || options.some((option) => option.value === value);
  return (
    <Labelled form={form} name={name} required={required} hint={hint}>
      {(attributes) => (
        <select {...attributes} name={name}>
          {[...options, ...(isAmong ? [] : [{ value, label: value }])].map((option) => (
            <option value={option.value} selected={option.value === value}>
              {option.label}
            </option>
          ))}
        </select>
      )}
    </Labelled>
  );
}

function Labelled({
  form: { language, errors, prefix = '', labels, told },
  name,
  required,
  hint,
  children,
}: Pick<FieldProperties, 'form' | 'name' | 'required' | 'hint'> & {
  children: (attributes: Record<string, string | boolean | undefined>) => VNode;
}): VNode {
  const id = `${prefix}${name}`;
  const code = errors[name];
  const hinted = hint && among(HINTED, name);
  const described = [hinted && `${id}-hint`, code && `${id}-error`].filter(Boolean).join(' ');
  return (
    <div class="field">
      <label for={id}>
        {fieldLabel(language, name, labels)}
        {required && <RequiredMark />}
      </label>
      {hinted && (
        <p class="hint" id={`${id}-hint`}>
          {t(language, `form.${hinted}.hint`)}
        </p>
      )}
      {code && (
        <p class="error" id={`${id}-error`}>
          {errorWords({ language, labels, told }, name, code)}
        </p>
      )}
      {children({
        id,
        required,
        'aria-describedby': described || undefined,
        'aria-invalid': code ? 'true' : undefined,
      })}
    </div>
  );
}

/** The field itself says that it is required; the star is for the eye. */
export function RequiredMark(): VNode {
  return (
    <span class="required" aria-hidden="true">
      {' *'}
    </span>
  );
}

/** A form that carries the secret of its link, so that it works without cookies. */
export function PersonalForm({
  action,
  token,
  hasFiles = false,
  children,
}: {
  action: string;
  token: string;
  /** Whether one of its fields is a file. */
  hasFiles?: boolean;
  children: ComponentChildren;
}): VNode {
  return (
    <form method="post" action={action} encType={hasFiles ? 'multipart/form-data' : undefined} noValidate>
      <input type="hidden" name="token" value={token} />
      {children}
    </form>
  );
}
