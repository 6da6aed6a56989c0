import type { VNode } from 'preact';
import { presentTimeZone } from '@app/directory';
import { isLanguage, languages, t, type Language } from '@app/mail';
import type { KnownMechanism, RegistrationData, RegistrationInput } from '@app/participants';
import { SelectField, TextField, type FormErrors, type FormState, type FormValues } from '../../pages/form';
import { PrivacyNoticeField, QuestionFields, questionLabels, type AskedInForm } from './question-fields';
import { countryChoices } from '@app/directory';

const TEXTS = [
  'honorific',
  'name',
  'functional_title',
  'email',
  'affiliation',
  'country',
  'mechanism',
  'capacity',
  'attends',
  'language',
  'time_zone',
  'consent_to_be_listed',
] as const;

/** The fields that someone fills in about themselves; name and address only where nobody knows them yet. */
export function RegistrationFields({
  language,
  values,
  errors,
  mechanisms,
  prefix,
  newcomer = false,
  asked,
}: {
  language: Language;
  values: FormValues;
  errors: FormErrors;
  mechanisms: readonly KnownMechanism[];
  prefix?: string;
  newcomer?: boolean;
  /** What the organisers of the dialogue ask. */
  asked: AskedInForm;
}): VNode {
  const form = { language, values, errors, prefix, labels: questionLabels(asked, language) };
  const none = { value: '', label: t(language, 'form.none') };
  return (
    <>
      <p class="quiet small">{t(language, 'form.required_note')}</p>
      <fieldset>
        <legend>{t(language, 'form.about_you')}</legend>
        {newcomer ? (
          <>
            <div class="pair narrow-first">
              <TextField form={form} name="honorific" autocomplete="honorific-prefix" />
              <TextField form={form} name="name" required autocomplete="name" />
            </div>
            <TextField form={form} name="email" type="email" required hint autocomplete="email" dir="ltr" />
          </>
        ) : (
          <TextField form={form} name="honorific" hint autocomplete="honorific-prefix" />
        )}
        <TextField form={form} name="functional_title" hint autocomplete="organization-title" />
        <TextField form={form} name="affiliation" required hint autocomplete="organization" />
        <SelectField
          form={form}
          name="country"
          options={[{ value: '', label: t(language, 'form.choose') }, ...countryChoices(language)]}
        />
        {mechanisms.length > 0 && (
          <SelectField
            form={form}
            name="mechanism"
            options={[
              none,
              ...mechanisms.map(({ code, name }) => ({ value: code, label: `${name} (${code})` })),
            ]}
          />
        )}
        <TextField form={form} name="capacity" hint />
      </fieldset>
      <QuestionFields form={form} asked={asked} />
      <fieldset>
        <legend>{t(language, 'form.preferences')}</legend>
        <div class="pair">
          <SelectField form={form} name="language" required options={languageChoices(values.language)} />
          <SelectField form={form} name="time_zone" required options={zoneChoices(values.time_zone)} />
        </div>
        <ConsentField form={form} />
      </fieldset>
      <PrivacyNoticeField form={form} asked={asked} />
    </>
  );
}

/** May their name be listed, and from when? Three answers, and `never` unless they say otherwise. */
export function ConsentField({ form }: { form: FormState }): VNode {
  const { language } = form;
  return (
    <SelectField
      form={form}
      name="consent_to_be_listed"
      hint
      options={(['never', 'after', 'before'] as const).map((value) => ({
        value,
        label: t(language, `form.consent.${value}`),
      }))}
    />
  );
}

/** The values that a form is filled in with. */
export function valuesOf(data: RegistrationData, mechanisms: readonly KnownMechanism[]): FormValues {
  return {
    honorific: data.honorific ?? '',
    functional_title: data.functionalTitle ?? '',
    affiliation: data.affiliation ?? '',
    country: data.country ?? '',
    mechanism: mechanisms.find(({ id }) => id === data.mechanismId)?.code ?? '',
    capacity: data.capacity ?? '',
    attends: data.attends ?? '',
    language: data.language,
    time_zone: data.timeZone,
    consent_to_be_listed: data.consentToBeListed,
  };
}

/** What was typed, from the body of a form: to be read, and to be shown again as it is when something is wrong. */
export function typed(body: unknown): { input: RegistrationInput; values: FormValues } {
  const fields = (body ?? {}) as Record<string, unknown>;
  const values: FormValues = {};
  const input: RegistrationInput = {};
  for (const name of TEXTS) {
    const value = fields[name];
    if (typeof value !== 'string') continue;
    values[name] = value;
    Object.assign(input, { [name]: value });
  }
  return { input, values };
}

/** The languages that Plenary writes in, and the reader's own where it is another one. */
export function languageChoices(own: string | undefined): { value: string; label: string }[] {
  const tags: string[] = [...languages];
  if (own && !isLanguage(own)) tags.push(own);
  return tags.map((value) => ({ value, label: nameOf(value) }));
}

function nameOf(tag: string): string {
  try {
    return new Intl.DisplayNames(tag, { type: 'language' }).of(tag) ?? tag;
  } catch {
    return tag;
  }
}

const zones = ['UTC', ...Intl.supportedValuesOf('timeZone').map(presentTimeZone).toSorted()].map((value) => ({
  value,
  label: shown(value),
}));

function shown(zone: string): string {
  return zone.replaceAll('_', ' ');
}

/** Every zone by its present name. The reader's own keeps the name that is stored, so that it stays selected. */
function zoneChoices(own: string | undefined): { value: string; label: string }[] {
  if (!own) return zones;
  const present = presentTimeZone(own);
  return zones.some(({ value }) => value === present)
    ? zones.map((zone) => (zone.value === present ? { ...zone, value: own } : zone))
    : [{ value: own, label: shown(own) }, ...zones];
}
