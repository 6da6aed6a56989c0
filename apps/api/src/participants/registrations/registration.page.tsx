import type { VNode } from 'preact';
import { dateTimeFormat, formatZone, honoured, isolate, t, type Language } from '@app/mail';
import {
  attendsInPerson,
  hasLinkToJoin,
  isActive,
  mayAnswer,
  mayRegister,
  maySayWhetherListed,
  takesPart,
  type KnownMechanism,
  type OwnRegistration,
  type OwnSubstitution,
} from '@app/participants';
import type { ShownDialogue } from '../personal-pages/dialogue-reader.service';
import { Agenda, DialogueFacts, DialogueHeading, DialogueStanding } from '../personal-pages/dialogue-view';
import { ErrorSummary, PersonalForm, type FormErrors, type FormValues } from '../../pages/form';
import { Page } from '../../pages/page';
import { Timed } from '../../pages/timed';
import { languageLinks, type Opened } from '../personal-pages/personal-pages.service';
import { asksForFiles, questionLabels, type AskedInForm } from '../forms/question-fields';
import { CalendarLinks } from '../feeds/calendar-links';
import { DoorCode } from '../attendance/door-code';
import { ConsentField, RegistrationFields } from '../forms/registration-form';
import { SubstitutionCard, SubstitutionNotice } from '../substitutions/substitution';

interface RegistrationPage {
  language: Language;
  opened: Opened<OwnRegistration>;
  shown: ShownDialogue;
  values: FormValues;
  errors: FormErrors;
  mechanisms: readonly KnownMechanism[];
  /** What the organisers of the dialogue ask. */
  asked: AskedInForm;
  /** Their changes were just saved. */
  isSaved: boolean;
  /** Who comes in whose place. */
  substitution: OwnSubstitution;
  /** What the code for the door holds. */
  codeUrl: string;
  /** The personal link to join. */
  joinPath: string;
  /** Of their own calendar feed. */
  feedUrl: string;
}

const TONE = {
  awaiting_approval: 'warn',
  offered: 'warn',
  under_review: 'warn',
  refused: '',
  confirmed: 'good',
  waitlisted: 'warn',
  withdrawn: '',
  unconfirmed: 'warn',
} as const;

/** What a registered person sees: where they stand, the dialogue in their own time, and what they can do. */
export function registrationPage(page: RegistrationPage): VNode {
  const { language, opened, shown, errors, isSaved } = page;
  const { own, address } = opened;
  const { dialogue, over } = shown;
  const now = { ...dialogue, over };
  // Someone to whom a place is offered says yes or no first.
  const mayChange = isActive(own.state) && own.state !== 'offered' && mayAnswer(now);
  // Whoever is under review keeps the place, and is let in once that is decided.
  const isAwaited = own.state === 'confirmed' && dialogue.state === 'published' && !over;
  const hasLink = hasLinkToJoin(dialogue.venue, own.data.attends);
  const joinUrl = isAwaited && hasLink ? page.joinPath : undefined;
  const isWrong = Object.keys(errors).length > 0;
  const title = isWrong ? t(language, 'form.problem_title', { title: dialogue.title }) : dialogue.title;
  return (
    <Page title={title} language={language} languages={languageLinks()} cleanAddress={address}>
      <DialogueHeading language={language} dialogue={dialogue} eyebrow="registration.eyebrow" />
      <ErrorSummary language={language} errors={errors} labels={questionLabels(page.asked, language)} />
      <DialogueStanding language={language} shown={shown} />
      {isSaved && (
        <div class="notice good" role="status">
          <p>{t(language, 'registration.saved')}</p>
        </div>
      )}
      <Standing page={page} joinUrl={joinUrl} />
      {own.state === 'offered' && mayAnswer(now) && !own.offerIsOver && <Offer page={page} />}
      <SubstitutionNotice language={language} substitution={page.substitution} />
      {isAwaited && attendsInPerson(dialogue.venue, own.data.attends) && (
        <DoorCode language={language} registrationId={own.id} url={page.codeUrl} />
      )}
      <section class="card" aria-labelledby="about">
        <h2 id="about">{t(language, 'dialogue.about')}</h2>
        <DialogueFacts
          language={language}
          dialogue={dialogue}
          timeZone={own.data.timeZone}
          attends={own.data.attends}
          joinUrl={joinUrl}
        />
      </section>
      {takesPart(own.state) && dialogue.state === 'published' && !over && (
        <CalendarLinks language={language} url={page.feedUrl} isPersonal />
      )}
      <Agenda language={language} shown={shown} timeZone={own.data.timeZone} />
      {own.state === 'confirmed' && (
        <p>
          <a href={`${opened.next}/participants?lang=${language}`}>{t(language, 'list.link')}</a>
        </p>
      )}
      {mayChange && <Change page={page} />}
      <SubstitutionCard
        {...{ language, opened, substitution: page.substitution }}
        values={{ language: own.data.language }}
        errors={{}}
      />
      {mayChange && <Withdrawal page={page} />}
      {!mayAnswer(now) && maySayWhetherListed(now, own.state) && <Consent page={page} />}
      {own.state === 'withdrawn' && !own.isRemoved && mayRegister(now) && <Again page={page} />}
      <p>
        <a href={`${opened.next}/data?lang=${language}`}>{t(language, 'privacy.link')}</a>
      </p>
      <p class="quiet small">{t(language, 'registration.keep_link')}</p>
    </Page>
  );
}

function Standing({ page, joinUrl }: { page: RegistrationPage; joinUrl?: string }): VNode {
  const { language, opened, shown } = page;
  const { own } = opened;
  const isOpen = mayRegister({ ...shown.dialogue, over: shown.over });
  return (
    <div class={`notice ${TONE[own.state]}`}>
      <p class="small quiet">
        {t(language, 'registration.of', {
          name: isolate(honoured({ honorific: own.data.honorific, name: own.name })),
        })}
      </p>
      <h2>{t(language, headlineOf(own))}</h2>
      {own.isRemoved ? (
        <p>{t(language, 'registration.removed.more')}</p>
      ) : own.offerIsOver ? (
        <p>{t(language, 'registration.offer.lapsed.more')}</p>
      ) : (
        isOpen && (
          <p>{t(language, `registration.${own.state}.more`, { position: own.waitlistPosition ?? 0 })}</p>
        )
      )}
      {joinUrl && (
        <p class="row">
          <a class="button" href={joinUrl} rel="noreferrer noopener">
            {t(language, 'dialogue.join')}
          </a>
        </p>
      )}
      {own.state === 'unconfirmed' && isOpen && (
        <PersonalForm action={`${opened.address}/confirmation`} token={opened.token}>
          <div class="row">
            <button type="submit">{t(language, 'registration.confirm')}</button>
          </div>
        </PersonalForm>
      )}
    </div>
  );
}

function headlineOf(own: OwnRegistration) {
  if (own.isRemoved) return 'registration.removed';
  return own.offerIsOver ? 'registration.offer.lapsed' : (`registration.${own.state}` as const);
}

/** A place is held for them: they take it, a substitute with their own data, or decline it. */
function Offer({ page }: { page: RegistrationPage }): VNode {
  const { language, opened, shown, values, errors, mechanisms, asked, substitution } = page;
  const { own, address, token } = opened;
  return (
    <section class="card" aria-labelledby="offer">
      <h2 id="offer">{t(language, 'registration.offer.accept')}</h2>
      {own.offerExpiresAt && (
        <p>
          <Timed
            text={deadline(
              language,
              new Date(own.offerExpiresAt),
              own.data.timeZone,
              shown.dialogue.timeZone,
            )}
          />
        </p>
      )}
      <PersonalForm
        action={`${address}/offer-acceptance?lang=${language}`}
        token={token}
        hasFiles={substitution.standsInFor !== null && asksForFiles(asked)}
      >
        {substitution.standsInFor && (
          <RegistrationFields {...{ language, values, errors, mechanisms, asked }} />
        )}
        <div class="row">
          <button type="submit">{t(language, 'registration.offer.accept')}</button>
        </div>
      </PersonalForm>
      <PersonalForm action={`${address}/withdrawal`} token={token}>
        <div class="row">
          <button type="submit" class="danger">
            {t(language, 'registration.offer.decline')}
          </button>
        </div>
      </PersonalForm>
    </section>
  );
}

/** Until when an offer stands: by the reader's clock, and by the hosts' where that shows something else. */
function deadline(language: Language, until: Date, timeZone: string, hostZone: string): string {
  const at = (zone: string) => ({
    time: isolate(
      dateTimeFormat(language, {
        dateStyle: 'full',
        timeStyle: 'short',
        timeZone: zone,
      }).format(until),
    ),
    zone: formatZone(zone, until),
  });
  const [own, host] = [at(timeZone), at(hostZone)];
  if (own.time === host.time) return t(language, 'registration.offer.until', host);
  return t(language, 'registration.offer.until_both', {
    ...own,
    hostTime: host.time,
    hostZone: host.zone,
  });
}

function Change({ page }: { page: RegistrationPage }): VNode {
  const { language, opened, values, errors, mechanisms, asked } = page;
  return (
    <section class="card" aria-labelledby="change">
      <h2 id="change">{t(language, 'registration.change')}</h2>
      <PersonalForm
        action={`${opened.address}?lang=${language}`}
        token={opened.token}
        hasFiles={asksForFiles(asked)}
      >
        <RegistrationFields {...{ language, values, errors, mechanisms, asked }} />
        <div class="row">
          <button type="submit">{t(language, 'registration.save')}</button>
        </div>
      </PersonalForm>
    </section>
  );
}

/** What is left to decide when the dialogue is over. */
function Consent({ page }: { page: RegistrationPage }): VNode {
  const { language, opened, values, errors } = page;
  return (
    <section class="card" aria-labelledby="consent">
      <h2 id="consent">{t(language, 'registration.consent')}</h2>
      <PersonalForm action={`${opened.address}?lang=${language}`} token={opened.token}>
        <ConsentField form={{ language, values, errors }} />
        <div class="row">
          <button type="submit">{t(language, 'registration.save')}</button>
        </div>
      </PersonalForm>
    </section>
  );
}

/** In two steps, without a script: open, then say yes. */
function Withdrawal({ page }: { page: RegistrationPage }): VNode {
  const { language, opened } = page;
  return (
    <details class="card">
      <summary>{t(language, 'registration.withdraw')}</summary>
      <PersonalForm action={`${opened.address}/withdrawal`} token={opened.token}>
        <p>{t(language, 'registration.withdraw.more')}</p>
        <div class="row">
          <button type="submit" class="danger">
            {t(language, 'registration.withdraw.yes')}
          </button>
        </div>
      </PersonalForm>
    </details>
  );
}

function Again({ page }: { page: RegistrationPage }): VNode {
  const { language, opened, values, errors, mechanisms, asked } = page;
  return (
    <section class="card" aria-labelledby="again">
      <h2 id="again">{t(language, 'registration.again')}</h2>
      <PersonalForm
        action={`${opened.address}/registration?lang=${language}`}
        token={opened.token}
        hasFiles={asksForFiles(asked)}
      >
        <RegistrationFields {...{ language, values, errors, mechanisms, asked }} />
        <div class="row">
          <button type="submit">{t(language, 'registration.again')}</button>
        </div>
      </PersonalForm>
    </section>
  );
}
