import type { VNode } from 'preact';
import { t, type Language } from '@app/mail';
import { mayRegister, type KnownMechanism } from '@app/participants';
import type { ShownDialogue } from '../personal-pages/dialogue-reader.service';
import { Agenda, DialogueFacts, DialogueHeading, DialogueStanding } from '../personal-pages/dialogue-view';
import { ErrorSummary, type FormErrors, type FormValues } from '../../pages/form';
import { Page } from '../../pages/page';
import { languageLinks } from '../personal-pages/personal-pages.service';
import { asksForFiles, questionLabels, type AskedInForm } from '../forms/question-fields';
import { CalendarLinks } from '../feeds/calendar-links';
import { RegistrationFields } from '../forms/registration-form';

interface PublicDialogue {
  language: Language;
  shown: ShownDialogue;
  values: FormValues;
  errors: FormErrors;
  mechanisms: readonly KnownMechanism[];
  /** What its organisers ask. */
  asked: AskedInForm;
  /** Whether its note for file is published. */
  hasNote: boolean;
  /** Of its public calendar feed. */
  feedUrl: string;
}

/** What anybody may see of a dialogue, with the form where registration is open. */
export function publicDialoguePage(properties: PublicDialogue): VNode {
  const { language, shown, values, errors, mechanisms, asked, hasNote, feedUrl } = properties;
  const { dialogue, over } = shown;
  const isWrong = Object.keys(errors).length > 0;
  const title = isWrong ? t(language, 'form.problem_title', { title: dialogue.title }) : dialogue.title;
  const links = languageLinks().map((link) => ({ ...link, href: `/d/${dialogue.slug}${link.href}` }));
  return (
    <Page title={title} language={language} languages={links} hasScript={asked.asking.questions.length > 0}>
      <DialogueHeading language={language} dialogue={dialogue} />
      <ErrorSummary language={language} errors={errors} labels={questionLabels(asked, language)} />
      <DialogueStanding language={language} shown={shown} />
      {hasNote && (
        <section class="card" aria-labelledby="note">
          <h2 id="note">{t(language, 'note.heading')}</h2>
          <p>{t(language, 'note.link_lead')}</p>
          <p>
            <a href={`/d/${dialogue.slug}/note?lang=${language}`}>{t(language, 'note.link')}</a>
          </p>
        </section>
      )}
      <section class="card" aria-labelledby="about">
        <h2 id="about">{t(language, 'dialogue.about')}</h2>
        <DialogueFacts language={language} dialogue={dialogue} />
      </section>
      {dialogue.state === 'published' && !over && <CalendarLinks language={language} url={feedUrl} />}
      <Agenda language={language} shown={shown} />
      {mayRegister({ ...dialogue, over }) && (
        <section class="card" aria-labelledby="register">
          <div class="stack">
            <h2 id="register">{t(language, 'open.title')}</h2>
            {dialogue.registration === 'open' ? (
              <>
                <p>{t(language, 'open.lead')}</p>
                <p class="quiet small">{t(language, 'open.invited')}</p>
              </>
            ) : (
              <p>{t(language, 'open.by_invitation')}</p>
            )}
            <p class="quiet small">
              <a href={`/d/${dialogue.slug}/link?lang=${language}`}>{t(language, 'link_again.title')}</a>
            </p>
          </div>
          {dialogue.registration === 'open' && (
            <form
              method="post"
              action={`/d/${dialogue.slug}/registrations?lang=${language}`}
              encType={asksForFiles(asked) ? 'multipart/form-data' : undefined}
              noValidate
            >
              <RegistrationFields {...{ language, values, errors, mechanisms, asked }} newcomer />
              <div class="row">
                <button type="submit">{t(language, 'open.submit')}</button>
              </div>
            </form>
          )}
        </section>
      )}
    </Page>
  );
}

/** After the form was sent; says nothing about whether the address is known. */
export function registrationReceivedPage(language: Language, { dialogue }: ShownDialogue): VNode {
  const links = languageLinks().map((link) => ({
    ...link,
    href: `/d/${dialogue.slug}/registrations${link.href}`,
  }));
  return (
    <Page title={t(language, 'open.received')} language={language} languages={links}>
      <p class="eyebrow">
        <bdi>{dialogue.title}</bdi>
      </p>
      <h1>{t(language, 'open.received')}</h1>
      <div class="card">
        <p>{t(language, 'open.received.more')}</p>
        <p>
          <a href={`/d/${dialogue.slug}?lang=${language}`}>{t(language, 'open.back')}</a>
        </p>
      </div>
    </Page>
  );
}
