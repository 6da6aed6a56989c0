import type { ComponentChildren, VNode } from 'preact';
import {
  brackets,
  formatDay,
  formatList,
  formatPeriod,
  formatTimes,
  formatZone,
  honoured,
  isolate,
  sign,
  t,
  type Language,
  type MessageKey,
} from '@app/mail';
import { nameKey } from '@app/platform';
import type {
  Annex,
  AnnexEntry,
  NamedPerson,
  NoteDocument,
  NoteDocumentIntervention,
  NoteDocumentSession,
} from '@app/proceedings';
import { Page, type LanguageLink } from '../../pages/page';
import { Timed } from '../../pages/timed';
import { knownKind, knownRole } from './known-words';

interface NotePageProperties {
  document: NoteDocument;
  annex: Annex;
  /** Of the page's own words; what the rapporteur wrote stays as written. */
  language: Language;
  languages?: LanguageLink[];
  isPreview?: boolean;
}

/** The note for file as a page that can be read, printed and filed. */
export function NotePage({ document, annex, language, languages, isPreview }: NotePageProperties): VNode {
  const { sessions } = document;
  return (
    <Page
      title={`${t(language, 'note.heading')}${sign(language, ':')}${document.title}`}
      language={language}
      {...(languages && { languages })}
    >
      {isPreview && (
        <div class="notice warn no-print">
          <p>
            <strong>{t(language, 'note.preview')}</strong>
          </p>
          <p>{t(language, 'note.preview_words')}</p>
        </div>
      )}
      <article class="card note">
        <Heading document={document} language={language} />
        {document.introduction && (
          <section aria-labelledby="introduction">
            <h2 id="introduction">{t(language, 'note.introduction')}</h2>
            <Words text={document.introduction} />
          </section>
        )}
        {sessions.map((session) => (
          <Session session={session} document={document} language={language} />
        ))}
        <Commitments sessions={sessions} language={language} />
        {document.way_forward && (
          <section aria-labelledby="way-forward">
            <h2 id="way-forward">{t(language, 'note.way_forward')}</h2>
            <Words text={document.way_forward} />
          </section>
        )}
        <AnnexSection annex={annex} language={language} />
      </article>
    </Page>
  );
}

function Heading({ document, language }: { document: NoteDocument; language: Language }): VNode {
  const [start, end] = [new Date(document.starts_at), new Date(document.ends_at)];
  const { kind, platform, room } = document.venue;
  return (
    <header class="stack">
      <p class="eyebrow">{t(language, 'note.heading')}</p>
      <h1>
        <bdi>{document.title}</bdi>
      </h1>
      <dl class="facts">
        <dt>{t(language, 'note.date')}</dt>
        <dd>
          <Timed
            text={t(language, 'dialogue.time_here', {
              time: formatPeriod(language, start, end, document.time_zone),
              zone: formatZone(document.time_zone, start, end),
            })}
          />
        </dd>
        <dt>{t(language, 'note.place')}</dt>
        <dd>
          {t(language, `dialogue.${kind}`, { platform: isolate(platform ?? ''), room: isolate(room ?? '') })}
        </dd>
        <dt>{t(language, 'note.hosts', { count: document.hosts.length })}</dt>
        <dd>
          <ul class="plain">
            {document.hosts.map((host) => (
              <li>
                <bdi>{host}</bdi>
              </li>
            ))}
          </ul>
        </dd>
      </dl>
    </header>
  );
}

function Session(properties: {
  session: NoteDocumentSession;
  document: NoteDocument;
  language: Language;
}): VNode {
  const { session, document, language } = properties;
  const id = `session-${session.number}`;
  const times = formatTimes(language, periodOf(session), periodOf(document), document.time_zone);
  return (
    <section aria-labelledby={id}>
      <h2 id={id}>
        {t(language, 'note.session', { number: session.number, title: isolate(session.title) })}
      </h2>
      <p class="quiet">
        <span class="time">
          <Timed text={times} />
        </span>
        {session.moderator && (
          <>
            {' · '}
            <Moderator person={session.moderator} language={language} />
          </>
        )}
      </p>
      {session.items.length > 0 && (
        <ul class="items">
          {session.items.map((item) => (
            <li>
              <bdi>{item.title}</bdi>
              {item.moderator && (
                <>
                  {sign(language, ':')}
                  <Person person={item.moderator} language={language} />
                </>
              )}
              {item.speakers.map((speaker, index) => (
                <>
                  {sign(language, index === 0 && !item.moderator ? ':' : ';')}
                  <Person person={speaker} language={language} />
                </>
              ))}
            </li>
          ))}
        </ul>
      )}
      {session.guiding_questions.length > 0 && (
        <>
          <h3>{t(language, 'note.guiding_questions')}</h3>
          <ol class="questions">
            {session.guiding_questions.map((question) => (
              <li>
                <bdi>{question}</bdi>
              </li>
            ))}
          </ol>
        </>
      )}
      {session.summary && <Words text={session.summary} />}
      {session.interventions.length > 0 && (
        <>
          <h3>{t(language, 'note.interventions')}</h3>
          <ol class="interventions plain">
            {session.interventions.map((intervention) => (
              <Intervention intervention={intervention} language={language} />
            ))}
          </ol>
        </>
      )}
    </section>
  );
}

function periodOf({ starts_at, ends_at }: { starts_at: string; ends_at: string }) {
  return { startsAt: new Date(starts_at), endsAt: new Date(ends_at) };
}

function Moderator({ person, language }: { person: NamedPerson; language: Language }): VNode {
  // The message holds the name's place; the person is put there as elements, not as text.
  const [before = '', after = ''] = t(language, 'note.moderator', { person: '\0' }).split('\0');
  return (
    <>
      {before}
      <Person person={person} language={language} />
      {after}
    </>
  );
}

function Intervention(properties: { intervention: NoteDocumentIntervention; language: Language }): VNode {
  const { intervention, language } = properties;
  const { speaker, reply, objectives, principles, commitment } = intervention;
  return (
    <li>
      <p class="speaker">
        <Person person={speaker} language={language} emphasis />
        {sign(language, ',')}
        <span class="capacity">{capacityWords(language, intervention)}</span>
      </p>
      <Words text={intervention.text} />
      {reply && (
        <div class="reply">
          <p class="eyebrow">{t(language, 'note.reply')}</p>
          <Words text={reply} />
        </div>
      )}
      {commitment && (
        <p>
          <strong>{t(language, 'note.commitment')}</strong>
          {sign(language, ':')}
          <bdi>{commitment.text}</bdi>
          {brackets(language)[0]}
          <Written text={commitment.kind} known={knownKind(language, commitment.kind)} />
          {commitment.due && (
            <>
              {sign(language, ',')}
              {t(language, 'note.due_by', { day: day(language, commitment.due) })}
            </>
          )}
          {brackets(language)[1]}
        </p>
      )}
      {objectives.length > 0 && (
        <p class="quiet small">
          {t(language, 'note.objectives', { count: objectives.length })}
          {sign(language, ':')}
          {formatList(language, objectives.map(String), 'plain')}
        </p>
      )}
      {principles.length > 0 && (
        <p class="quiet small">
          {t(language, 'note.principles', { count: principles.length })}
          {sign(language, ':')}
          <Separated language={language}>
            {principles.map((principle) => (
              <bdi>{principle}</bdi>
            ))}
          </Separated>
        </p>
      )}
    </li>
  );
}

function Commitments({ sessions, language }: { sessions: NoteDocumentSession[]; language: Language }) {
  const made = sessions.flatMap(({ interventions }) =>
    interventions.flatMap((intervention) =>
      intervention.commitment ? { ...intervention, commitment: intervention.commitment } : [],
    ),
  );
  if (made.length === 0) return null;
  return (
    <section aria-labelledby="commitments">
      <h2 id="commitments">{t(language, 'note.commitments')}</h2>
      <ul class="items">
        {made.map(({ commitment, ...intervention }) => (
          <li>
            <strong>
              <bdi>{honoured(intervention.speaker)}</bdi>
            </strong>
            {sign(language, ',')}
            {capacityWords(language, intervention)}
            {sign(language, ':')}
            <bdi>{commitment.text}</bdi>
            {brackets(language)[0]}
            <Written text={commitment.kind} known={knownKind(language, commitment.kind)} />
            {sign(language, ',')}
            {commitment.due
              ? t(language, 'note.due_by', { day: day(language, commitment.due) })
              : t(language, 'note.no_day')}
            {brackets(language)[1]}
          </li>
        ))}
      </ul>
    </section>
  );
}

function AnnexSection({ annex, language }: { annex: Annex; language: Language }): VNode {
  return (
    <section class="annex" aria-labelledby="annex">
      <h2 id="annex">{t(language, 'note.annex')}</h2>
      {annex.mechanisms.length > 0 && (
        <>
          <h3 id="mechanisms">{t(language, 'note.mechanisms')}</h3>
          <ul class="items" aria-labelledby="mechanisms">
            {annex.mechanisms.map(({ code, name }) => (
              <li>
                <bdi>{`${name} (${code})`}</bdi>
              </li>
            ))}
          </ul>
        </>
      )}
      <h3>{t(language, 'note.participants')}</h3>
      <p class="quiet small">{t(language, 'note.participants_hint')}</p>
      {annex.groups.length === 0 && <p>{t(language, 'note.nobody_listed')}</p>}
      {annex.groups.map(({ mechanism, entries }) => (
        <>
          {(mechanism || annex.mechanisms.length > 0) && (
            <h4>
              <bdi>{mechanism ? mechanism.name : t(language, 'note.others')}</bdi>
            </h4>
          )}
          <ol class="participants" start={entries[0]!.number}>
            {entries.map((entry) => (
              <Participant entry={entry} language={language} />
            ))}
          </ol>
        </>
      ))}
    </section>
  );
}

function Participant({ entry, language }: { entry: AnnexEntry; language: Language }): VNode {
  const { affiliation, role, mechanism } = entry;
  const beside = [
    ...(role ? [<Written text={role} known={knownRole(language, role)} />] : []),
    ...(mechanism ? [<bdi>{mechanism}</bdi>] : []),
  ];
  const [opening, closing] = brackets(language);
  const separated = beside.length > 0 && <Separated language={language}>{beside}</Separated>;
  return (
    <li>
      <bdi>{honoured(entry)}</bdi>
      {(affiliation || separated) && sign(language, ',')}
      {affiliation && <bdi>{affiliation}</bdi>}
      {affiliation && separated ? (
        <>
          {opening}
          {separated}
          {closing}
        </>
      ) : (
        separated
      )}
    </li>
  );
}

/** A word in the reader's language where it is well known, else as written. */
function Written({ text, known }: { text: string; known: string | null }): VNode {
  return known === null ? <bdi>{text}</bdi> : <>{known}</>;
}

/** Paragraphs as written; each takes its direction from its own first letter. */
function Words({ text }: { text: string }): VNode {
  return (
    <>
      {text.split(/\n\s*\n/u).map((paragraph) => (
        <p class="words" dir="auto">
          {paragraph.trim()}
        </p>
      ))}
    </>
  );
}

function Person(properties: { person: NamedPerson; language: Language; emphasis?: boolean }): VNode {
  const { person, language, emphasis } = properties;
  const name = <bdi>{honoured(person)}</bdi>;
  const rest = [person.functional_title, person.affiliation].filter((part) => part);
  return (
    <Separated language={language}>
      {[emphasis ? <strong>{name}</strong> : name, ...rest.map((part) => <bdi>{part}</bdi>)]}
    </Separated>
  );
}

function Separated({ language, children }: { language: Language; children: VNode[] }): VNode {
  return (
    <>
      {children.flatMap((child, index): ComponentChildren[] =>
        index === 0 ? [child] : [sign(language, ','), child],
      )}
    </>
  );
}

/** A calendar day, which is the same in every zone. */
function day(language: Language, iso: string): string {
  return formatDay(language, new Date(`${iso}T00:00:00Z`), 'UTC');
}

const capacityKeys = new Map<string, 'chair' | 'co_chair' | 'secretariat' | 'national' | 'on_behalf'>([
  ['chair', 'chair'],
  ['co-chair', 'co_chair'],
  ['secretariat', 'secretariat'],
  ['national', 'national'],
  ['on behalf', 'on_behalf'],
  ['speaking on behalf', 'on_behalf'],
]);

/** In which capacity and for whom somebody spoke. A capacity that has no words of its own stands as written. */
function capacityWords(
  language: Language,
  { capacity, on_behalf_of }: Pick<NoteDocumentIntervention, 'capacity' | 'on_behalf_of'>,
): string {
  const known = capacityKeys.get(nameKey(capacity)) ?? 'other';
  const key = `note.capacity.${known}${on_behalf_of ? '_of' : ''}` satisfies MessageKey;
  const mechanism = on_behalf_of ? isolate(`${on_behalf_of.name} (${on_behalf_of.code})`) : '';
  return t(language, key, { mechanism, capacity: knownRole(language, capacity) ?? isolate(capacity) });
}
