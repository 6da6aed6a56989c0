import type { VNode } from 'preact';
import { readerLanguage, t, type Language } from '@app/mail';
import type { Dialogue } from '@app/dialogues';
import { Page } from '../pages/page';
import { languageLinks } from '../participants/personal-pages/personal-pages.service';

/** Asks whether somebody wants fewer mails, or says that they get fewer and lets them take it back. */
export function unsubscribePage(
  language: Language,
  dialogue: Dialogue,
  { address, unsubscribed }: { address: string; unsubscribed: boolean },
): VNode {
  const title = t(language, unsubscribed ? 'unsubscribe.done' : 'unsubscribe.title');
  return (
    <Page title={title} language={language} languages={languageLinks()}>
      <p class="eyebrow">
        <bdi lang={readerLanguage(dialogue.workingLanguages[0]!)}>{dialogue.title}</bdi>
      </p>
      <h1>{title}</h1>
      <div class="card">
        {!unsubscribed && <p>{t(language, 'unsubscribe.lead')}</p>}
        <p>{t(language, 'unsubscribe.ends')}</p>
        <p>{t(language, 'unsubscribe.stays')}</p>
        <form method="post" action={`${address}${unsubscribed ? '/undo' : ''}?lang=${language}`}>
          <div class="row">
            <button type="submit" class={unsubscribed ? 'second' : undefined}>
              {t(language, unsubscribed ? 'unsubscribe.undo' : 'unsubscribe.button')}
            </button>
          </div>
        </form>
      </div>
      <p>
        <a href={`/d/${dialogue.slug}?lang=${language}`}>{t(language, 'open.back')}</a>
      </p>
    </Page>
  );
}
