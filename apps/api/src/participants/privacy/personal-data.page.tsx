import type { VNode } from 'preact';
import type { Dialogue } from '@app/dialogues';
import { honoured, isolate, t, type Language, type MessageKey } from '@app/mail';
import type { OwnRegistration } from '@app/participants';
import {
  ErrorSummary,
  PersonalForm,
  TextField,
  type FormErrors,
  type FormState,
  type FormValues,
} from '../../pages/form';
import { Page } from '../../pages/page';
import { languageLinks, type Opened } from '../personal-pages/personal-pages.service';

/** The forms of the page, each of which needs a code. */
export type DataForm = 'file' | 'correct' | 'address' | 'erase';

interface PersonalDataPage {
  language: Language;
  opened: Opened<OwnRegistration>;
  dialogue: Dialogue;
  /** Whether their name is still for themselves to change. */
  mayRename: boolean;
  /** Where codes go, masked. */
  mailbox: { address: string; newAddressWaits: boolean };
  /** What just happened. */
  said: 'sent' | 'corrected' | 'limit' | null;
  /** Which form was wrong, with what was typed. */
  wrong: { form: DataForm; values: FormValues; errors: FormErrors } | null;
}

/** Where somebody gets, corrects or erases what is held about them. Shows no more than their name and a masked address. */
export function personalDataPage(page: PersonalDataPage): VNode {
  const { language, opened, dialogue, mailbox, wrong } = page;
  const title = t(language, 'privacy.title');
  return (
    <Page
      title={wrong ? t(language, 'form.problem_title', { title }) : title}
      language={language}
      languages={languageLinks().map((link) => ({ ...link, href: `${opened.next}/data${link.href}` }))}
      cleanAddress={`${opened.address}/data`}
    >
      <p class="eyebrow">
        <bdi>{dialogue.title}</bdi>
      </p>
      <h1>{title}</h1>
      {wrong && <ErrorSummary language={language} errors={wrong.errors} prefix={`${wrong.form}-`} />}
      <Said page={page} />
      <p>
        {t(language, 'registration.of', {
          name: isolate(honoured({ honorific: opened.own.data.honorific, name: opened.own.name })),
        })}
      </p>
      <p>{t(language, 'privacy.lead', { address: isolate(mailbox.address) })}</p>
      {mailbox.newAddressWaits && (
        <Section page={page} form="address" action="address" words="privacy.new_address" />
      )}
      <section class="card" aria-labelledby="code">
        <h2 id="code">{t(language, 'privacy.code')}</h2>
        <p>{t(language, 'privacy.code.more')}</p>
        <PersonalForm action={`${opened.address}/code?lang=${language}`} token={opened.token}>
          <div class="row">
            <button type="submit">
              {t(language, page.said === null ? 'privacy.code.button' : 'privacy.code.again')}
            </button>
          </div>
        </PersonalForm>
      </section>
      <Section page={page} form="file" action="data" words="privacy.file" />
      <Section page={page} form="correct" action="correction" words="privacy.correct" />
      <Section page={page} form="erase" action="erasure" words="privacy.erase" />
      <p>
        <a href={`${opened.next}?lang=${language}`}>{t(language, 'privacy.back')}</a>
      </p>
    </Page>
  );
}

function Said({ page: { language, said, mailbox } }: { page: PersonalDataPage }): VNode | null {
  if (said === null) return null;
  const isBad = said === 'limit';
  const words = {
    sent: t(language, 'privacy.code.sent', { address: isolate(mailbox.address) }),
    corrected: t(language, 'privacy.corrected'),
    limit: t(language, 'privacy.code.limit'),
  };
  return (
    <div class={`notice ${isBad ? 'bad' : 'good'}`} role={isBad ? 'alert' : 'status'}>
      <p>{words[said]}</p>
    </div>
  );
}

/** One of the forms: what it does, the code, the button. */
function Section({
  page,
  form,
  action,
  words,
}: {
  page: PersonalDataPage;
  form: DataForm;
  action: string;
  words: 'privacy.file' | 'privacy.correct' | 'privacy.new_address' | 'privacy.erase';
}): VNode {
  const { language, opened, wrong } = page;
  const isWrong = wrong?.form === form;
  const state: FormState = {
    language,
    values: isWrong ? wrong.values : { name: opened.own.name },
    errors: isWrong ? wrong.errors : {},
    prefix: `${form}-`,
  };
  return (
    <section class="card" aria-labelledby={form}>
      <h2 id={form}>{t(language, words)}</h2>
      <p>
        {t(
          language,
          form === 'correct' && !page.mayRename
            ? 'privacy.correct.address_only'
            : (`${words}.more` satisfies MessageKey),
        )}
      </p>
      <PersonalForm action={`${opened.address}/${action}?lang=${language}`} token={opened.token}>
        {form === 'correct' && (
          <>
            {(page.mayRename || (isWrong && 'name' in wrong.errors)) && (
              <TextField form={state} name="name" required hint autocomplete="name" />
            )}
            <TextField form={state} name="new_email" hint type="email" autocomplete="email" dir="ltr" />
          </>
        )}
        <TextField form={state} name="code" required hint autocomplete="one-time-code" dir="ltr" />
        <div class="row">
          <button type="submit" class={form === 'erase' ? 'danger' : undefined}>
            {t(language, `${words}.button` satisfies MessageKey)}
          </button>
        </div>
      </PersonalForm>
    </section>
  );
}
