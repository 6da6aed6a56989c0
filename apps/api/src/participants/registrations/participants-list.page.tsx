import type { VNode } from 'preact';
import { t, type Language } from '@app/mail';
import type { OwnRegistration } from '@app/participants';
import type { ParticipantsList } from '@app/proceedings';
import { Page } from '../../pages/page';
import { listInWords } from '../../proceedings/views/participants-list';
import { listWithWords } from '../../proceedings/views/people-in-words';
import { languageLinks, type Opened } from '../personal-pages/personal-pages.service';

interface ParticipantsListPage {
  language: Language;
  opened: Opened<OwnRegistration>;
  list: ParticipantsList;
}

/** The list of participants as one of them sees it. */
export function participantsListPage({ language, opened, list }: ParticipantsListPage): VNode {
  const written = listInWords(listWithWords(list, language), language);
  return (
    <Page
      title={written.title}
      language={language}
      languages={languageLinks()}
      cleanAddress={`${opened.address}/participants`}
    >
      <p class="eyebrow">{written.kind}</p>
      <h1>
        <bdi>{list.dialogue.title}</bdi>
      </h1>
      <section class="card annex" aria-label={written.kind}>
        <p class="quiet small">{written.hint}</p>
        {written.nobody && <p>{written.nobody}</p>}
        {written.groups.map(({ title, entries }) => (
          <>
            {title && <h2>{title}</h2>}
            <ol class="participants" start={entries[0]!.number}>
              {entries.map(({ text }) => (
                <li>{text}</li>
              ))}
            </ol>
          </>
        ))}
      </section>
      <p class="quiet small">{t(language, 'list.your_choice')}</p>
      <p>
        <a href={`${opened.next}?lang=${language}`}>{t(language, 'list.back')}</a>
      </p>
    </Page>
  );
}
