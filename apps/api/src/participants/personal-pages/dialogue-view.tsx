import type { VNode } from 'preact';
import type { Dialogue, DialogueDocument } from '@app/dialogues';
import {
  formatPeriod,
  formatTimes,
  formatZone,
  formatList,
  isolate,
  readerLanguage,
  t,
  type Language,
  type MessageKey,
} from '@app/mail';
import { attendsOnline, type Attends } from '@app/participants';
import { Timed } from '../../pages/timed';
import type { ShownDialogue } from './dialogue-reader.service';

/** Title and purpose, under a word that says what page this is. */
export function DialogueHeading({
  language,
  dialogue,
  eyebrow,
}: {
  language: Language;
  dialogue: Dialogue;
  eyebrow?: MessageKey;
}): VNode {
  return (
    <div class="stack">
      {eyebrow && <p class="eyebrow">{t(language, eyebrow)}</p>}
      <h1>
        <Own dialogue={dialogue} text={dialogue.title} />
      </h1>
      {dialogue.purpose && (
        <p class="lead">
          <Own dialogue={dialogue} text={dialogue.purpose} />
        </p>
      )}
    </div>
  );
}

/** When, where, who: with the reader's own time beside the hosts' where their zone is known. */
export function DialogueFacts({
  language,
  dialogue,
  timeZone,
  attends = null,
  joinUrl,
}: {
  language: Language;
  dialogue: Dialogue;
  /** The reader's zone. */
  timeZone?: string;
  /** Whether the reader comes or joins online; null while that is open. */
  attends?: Attends | null;
  /** Only for the confirmed. */
  joinUrl?: string;
}): VNode {
  const { startsAt, endsAt, hosts, workingLanguages, documents } = dialogue;
  const period = (zone: string): string =>
    t(language, 'dialogue.time_here', {
      time: formatPeriod(language, startsAt, endsAt, zone),
      zone: formatZone(zone, startsAt, endsAt),
    });
  const names = new Intl.DisplayNames(language, { type: 'language' });
  const isElsewhere = timeZone && period(timeZone) !== period(dialogue.timeZone);
  return (
    <dl class="facts">
      <dt>{t(language, 'dialogue.when')}</dt>
      <dd>
        {dialogue.state === 'postponed' ? (
          t(language, 'dialogue.untimed')
        ) : (
          <time dateTime={startsAt.toISOString()}>
            <Timed text={period(dialogue.timeZone)} />
          </time>
        )}
      </dd>
      {isElsewhere && dialogue.state !== 'postponed' && (
        <>
          <dt>{t(language, 'dialogue.your_time')}</dt>
          <dd>
            <strong>
              <Timed text={period(timeZone)} />
            </strong>
          </dd>
        </>
      )}
      <dt>{t(language, 'dialogue.where')}</dt>
      <dd>
        {placeOf(language, dialogue)}
        {joinUrl ? (
          <p class="small quiet">{t(language, 'dialogue.join_with_care')}</p>
        ) : (
          attendsOnline(dialogue.venue, attends) && (
            <p class="small quiet">{t(language, 'dialogue.join_later')}</p>
          )
        )}
      </dd>
      <dt>{t(language, 'dialogue.hosts', { count: hosts.length })}</dt>
      <dd>
        <ul class="plain">
          {hosts.map((host) => (
            <li>
              <bdi>{host}</bdi>
            </li>
          ))}
        </ul>
      </dd>
      <dt>{t(language, 'dialogue.working_languages')}</dt>
      <dd>
        {formatList(
          language,
          workingLanguages.map((tag) => names.of(tag) ?? tag),
          'plain',
        )}
      </dd>
      {documents.length > 0 && (
        <>
          <dt>{t(language, 'dialogue.documents')}</dt>
          <dd>
            <Documents documents={documents} />
          </dd>
        </>
      )}
    </dl>
  );
}

/** The agenda, with times in the reader's zone where it is known, else in the hosts'. */
export function Agenda({
  language,
  shown: { dialogue, sessions },
  timeZone = dialogue.timeZone,
}: {
  language: Language;
  shown: ShownDialogue;
  timeZone?: string;
}): VNode | null {
  if (sessions.length === 0) return null;
  const isTimed = dialogue.state !== 'postponed';
  return (
    <section class="card" aria-labelledby="agenda">
      <div class="stack">
        <h2 id="agenda">{t(language, 'dialogue.agenda')}</h2>
        {isTimed && (
          <p class="quiet small">
            <Timed
              text={t(language, 'dialogue.agenda_zone', {
                zone: formatZone(timeZone, dialogue.startsAt, sessions.at(-1)!.endsAt),
              })}
            />
          </p>
        )}
      </div>
      <ol class="agenda">
        {sessions.map((session) => (
          <li>
            <p class="time">
              {isTimed ? (
                <Timed text={formatTimes(language, session, dialogue, timeZone)} />
              ) : (
                t(language, 'dialogue.minutes', { count: session.minutes })
              )}
            </p>
            <div class="stack">
              <h3>
                <Own dialogue={dialogue} text={session.title} />
              </h3>
              <Moderator language={language} person={session.moderator} />
              {session.guidingQuestions.length > 0 && (
                <>
                  <p class="small quiet">{t(language, 'dialogue.guiding_questions')}</p>
                  <ul class="questions">
                    {session.guidingQuestions.map((question) => (
                      <li>
                        <Own dialogue={dialogue} text={question} />
                      </li>
                    ))}
                  </ul>
                </>
              )}
              {session.items.length > 0 && (
                <ul class="items">
                  {session.items.map((item) => (
                    <li>
                      <Own dialogue={dialogue} text={item.title} />
                      {isTimed && (
                        <span class="small quiet">
                          {' '}
                          <Timed text={formatTimes(language, item, session, timeZone)} />
                        </span>
                      )}
                      <Moderator language={language} person={item.moderator} />
                      {item.speakers.length > 0 && (
                        <p class="small quiet">
                          {t(language, 'dialogue.speakers', {
                            count: item.speakers.length,
                            people: formatList(language, item.speakers.map(isolate), 'plain'),
                          })}
                        </p>
                      )}
                      {item.documents.length > 0 && <Documents documents={item.documents} />}
                    </li>
                  ))}
                </ul>
              )}
            </div>
          </li>
        ))}
      </ol>
    </section>
  );
}

function Moderator({ language, person }: { language: Language; person: string | null }): VNode | null {
  return person ? (
    <p class="small quiet">{t(language, 'dialogue.moderator', { person: isolate(person) })}</p>
  ) : null;
}

function Documents({ documents }: { documents: DialogueDocument[] }): VNode {
  return (
    <ul class="plain">
      {documents.map(({ title, url }) => (
        <li>
          <a href={url} rel="noreferrer noopener">
            <bdi>{title}</bdi>
          </a>
        </li>
      ))}
    </ul>
  );
}

/** Says that it is cancelled, postponed or over. */
export function DialogueStanding({
  language,
  shown: { dialogue, over },
}: {
  language: Language;
  shown: ShownDialogue;
}): VNode | null {
  const standing =
    dialogue.state === 'cancelled' || dialogue.state === 'postponed' ? dialogue.state : over ? 'over' : null;
  if (!standing) return null;
  return (
    <div class={`notice ${standing === 'cancelled' ? 'bad' : 'warn'}`}>
      <h2>{t(language, `dialogue.${standing}`)}</h2>
      <p>{t(language, `dialogue.${standing}.more`)}</p>
      {standing !== 'over' && dialogue.cancellationReason && (
        <p>{t(language, 'dialogue.reason', { reason: isolate(dialogue.cancellationReason) })}</p>
      )}
    </div>
  );
}

/** Where it takes place, in words, without the link to join. */
function placeOf(language: Language, { venue }: Dialogue): string {
  const { kind, platform, room = '' } = venue;
  if (kind === 'in_person') return t(language, 'dialogue.in_person', { room: isolate(room) });
  if (kind === 'hybrid' && platform) {
    return t(language, 'dialogue.hybrid', { room: isolate(room), platform: isolate(platform) });
  }
  return platform
    ? t(language, 'dialogue.virtual', { platform: isolate(platform) })
    : t(language, 'dialogue.join_online');
}

/** The organiser's own words are in a language of the dialogue, whatever the language of the page. */
function Own({ dialogue, text }: { dialogue: Dialogue; text: string }): VNode {
  return <bdi lang={readerLanguage(dialogue.workingLanguages[0]!)}>{text}</bdi>;
}
