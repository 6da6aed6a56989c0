import type { VNode } from 'preact';
import { SIGN_IN_MINUTES } from '@app/accounts';
import { t, type Language } from '@app/mail';
import { Page } from '../../pages/page';

/** Asks for the address to which a one-time link is mailed. */
export function signInPage(language: Language, wrong?: { email: string }): VNode {
  const title = t(language, 'sign_in.title');
  return (
    <Page title={wrong ? t(language, 'form.problem_title', { title }) : title} language={language}>
      <section class="card">
        <h1>{title}</h1>
        <p>{t(language, 'sign_in.lead', { minutes: SIGN_IN_MINUTES })}</p>
        <form method="post" action="/sign-in" noValidate>
          <div class="field">
            <label for="email">{t(language, 'sign_in.email')}</label>
            {wrong && (
              <p id="email-error" class="error">
                {t(language, 'sign_in.email_invalid')}
              </p>
            )}
            <input
              id="email"
              name="email"
              type="email"
              autocomplete="email"
              required
              dir="ltr"
              value={wrong?.email}
              aria-invalid={wrong ? 'true' : undefined}
              aria-describedby={wrong ? 'email-error' : undefined}
            />
          </div>
          <div class="row">
            <button>{t(language, 'sign_in.send')}</button>
          </div>
        </form>
      </section>
    </Page>
  );
}

/** The same words for a known and an unknown address. */
export function linkSentPage(language: Language): VNode {
  return (
    <Page title={t(language, 'sign_in.sent.title')} language={language}>
      <section class="card">
        <h1>{t(language, 'sign_in.sent.title')}</h1>
        <p>{t(language, 'sign_in.sent', { minutes: SIGN_IN_MINUTES })}</p>
      </section>
    </Page>
  );
}

/** Behind the link in the mail. A mail scanner opens it and presses no button. */
export function signInButtonPage(language: Language, token: string, proof: string): VNode {
  return (
    <Page title={t(language, 'sign_in.title')} language={language}>
      <section class="card">
        <h1>{t(language, 'sign_in.title')}</h1>
        <p>{t(language, 'sign_in.press')}</p>
        <form method="post" action={`/sign-in/${token}`}>
          <input type="hidden" name="proof" value={proof} />
          <div class="row">
            <button>{t(language, 'sign_in.button')}</button>
          </div>
        </form>
      </section>
    </Page>
  );
}

/** One answer for a link that is wrong, expired or used. */
export function signInFailedPage(language: Language): VNode {
  return (
    <Page title={t(language, 'sign_in.failed.title')} language={language}>
      <section class="card">
        <h1>{t(language, 'sign_in.failed.title')}</h1>
        <p>{t(language, 'sign_in.failed', { minutes: SIGN_IN_MINUTES })}</p>
        <p>
          <a class="button" href="/sign-in">
            {t(language, 'sign_in.again')}
          </a>
        </p>
      </section>
    </Page>
  );
}
