import type { VNode } from 'preact';
import { isLanguage, languages, t, type Language } from '@app/mail';
import {
  DELEGATION_ROLES,
  isNominated,
  MOST_NOMINEES,
  type NominationInput,
  type OwnDelegation,
} from '@app/participants';
import { SelectField, TextField, type FormErrors, type FormState, type FormValues } from '../../pages/form';
import { countryChoices } from '@app/directory';

/** What is asked of each person; the affiliation and the rest they can say themselves when they register. */
const FIELDS = [
  'honorific',
  'name',
  'functional_title',
  'email',
  'affiliation',
  'country',
  'role',
  'language',
  'replaces',
] as const;

/** Fields that a row has whether somebody is named in it or not. */
const ALWAYS_THERE: readonly string[] = ['role', 'language'];

/** What was typed into the form. */
export interface TypedNominations {
  /** As it was typed, by name of the field: `name_0`. */
  values: FormValues;
  /** Rows in which something stands. */
  inputs: NominationInput[];
  /** In which row of the form each of them stands. */
  rows: number[];
}

/** The name of a field in a row of the form. */
export function fieldIn(row: number, field: string): string {
  return `${field}_${row}`;
}

/** What was typed, from the body of the form: to be read, and to be shown again as it is when something is wrong. */
export function typedNominations(body: unknown): TypedNominations {
  const fields = (body ?? {}) as Record<string, unknown>;
  const typed: TypedNominations = { values: {}, inputs: [], rows: [] };
  for (let row = 0; row < MOST_NOMINEES; row += 1) {
    const input: Partial<Record<(typeof FIELDS)[number], string>> = {};
    for (const field of FIELDS) {
      const value = fields[fieldIn(row, field)];
      if (typeof value !== 'string') continue;
      typed.values[fieldIn(row, field)] = value;
      input[field] = value;
    }
    if (!FIELDS.some((field) => !ALWAYS_THERE.includes(field) && input[field]?.trim())) continue;
    typed.inputs.push(input);
    typed.rows.push(row);
  }
  return typed;
}

/** The rows of the form: one for each seat that is open or could be filled by somebody else, and for all that was typed. */
export function NominationRows({
  language,
  own,
  typed,
  errors,
  told,
}: {
  language: Language;
  own: OwnDelegation;
  typed?: TypedNominations;
  errors: FormErrors;
  told: Record<string, string>;
}): VNode {
  const present = own.nominees.filter(({ state }) => isNominated(state));
  const open = Math.max(own.seats - present.length, 0);
  // Of a long list few are replaced at once; whoever is sends the form again.
  const replaceable = Math.min(present.length, 3);
  const count = Math.min(
    Math.max(open + replaceable, 1, ...(typed?.rows ?? []).map((row) => row + 1)),
    MOST_NOMINEES,
  );
  const rows = Array.from({ length: count }, (_, row) => row);
  const values = { ...defaults(own, rows), ...typed?.values };
  const labels = Object.fromEntries(
    rows.flatMap((row) => FIELDS.map((field) => [fieldIn(row, field), labelOf(language, field)])),
  );
  const form: FormState = { language, values, errors, labels, told };
  return (
    <>
      {rows.map((row) => (
        <details class="card" open={row === 0 || typed?.rows.includes(row)}>
          <summary>{t(language, 'delegation.person', { number: row + 1 })}</summary>
          <fieldset aria-label={t(language, 'delegation.person', { number: row + 1 })}>
            <Row form={form} row={row} own={own} present={present} />
          </fieldset>
        </details>
      ))}
    </>
  );
}

function Row({
  form,
  row,
  own,
  present,
}: {
  form: FormState;
  row: number;
  own: OwnDelegation;
  present: OwnDelegation['nominees'];
}): VNode {
  const { language } = form;
  const name = (field: (typeof FIELDS)[number]) => fieldIn(row, field);
  return (
    <>
      <div class="pair narrow-first">
        <TextField form={form} name={name('honorific')} />
        <TextField form={form} name={name('name')} />
      </div>
      <TextField form={form} name={name('email')} type="email" dir="ltr" />
      <div class="pair">
        <SelectField
          form={form}
          name={name('role')}
          options={rolesOf(own).map((value) => ({ value, label: t(language, `role.${value}`) }))}
        />
        <SelectField
          form={form}
          name={name('language')}
          options={languageChoices(form.values[name('language')])}
        />
      </div>
      <TextField form={form} name={name('functional_title')} />
      <TextField form={form} name={name('affiliation')} />
      <SelectField
        form={form}
        name={name('country')}
        options={[{ value: '', label: t(language, 'form.choose') }, ...countryChoices(language)]}
      />
      {present.length > 0 && (
        <SelectField
          form={form}
          name={name('replaces')}
          options={[
            { value: '', label: t(language, 'delegation.field.replaces.nobody') },
            ...present.map(({ id, name: label }) => ({ value: id, label })),
          ]}
        />
      )}
    </>
  );
}

function labelOf(language: Language, field: (typeof FIELDS)[number]): string {
  if (field === 'role' || field === 'replaces') return t(language, `delegation.field.${field}`);
  return t(language, `form.${field}`);
}

/** The roles that have seats, and for a new row the most usual of them. */
function rolesOf({ seatsByRole }: OwnDelegation): (typeof DELEGATION_ROLES)[number][] {
  const open = DELEGATION_ROLES.filter((role) => seatsByRole[role] !== 0);
  return open.length > 0 ? open : [...DELEGATION_ROLES];
}

function defaults(own: OwnDelegation, rows: number[]): FormValues {
  const roles = rolesOf(own);
  const role = roles.includes('member') ? 'member' : roles[0]!;
  return Object.fromEntries(
    rows.flatMap((row) => [
      [fieldIn(row, 'role'), role],
      [fieldIn(row, 'language'), own.focalPoint.language],
    ]),
  );
}

/** The languages that Plenary writes in, and the one that is chosen where it is another. */
function languageChoices(chosen: string | undefined): { value: string; label: string }[] {
  const tags: string[] = [...languages];
  if (chosen && !isLanguage(chosen)) tags.push(chosen);
  return tags.map((value) => ({ value, label: nameOf(value) }));
}

function nameOf(tag: string): string {
  try {
    return new Intl.DisplayNames(tag, { type: 'language' }).of(tag) ?? tag;
  } catch {
    return tag;
  }
}
