import type { VNode } from 'preact';
import type { Dialogue } from '@app/dialogues';
import { t, type Language } from '@app/mail';
import { ErrorSummary, TextField, type FormErrors } from '../../pages/form';
import { Page } from '../../pages/page';
import { languageLinks } from '../personal-pages/personal-pages.service';

/** @param wrong an address that was typed and is none. */
export function lostLinkPage(language: Language, dialogue: Dialogue, wrong?: string): VNode {
  const errors: FormErrors =
    wrong === undefined ? {} : { email: wrong === '' ? 'required' : 'email_invalid' };
  const title = t(language, 'link_again.title');
  return (
    <Page
      title={wrong === undefined ? title : t(language, 'form.problem_title', { title })}
      language={language}
      languages={languageLinks().map((link) => ({ ...link, href: `/d/${dialogue.slug}/link${link.href}` }))}
    >
      <p class="eyebrow">
        <bdi>{dialogue.title}</bdi>
      </p>
      <h1>{title}</h1>
      <ErrorSummary language={language} errors={errors} />
      <div class="card">
        <p>{t(language, 'link_again.lead')}</p>
        <form method="post" action={`/d/${dialogue.slug}/link?lang=${language}`} noValidate>
          <TextField
            form={{ language, values: { email: wrong ?? '' }, errors }}
            name="email"
            required
            type="email"
            autocomplete="email"
            dir="ltr"
          />
          <div class="row">
            <button type="submit">{t(language, 'link_again.button')}</button>
          </div>
        </form>
      </div>
      <p>
        <a href={`/d/${dialogue.slug}?lang=${language}`}>{t(language, 'open.back')}</a>
      </p>
    </Page>
  );
}

/** After the form was sent; says nothing about whether the address is known. */
export function linkSentPage(language: Language, dialogue: Dialogue): VNode {
  const title = t(language, 'link_again.sent');
  return (
    <Page
      title={title}
      language={language}
      languages={languageLinks().map((link) => ({
        ...link,
        href: `/d/${dialogue.slug}/link${link.href}&sent`,
      }))}
    >
      <p class="eyebrow">
        <bdi>{dialogue.title}</bdi>
      </p>
      <h1>{title}</h1>
      <div class="card">
        <p>{t(language, 'link_again.sent.more')}</p>
        <p>
          <a href={`/d/${dialogue.slug}?lang=${language}`}>{t(language, 'open.back')}</a>
        </p>
      </div>
    </Page>
  );
}
