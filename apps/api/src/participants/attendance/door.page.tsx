import type { VNode } from 'preact';
import { dateTimeFormat, formatZone, honoured, isolate, readerLanguage, t, type Language } from '@app/mail';
import {
  doorOpensAt,
  doorStanding,
  spokenCode,
  type CodeHolder,
  type DoorDialogue,
  type DoorRow,
} from '@app/participants';
import { Page } from '../../pages/page';
import { Timed } from '../../pages/timed';
import { languageLinks } from '../personal-pages/personal-pages.service';
import { DoorCode } from './door-code';

/** What the owner of a code sees: the code to be shown, and whose it is. Officers who are not signed in find the way. */
export function showThisPage({
  language,
  holder: { row, dialogue },
  url,
}: {
  language: Language;
  holder: CodeHolder;
  /** What the code holds. */
  url: string;
}): VNode {
  const title = t(language, row.may_enter ? 'door.show' : 'door.title');
  return (
    <Page title={title} language={language} languages={languageLinks()}>
      <div class="stack">
        <p class="eyebrow">
          <Title dialogue={dialogue} />
        </p>
        <h1>{title}</h1>
        <p class="lead">
          <bdi>{honoured(row)}</bdi>
        </p>
        {row.may_enter ? <p>{t(language, 'door.show.more')}</p> : <p>{t(language, whyOf(row))}</p>}
      </div>
      <DoorNotice language={language} dialogue={dialogue} />
      {row.may_enter && <DoorCode language={language} registrationId={row.registration_id} url={url} />}
      <p>
        <a href="/sign-in">{t(language, 'door.officers')}</a>
      </p>
    </Page>
  );
}

/** The one whose code was read, and one button. */
export function doorPersonPage({
  language,
  dialogue,
  row,
  action,
  isAlready,
}: {
  language: Language;
  dialogue: DoorDialogue;
  row: DoorRow;
  /** Where the button posts to. */
  action: string;
  /** Somebody else was first. */
  isAlready: boolean;
}): VNode {
  const fact = attendanceOf(language, dialogue, row);
  return (
    <Page title={t(language, 'door.person')} language={language}>
      <div class="stack">
        <p class="eyebrow">
          <Title dialogue={dialogue} />
        </p>
        <h1>
          <bdi>{honoured(row)}</bdi>
        </h1>
      </div>
      <DoorNotice language={language} dialogue={dialogue} />
      {fact && (
        <div class={`notice ${isAlready ? 'warn' : 'good'}`} role="status">
          <h2>{isAlready ? t(language, 'door.already', { fact }) : fact}</h2>
        </div>
      )}
      <section class="card" aria-label={t(language, 'door.person')}>
        <dl class="facts">
          <Fact label={t(language, 'door.delegation')} value={row.delegation ?? row.affiliation} />
          <Fact label={t(language, 'door.role')} value={roleOf(language, row)} />
          <Fact label={t(language, 'door.state')} value={t(language, whyOf(row))} />
        </dl>
        <Actions language={language} dialogue={dialogue} row={row} action={action} />
      </section>
      <p>
        <a href={`/door/${dialogue.id}`}>{t(language, 'door.list')}</a>
      </p>
    </Page>
  );
}

/** The list at the door: look for a name or a code, check in, note who left. */
export function doorListPage(view: {
  language: Language;
  dialogue: DoorDialogue;
  arrived: number;
  confirmed: number;
  rows: DoorRow[];
  said: string;
  /** Of the next page. */
  nextCursor: string | null;
  /** Whom somebody else had checked in just before. */
  already: DoorRow | null;
}): VNode {
  const { language, dialogue, rows, said, nextCursor, already } = view;
  const query = (cursor?: string): string =>
    new URLSearchParams({ ...(said && { q: said }), ...(cursor && { cursor }) }).toString();
  return (
    <Page title={t(language, 'door.title')} language={language}>
      <div class="stack">
        <p class="eyebrow">{t(language, 'door.title')}</p>
        <h1>
          <Title dialogue={dialogue} />
        </h1>
        <p>{t(language, 'door.count', { arrived: view.arrived, confirmed: view.confirmed })}</p>
      </div>
      <DoorNotice language={language} dialogue={dialogue} />
      {already && (
        <div class="notice warn" role="status">
          <p>
            <strong>
              <bdi>{already.name}</bdi>
            </strong>
          </p>
          <p>
            {t(language, 'door.already', {
              fact: attendanceOf(language, dialogue, already) ?? t(language, 'door.present'),
            })}
          </p>
        </div>
      )}
      <form method="get" action={`/door/${dialogue.id}`} role="search">
        <div class="field">
          <label for="q">{t(language, 'door.search')}</label>
          <input id="q" name="q" type="search" value={said} dir="auto" autoComplete="off" />
        </div>
        <div class="row">
          <button type="submit" class="second">
            {t(language, 'door.find')}
          </button>
        </div>
      </form>
      {rows.length === 0 ? (
        <p>{t(language, 'door.nobody')}</p>
      ) : (
        <ul class="plain stack">
          {rows.map((row) => (
            <li class="card">
              <Person language={language} row={row} />
              <p class="small">{attendanceOf(language, dialogue, row)}</p>
              <Actions
                language={language}
                dialogue={dialogue}
                row={row}
                action={`/door/${dialogue.id}?${query()}`}
              />
            </li>
          ))}
        </ul>
      )}
      {nextCursor && (
        <p>
          <a href={`/door/${dialogue.id}?${query(nextCursor)}`}>{t(language, 'door.next')}</a>
        </p>
      )}
    </Page>
  );
}

function Person({ language, row }: { language: Language; row: DoorRow }): VNode {
  const about = [row.delegation ?? row.affiliation, roleOf(language, row)].filter(
    (part): part is string => part !== null,
  );
  return (
    <div class="stack" id={`person-${row.registration_id}`}>
      <h2>
        <bdi>{honoured(row)}</bdi>
      </h2>
      <p class="small quiet">
        {about.map((part) => (
          <>
            <bdi>{part}</bdi> ·{' '}
          </>
        ))}
        <bdi dir="ltr">{spokenCode(row.registration_id)}</bdi>
        {row.state !== 'confirmed' && <> · {t(language, whyOf(row))}</>}
      </p>
    </div>
  );
}

/** Whoever is let in while a change is considered is not turned away by the words for whoever is not. */
function whyOf(row: DoorRow) {
  return row.state === 'under_review' && row.may_enter
    ? ('door.why.under_review' as const)
    : row.state === 'under_review'
      ? ('door.why.awaiting_approval' as const)
      : (`door.why.${row.state}` as const);
}

/** What an officer can do about someone now; nothing when the door is shut or they have no place. */
function Actions({
  language,
  dialogue,
  row,
  action,
}: {
  language: Language;
  dialogue: DoorDialogue;
  row: DoorRow;
  action: string;
}): VNode | null {
  const isOpen = doorStanding(dialogue) === 'open';
  const mayCheckIn = isOpen && row.may_enter && (row.arrived_at === null || row.left_at !== null);
  const mayLeave = isOpen && row.arrived_at !== null && row.left_at === null;
  if (!mayCheckIn && !mayLeave && !row.present) return null;
  return (
    <form method="post" action={action}>
      <input type="hidden" name="registration_id" value={row.registration_id} />
      <div class="row">
        {mayCheckIn && (
          <Button
            row={row}
            what="arrival"
            label={t(language, row.left_at ? 'door.back_in' : 'door.check_in')}
          />
        )}
        {mayLeave && (
          <Button row={row} what="departure" label={t(language, 'door.mark_left')} look="second" />
        )}
        {row.present && (
          <Button row={row} what="correction" label={t(language, 'door.take_back')} look="second" />
        )}
      </div>
    </form>
  );
}

/** The name stands in what a screen reader says of the button: there is one for each person. */
function Button({
  row,
  what,
  label,
  look,
}: {
  row: DoorRow;
  what: 'arrival' | 'departure' | 'correction';
  label: string;
  look?: 'second';
}): VNode {
  return (
    <button type="submit" name="what" value={what} class={look} aria-label={`${label}: ${honoured(row)}`}>
      {label}
    </button>
  );
}

function DoorNotice({ language, dialogue }: { language: Language; dialogue: DoorDialogue }): VNode | null {
  const standing = doorStanding(dialogue);
  if (standing === 'open') return null;
  const opensAt = doorOpensAt(dialogue);
  const zone = formatZone(dialogue.timeZone, opensAt);
  const time = dateTimeFormat(language, {
    dateStyle: 'full',
    timeStyle: 'short',
    hourCycle: 'h23',
    timeZone: dialogue.timeZone,
  }).format(opensAt);
  return (
    <div class="notice warn">
      <p>
        {standing === 'early' ? (
          <Timed text={t(language, 'door.opens', { time: isolate(`${time} (${zone})`) })} />
        ) : (
          t(language, `door.${standing}`)
        )}
      </p>
    </div>
  );
}

/** "Checked in at 10:02 by Nadia Benkirane, late. Left at 11:40", in the time of the hosts; null when nothing is noted. */
function attendanceOf(language: Language, dialogue: DoorDialogue, row: DoorRow): string | null {
  if (!row.present) return null;
  const clock = (instant: Date): string =>
    dateTimeFormat(language, {
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
      timeZone: dialogue.timeZone,
    }).format(instant);
  const arrived =
    row.arrived_at === null
      ? t(language, 'door.present')
      : row.noted_by === null
        ? t(language, 'door.arrived.online', { time: clock(row.arrived_at) })
        : t(language, 'door.arrived', { time: clock(row.arrived_at), officer: isolate(row.noted_by) });
  return [
    arrived,
    ...(row.late ? [t(language, 'door.late')] : []),
    ...(row.left_at ? [t(language, 'door.left', { time: clock(row.left_at) })] : []),
  ].join(' · ');
}

function roleOf(language: Language, { role }: DoorRow): string | null {
  return role && t(language, `door.role.${role}`);
}

function Fact({ label, value }: { label: string; value: string | null }): VNode | null {
  if (!value) return null;
  return (
    <>
      <dt>{label}</dt>
      <dd>
        <bdi>{value}</bdi>
      </dd>
    </>
  );
}

/** The organiser's own words are in a language of the dialogue, whatever the language of the page. */
function Title({ dialogue }: { dialogue: DoorDialogue }): VNode {
  return <bdi lang={readerLanguage(dialogue.workingLanguages[0]!)}>{dialogue.title}</bdi>;
}
