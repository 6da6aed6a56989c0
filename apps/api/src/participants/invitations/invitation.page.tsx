import type { VNode } from 'preact';
import { honoured, isolate, t, type Language } from '@app/mail';
import { isActive, mayAnswer, mayRegister, type KnownMechanism, type OwnInvitation } from '@app/participants';
import type { ShownDialogue } from '../personal-pages/dialogue-reader.service';
import { Agenda, DialogueFacts, DialogueHeading, DialogueStanding } from '../personal-pages/dialogue-view';
import { ErrorSummary, PersonalForm, type FormErrors, type FormValues } from '../../pages/form';
import { Page } from '../../pages/page';
import { languageLinks, type Opened } from '../personal-pages/personal-pages.service';
import { asksForFiles, questionLabels, type AskedInForm } from '../forms/question-fields';
import { RegistrationFields } from '../forms/registration-form';
import { DeclineFor } from '../substitutions/substitution';

interface InvitationPage {
  language: Language;
  opened: Opened<OwnInvitation>;
  shown: ShownDialogue;
  values: FormValues;
  errors: FormErrors;
  mechanisms: readonly KnownMechanism[];
  /** What the organisers of the dialogue ask. */
  asked: AskedInForm;
  /** Page of their registration, when they have one. */
  registrationAddress: string | null;
}

/** What an invited person sees: the dialogue in their own time, and the forms to answer with. */
export function invitationPage(page: InvitationPage): VNode {
  const { language, opened, shown, errors } = page;
  const { own, address } = opened;
  const { dialogue, over } = shown;
  const { state } = own.registration ?? {};
  // Someone who was refused is told so, and can't register by the invitation anew.
  const isRefused = state === 'refused';
  const isStanding = state !== undefined && (isActive(state) || isRefused);
  const isWrong = Object.keys(errors).length > 0;
  const title = isWrong ? t(language, 'form.problem_title', { title: dialogue.title }) : dialogue.title;
  const now = { ...dialogue, over };
  return (
    <Page title={title} language={language} languages={languageLinks()} cleanAddress={address}>
      <DialogueHeading language={language} dialogue={dialogue} eyebrow="invitation.eyebrow" />
      <ErrorSummary language={language} errors={errors} labels={questionLabels(page.asked, language)} />
      <DialogueStanding language={language} shown={shown} />
      <Greeting page={page} isStanding={isStanding} />
      <section class="card" aria-labelledby="about">
        <h2 id="about">{t(language, 'dialogue.about')}</h2>
        <DialogueFacts
          language={language}
          dialogue={dialogue}
          timeZone={own.data.timeZone}
          attends={own.data.attends}
        />
      </section>
      <Agenda language={language} shown={shown} timeZone={own.data.timeZone} />
      {!isStanding && mayRegister(now) && <Acceptance page={page} />}
      {mayAnswer(now) && own.state !== 'declined' && !isRefused && (
        <Declination page={page} isStanding={isStanding} />
      )}
    </Page>
  );
}

function Greeting({ page, isStanding }: { page: InvitationPage; isStanding: boolean }): VNode | null {
  const { language, opened, shown, registrationAddress } = page;
  const { own } = opened;
  const isOpen = mayRegister({ ...shown.dialogue, over: shown.over });
  const name = honoured({ honorific: own.data.honorific, name: own.name });
  if (isStanding) {
    const { state } = own.registration!;
    return (
      <div class={`notice ${state === 'confirmed' ? 'good' : 'warn'}`}>
        <p class="small quiet">{t(language, 'registration.of', { name })}</p>
        <h2>{t(language, `registration.${state}`)}</h2>
        <p>
          <a href={registrationAddress!}>{t(language, 'registration.manage')}</a>
        </p>
      </div>
    );
  }
  if (own.state === 'declined') {
    const hasWithdrawn = own.registration?.state === 'withdrawn';
    return (
      <div class="notice">
        <h2>{t(language, hasWithdrawn ? 'registration.withdrawn' : 'invitation.declined')}</h2>
        {isOpen && <p>{t(language, 'invitation.declined.more')}</p>}
      </div>
    );
  }
  if (!isOpen) return null;
  return (
    <div class="stack">
      <p>{t(language, 'invitation.greeting', { name: isolate(name) })}</p>
      <p>{t(language, 'invitation.lead')}</p>
      {own.nomination && (
        <p>
          {t(language, 'mail.nominated', {
            by: 'other',
            person: '',
            delegation: isolate(own.nomination.delegation),
            role: own.nomination.role ?? 'other',
          })}
        </p>
      )}
      <p class="row">
        <a class="button" href="#accept">
          {t(language, 'invitation.accept')}
        </a>
        <a class="button second" href="#decline">
          {t(language, 'invitation.decline')}
        </a>
      </p>
      <p class="quiet small">{t(language, 'invitation.not_you', { name: isolate(own.name) })}</p>
    </div>
  );
}

function Acceptance({ page }: { page: InvitationPage }): VNode {
  const { language, opened, values, errors, mechanisms, asked } = page;
  return (
    <section class="card" aria-labelledby="accept">
      <div class="stack">
        <h2 id="accept">{t(language, 'invitation.accept.title')}</h2>
        <p>
          <strong>
            <bdi>{opened.own.name}</bdi>
          </strong>
        </p>
      </div>
      <PersonalForm
        action={`${opened.address}/acceptance?lang=${language}`}
        token={opened.token}
        hasFiles={asksForFiles(asked)}
      >
        <RegistrationFields {...{ language, values, errors, mechanisms, asked }} />
        <div class="row">
          <button type="submit">{t(language, 'invitation.accept')}</button>
        </div>
      </PersonalForm>
    </section>
  );
}

function Declination({ page, isStanding }: { page: InvitationPage; isStanding: boolean }): VNode {
  const { language, opened } = page;
  return (
    <section class="card" aria-labelledby="decline">
      <div class="stack">
        <h2 id="decline">
          {t(language, isStanding ? 'invitation.decline_now' : 'invitation.decline.title')}
        </h2>
        {isStanding && <p>{t(language, 'invitation.decline_now.more')}</p>}
        <DeclineFor
          {...{ language, opened }}
          shown={page.shown}
          registrationAddress={page.registrationAddress}
        />
      </div>
      <PersonalForm action={`${opened.address}/declination`} token={opened.token}>
        <div class="field">
          <label for="reason">{t(language, 'form.reason')}</label>
          <textarea id="reason" name="reason" maxLength={1000} dir="auto"></textarea>
        </div>
        <div class="row">
          <button type="submit" class="second">
            {t(language, 'invitation.decline')}
          </button>
        </div>
      </PersonalForm>
    </section>
  );
}
