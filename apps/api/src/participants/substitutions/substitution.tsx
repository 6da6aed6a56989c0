import type { VNode } from 'preact';
import { honoured, isolate, t, type Language } from '@app/mail';
import {
  mayRegister,
  type OwnInvitation,
  type OwnRegistration,
  type OwnSubstitution,
  type SubstitutionRow,
} from '@app/participants';
import {
  ErrorSummary,
  PersonalForm,
  SelectField,
  TextField,
  type FormErrors,
  type FormValues,
} from '../../pages/form';
import { Page } from '../../pages/page';
import type { ShownDialogue } from '../personal-pages/dialogue-reader.service';
import { languageLinks, type Opened } from '../personal-pages/personal-pages.service';
import { DialogueHeading } from '../personal-pages/dialogue-view';
import { languageChoices } from '../forms/registration-form';

/** What the form for a substitute is drawn from. */
interface SubstitutionView {
  language: Language;
  opened: Opened<OwnRegistration>;
  substitution: OwnSubstitution;
  values: FormValues;
  errors: FormErrors;
}

/** Tells the fields of the substitute from those about oneself on the same page. */
const PREFIX = 'substitute-';

/** Says whom they stand in for, and whom they proposed. */
export function SubstitutionNotice({
  language,
  substitution: { proposed, standsInFor, replacedBy },
}: Pick<SubstitutionView, 'language' | 'substitution'>): VNode | null {
  if (!proposed && !standsInFor && !replacedBy) return null;
  return (
    <div class="notice" role="status">
      {standsInFor && <p>{t(language, 'substitution.stands_in', { name: isolate(standsInFor.name) })}</p>}
      {replacedBy && <p>{t(language, 'substitution.replaced', { name: isolate(replacedBy.name) })}</p>}
      {proposed && (
        <>
          <h2>{t(language, 'substitution.proposed', { name: isolate(proposed.name) })}</h2>
          <p>{t(language, 'substitution.proposed.more')}</p>
        </>
      )}
    </div>
  );
}

/** On the page of a registration: closed until it is wanted. */
export function SubstitutionCard(view: SubstitutionView): VNode | null {
  if (!view.substitution.may) return null;
  return (
    <details class="card" id="substitute">
      <summary>{t(view.language, 'substitution.title')}</summary>
      <SubstitutionForm {...view} />
    </details>
  );
}

/** The form by itself: where something was wrong with it. */
export function substitutionPage(view: SubstitutionView & { shown: ShownDialogue }): VNode {
  const { language, opened, shown, errors } = view;
  const title = t(language, 'substitution.title');
  return (
    <Page
      title={Object.keys(errors).length > 0 ? t(language, 'form.problem_title', { title }) : title}
      language={language}
      languages={languageLinks()}
      cleanAddress={`${opened.address}/substitution`}
    >
      <DialogueHeading language={language} dialogue={shown.dialogue} eyebrow="registration.eyebrow" />
      <ErrorSummary language={language} errors={errors} prefix={PREFIX} />
      <SubstitutionNotice language={language} substitution={view.substitution} />
      {view.substitution.may && (
        <section class="card" aria-labelledby="substitution">
          <h2 id="substitution">{title}</h2>
          <SubstitutionForm {...view} />
        </section>
      )}
      <p>
        <a href={opened.next}>{t(language, 'registration.manage')}</a>
      </p>
    </Page>
  );
}

function SubstitutionForm({ language, opened, substitution, values, errors }: SubstitutionView): VNode {
  return (
    <PersonalForm action={`${opened.address}/substitution?lang=${language}`} token={opened.token}>
      <p>{t(language, 'substitution.lead')}</p>
      <p>{t(language, substitution.needsApproval ? 'substitution.approved' : 'substitution.free')}</p>
      <SubstituteFields language={language} values={values} errors={errors} />
      <div class="row">
        <button type="submit">{t(language, 'substitution.submit')}</button>
      </div>
    </PersonalForm>
  );
}

/** Who comes instead. */
function SubstituteFields({
  language,
  values,
  errors,
}: Pick<SubstitutionView, 'language' | 'values' | 'errors'>): VNode {
  const form = { language, values, errors, prefix: PREFIX };
  return (
    <>
      <p class="quiet small">{t(language, 'form.required_note')}</p>
      <fieldset>
        <legend>{t(language, 'substitution.who')}</legend>
        <div class="pair narrow-first">
          <TextField form={form} name="honorific" />
          <TextField form={form} name="name" required />
        </div>
        <TextField form={form} name="functional_title" />
        <TextField form={form} name="email" type="email" required dir="ltr" />
        <SelectField form={form} name="language" required options={languageChoices(values.language)} />
      </fieldset>
    </>
  );
}

/** What was typed about a substitute. */
export function typedSubstitute(body: Record<string, unknown> | undefined): FormValues {
  return Object.fromEntries(
    ['honorific', 'name', 'functional_title', 'email', 'language'].flatMap((field) => {
      const value = body?.[field];
      return typeof value === 'string' ? [[field, value]] : [];
    }),
  );
}

/** Whether someone who is invited may decline for somebody else: nothing is answered, and nobody has to approve it. */
function mayDeclineFor({ dialogue, over }: ShownDialogue, own: OwnInvitation): boolean {
  const isAnswered = own.registration !== null || own.state === 'declined' || own.state === 'removed';
  return dialogue.substitution === 'free' && !isAnswered && mayRegister({ ...dialogue, over });
}

/** Beside the form to decline: how somebody else can come. */
export function DeclineFor({
  language,
  opened,
  shown,
  registrationAddress,
}: {
  language: Language;
  opened: Opened<OwnInvitation>;
  shown: ShownDialogue;
  /** Page of their registration, when they have one. */
  registrationAddress: string | null;
}): VNode | null {
  const { own } = opened;
  if (shown.dialogue.substitution === 'closed') return null;
  if (own.registration?.state === 'confirmed' && registrationAddress) {
    return (
      <p>
        {t(language, 'substitution.by_declining')}{' '}
        <a href={`${registrationAddress}/substitution`}>{t(language, 'substitution.by_declining.link')}</a>
      </p>
    );
  }
  if (mayDeclineFor(shown, own)) {
    return (
      <p>
        <a href={`${opened.next}/substitution`}>{t(language, 'substitution.decline_for')}</a>
      </p>
    );
  }
  return own.registration === null ? <p>{t(language, 'substitution.in_reason')}</p> : null;
}

/** Someone who is invited declines and says who could come instead. */
export function declineForPage({
  language,
  opened,
  shown,
  values,
  errors,
}: {
  language: Language;
  opened: Opened<OwnInvitation>;
  shown: ShownDialogue;
  values: FormValues;
  errors: FormErrors;
}): VNode {
  const title = t(language, 'substitution.decline_for');
  return (
    <Page
      title={Object.keys(errors).length > 0 ? t(language, 'form.problem_title', { title }) : title}
      language={language}
      languages={languageLinks()}
      cleanAddress={`${opened.address}/substitution`}
    >
      <DialogueHeading language={language} dialogue={shown.dialogue} eyebrow="invitation.eyebrow" />
      <ErrorSummary language={language} errors={errors} prefix={PREFIX} />
      {mayDeclineFor(shown, opened.own) && (
        <section class="card" aria-labelledby="substitution">
          <h2 id="substitution">{title}</h2>
          <PersonalForm action={`${opened.address}/substitution?lang=${language}`} token={opened.token}>
            <p>{t(language, 'substitution.decline_for.more')}</p>
            <SubstituteFields language={language} values={values} errors={errors} />
            <div class="row">
              <button type="submit">{t(language, 'substitution.decline_for.submit')}</button>
            </div>
          </PersonalForm>
        </section>
      )}
      <p>
        <a href={opened.next}>{t(language, 'substitution.back')}</a>
      </p>
    </Page>
  );
}

/**
 * Substitutes on which a focal point decides, each with a button to approve and a form to refuse with a reason.
 * @param address where it posts to: `<address>/substitutions/<id>/approval` and `…/refusal`.
 */
export function ProposedSubstitutions({
  language,
  address,
  token,
  proposals,
  undecided,
}: {
  language: Language;
  address: string;
  token: string;
  proposals: readonly SubstitutionRow[];
  /** Why a decision just now was none: `reason`, or `late`. */
  undecided?: string;
}): VNode | null {
  if (proposals.length === 0 && !undecided) return null;
  return (
    <section class="card" aria-labelledby="substitutions">
      <h2 id="substitutions">{t(language, 'substitution.proposals')}</h2>
      {undecided && (
        <div class="notice bad" role="alert">
          <p>{t(language, undecided === 'reason' ? 'substitution.reason_needed' : 'substitution.decided')}</p>
        </div>
      )}
      {proposals.map((proposal) => (
        <div class="stack">
          <p>
            {t(language, 'substitution.proposal', {
              leaver: isolate(honoured({ honorific: proposal.leaver_honorific, name: proposal.leaver_name })),
              substitute: isolate(honoured(proposal)),
            })}
          </p>
          <PersonalForm action={`${address}/substitutions/${proposal.id}/approval`} token={token}>
            <div class="row">
              <button type="submit" aria-describedby={`proposal-${proposal.id}`}>
                {t(language, 'substitution.approve')}
              </button>
              <span class="quiet small" id={`proposal-${proposal.id}`}>
                <bdi>{proposal.functional_title ?? proposal.name}</bdi>
              </span>
            </div>
          </PersonalForm>
          <PersonalForm action={`${address}/substitutions/${proposal.id}/refusal`} token={token}>
            <div class="field">
              <label for={`reason-${proposal.id}`}>{t(language, 'substitution.reason')}</label>
              <textarea
                id={`reason-${proposal.id}`}
                name="reason"
                maxLength={1000}
                dir="auto"
                required
              ></textarea>
            </div>
            <div class="row">
              <button type="submit" class="second">
                {t(language, 'substitution.refuse')}
              </button>
            </div>
          </PersonalForm>
        </div>
      ))}
    </section>
  );
}
