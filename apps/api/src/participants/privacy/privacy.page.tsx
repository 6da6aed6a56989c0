import type { VNode } from 'preact';
import type { Dialogue } from '@app/dialogues';
import { direction, t, type Language } from '@app/mail';
import { noticeFor, type CurrentNotice } from '@app/participants';
import { Page } from '../../pages/page';
import { languageLinks } from '../personal-pages/personal-pages.service';

/** What people are told about their data in a dialogue. */
export function privacyNoticePage(language: Language, dialogue: Dialogue, notice: CurrentNotice): VNode {
  const written = noticeFor(notice, language, dialogue.workingLanguages);
  const title = t(language, 'privacy.notice');
  return (
    <Page title={title} language={language} languages={languageLinks()}>
      <p class="eyebrow">
        <bdi>{dialogue.title}</bdi>
      </p>
      <h1>{title}</h1>
      <div class="card" lang={written.language} dir={direction(written.language)}>
        {paragraphs(written.text).map((paragraph) => (
          <p>{paragraph}</p>
        ))}
      </div>
      <p class="quiet small">{t(language, 'privacy.version', { version: notice.version })}</p>
      <p>
        <a href={`/d/${dialogue.slug}?lang=${language}`}>{t(language, 'open.back')}</a>
      </p>
    </Page>
  );
}

/** After an erasure. */
export function dataErasedPage(language: Language, dialogue: Dialogue): VNode {
  const title = t(language, 'privacy.erased');
  return (
    <Page title={title} language={language} languages={languageLinks()}>
      <p class="eyebrow">
        <bdi>{dialogue.title}</bdi>
      </p>
      <h1>{title}</h1>
      <div class="card">
        <p>{t(language, 'privacy.erased.more')}</p>
      </div>
    </Page>
  );
}

/** An empty line ends a paragraph. */
function paragraphs(text: string): string[] {
  return text.split(/\r?\n\s*\r?\n/u).filter((paragraph) => paragraph.trim() !== '');
}
