import type { VNode } from 'preact';
import {
  dateTimeFormat,
  formatPeriod,
  formatZone,
  isolate,
  readerLanguage,
  t,
  type Language,
} from '@app/mail';
import { joinOpensAt, type Joining } from '@app/participants';
import { Page } from '../../pages/page';
import { Timed } from '../../pages/timed';
import { languageLinks } from '../personal-pages/personal-pages.service';

/** What a link to join opens: one button, since scanners open every link and would all have come. */
export function joinPage({
  language,
  joining,
  token,
}: {
  language: Language;
  joining: Joining;
  token: string;
}): VNode {
  const { dialogue, registration, platform } = joining;
  const { timeZone } = registration;
  return (
    <Page title={t(language, 'join.title')} language={language} languages={languageLinks()}>
      <div class="stack">
        <p class="eyebrow">{t(language, 'join.title')}</p>
        <h1>
          <bdi lang={readerLanguage(dialogue.workingLanguages[0]!)}>{dialogue.title}</bdi>
        </h1>
        <p class="lead">
          <Timed
            text={t(language, 'dialogue.time_here', {
              time: formatPeriod(language, dialogue.startsAt, dialogue.endsAt, timeZone),
              zone: formatZone(timeZone, dialogue.startsAt, dialogue.endsAt),
            })}
          />
        </p>
        {platform && <p>{t(language, 'dialogue.virtual', { platform: isolate(platform) })}</p>}
      </div>
      <section class="card" aria-label={t(language, 'join.title')}>
        <Way language={language} joining={joining} token={token} />
      </section>
      <p class="quiet small">{t(language, 'join.personal')}</p>
    </Page>
  );
}

function Way({ language, joining, token }: { language: Language; joining: Joining; token: string }): VNode {
  const { standing, dialogue, registration, hasLink } = joining;
  if (!registration.mayEnter) return <p>{t(language, 'join.not_confirmed')}</p>;
  if (standing === 'not_held') return <p>{t(language, 'door.not_held')}</p>;
  if (standing === 'over') return <p>{t(language, 'join.over')}</p>;
  if (!hasLink) return <p>{t(language, 'join.nowhere')}</p>;
  if (standing === 'early') {
    const opensAt = joinOpensAt(dialogue);
    const { timeZone } = registration;
    return (
      <>
        <p>
          <Timed
            text={t(language, 'join.opens', {
              time: isolate(`${instantIn(language, opensAt, timeZone)} (${formatZone(timeZone, opensAt)})`),
            })}
          />
        </p>
        <p>{t(language, 'join.try.more')}</p>
        <form method="post" action={`/j/${token}`}>
          <div class="row">
            <button type="submit" class="second">
              {t(language, 'join.try')}
            </button>
          </div>
        </form>
      </>
    );
  }
  return (
    <>
      <p>{t(language, 'join.as', { name: isolate(registration.name) })}</p>
      <p>{t(language, 'join.noted')}</p>
      <form method="post" action={`/j/${token}`}>
        <div class="row">
          <button type="submit">{t(language, 'join.button')}</button>
        </div>
      </form>
    </>
  );
}

/** "Thursday, 28 January 2027 at 10:00", in a zone. */
function instantIn(language: Language, instant: Date, timeZone: string): string {
  return dateTimeFormat(language, {
    dateStyle: 'full',
    timeStyle: 'short',
    hourCycle: 'h23',
    timeZone,
  }).format(instant);
}
