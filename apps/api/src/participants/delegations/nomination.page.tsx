import type { VNode } from 'preact';
import { formatPeriod, formatZone, honoured, isolate, t, type Language, type MessageKey } from '@app/mail';
import {
  DELEGATION_ROLES,
  isNominated,
  mayNominate,
  type NominationOutcome,
  type Nominee,
  type OwnDelegation,
  type SubstitutionRow,
} from '@app/participants';
import type { ShownDialogue } from '../personal-pages/dialogue-reader.service';
import { DialogueFacts, DialogueHeading, DialogueStanding } from '../personal-pages/dialogue-view';
import { among, errorWords, ErrorSummary, fieldLabel, PersonalForm, type FormErrors } from '../../pages/form';
import { Page } from '../../pages/page';
import { Timed } from '../../pages/timed';
import { languageLinks, type Opened } from '../personal-pages/personal-pages.service';
import { ProposedSubstitutions } from '../substitutions/substitution';
import { fieldIn, NominationRows, type TypedNominations } from './nomination-form';

/** Why nobody was nominated. */
export type NominationProblems = Extract<NominationOutcome, { done: false }> | { code: 'empty' };

interface NominationPage {
  language: Language;
  opened: Opened<OwnDelegation>;
  shown: ShownDialogue;
  /** What was just done, when something was. */
  done?: { nominated: number; removed: number };
  typed?: TypedNominations;
  problems?: NominationProblems;
  /** Substitutes on whom they decide. */
  proposals: readonly SubstitutionRow[];
  /** Why a decision just now was none: it came too late, or lacked the reason. */
  undecided?: string;
}

/** Codes of a person who can't be nominated, which have words of their own. */
const OWN_WORDS = [
  'already_nominated',
  'already_declined',
  'already_invited',
  'already_registered',
  'named_twice',
  'nominee_unknown',
  'replaced_twice',
] as const;

/** What a focal point sees: the seats, until when, whom they nominated, and the form. */
export function nominationPage(page: NominationPage): VNode {
  const { language, opened, shown, done, problems } = page;
  const { own, address } = opened;
  const { dialogue, over } = shown;
  const isOpen = mayNominate({ ...dialogue, over });
  const title = problems ? t(language, 'form.problem_title', { title: dialogue.title }) : dialogue.title;
  const { errors, told, summary } = wrongFields(page);
  return (
    <Page title={title} language={language} languages={languageLinks()} cleanAddress={address}>
      <DialogueHeading language={language} dialogue={dialogue} eyebrow="delegation.eyebrow" />
      <ErrorSummary language={language} errors={errors} told={summary} />
      <DialogueStanding language={language} shown={shown} />
      {isOpen && own.closed && (
        <div class="notice warn">
          <h2>{t(language, 'delegation.closed')}</h2>
          <p>{t(language, 'delegation.closed.more')}</p>
        </div>
      )}
      {done && done.nominated + done.removed > 0 && (
        <div class="notice good" role="status">
          {done.nominated > 0 && <p>{t(language, 'delegation.done', { count: done.nominated })}</p>}
          {done.removed > 0 && <p>{t(language, 'delegation.removed', { count: done.removed })}</p>}
        </div>
      )}
      <ProposedSubstitutions
        language={language}
        address={address}
        token={opened.token}
        proposals={page.proposals}
        undecided={page.undecided}
      />
      <Seats page={page} />
      <Nominees page={page} mayChange={isOpen && !own.closed} />
      {isOpen && !own.closed && <Form page={page} errors={errors} told={told} />}
      <section class="card" aria-labelledby="about">
        <h2 id="about">{t(language, 'dialogue.about')}</h2>
        <DialogueFacts
          language={language}
          dialogue={dialogue}
          timeZone={own.focalPoint.timeZone}
          attends={own.attends}
        />
      </section>
      <p class="quiet small">
        {t(language, 'delegation.focal_point', {
          name: isolate(honoured(own.focalPoint)),
        })}
      </p>
    </Page>
  );
}

/** How many seats, in all and by role, how many are open, and until when. */
function Seats({ page: { language, opened, shown } }: { page: NominationPage }): VNode {
  const { own } = opened;
  const open = Math.max(0, own.seats - own.nominees.filter(({ state }) => isNominated(state)).length);
  const moment = (zone: string, key: MessageKey) => (
    <Timed
      text={t(language, key, {
        time: formatPeriod(language, own.closesAt, own.closesAt, zone),
        zone: formatZone(zone, own.closesAt),
      })}
    />
  );
  const hosts = shown.dialogue.timeZone;
  const { timeZone } = own.focalPoint;
  return (
    <section class="card" aria-labelledby="seats">
      <h2 id="seats">{t(language, 'delegation.for', { delegation: isolate(own.name) })}</h2>
      <dl class="facts">
        <dt>{t(language, 'delegation.seats')}</dt>
        <dd>
          <p>{t(language, 'delegation.seats.count', { count: own.seats })}</p>
          <p>{t(language, 'delegation.seats.free', { count: open })}</p>
          <ul class="plain">
            {DELEGATION_ROLES.filter((role) => own.seatsByRole[role] !== undefined).map((role) => (
              <li>
                {t(
                  language,
                  own.seatsByRole[role] === 0 ? 'delegation.seats.none' : 'delegation.seats.role',
                  {
                    role: t(language, `role.${role}`),
                    count: own.seatsByRole[role]!,
                  },
                )}
              </li>
            ))}
          </ul>
        </dd>
        <dt>{t(language, 'delegation.until')}</dt>
        <dd>
          <p>
            <time dateTime={own.closesAt.toISOString()}>
              <strong>{moment(timeZone, 'delegation.until.yours')}</strong>
            </time>
          </p>
          {timeZone !== hosts && <p>{moment(hosts, 'delegation.until.hosts')}</p>}
        </dd>
      </dl>
    </section>
  );
}

/** Whom they nominated and whether they have answered: nothing that those people told about themselves. */
function Nominees({ page, mayChange }: { page: NominationPage; mayChange: boolean }): VNode {
  const { language, opened } = page;
  const { own } = opened;
  return (
    <section class="card" aria-labelledby="nominees">
      <h2 id="nominees">{t(language, 'delegation.nominees')}</h2>
      {own.nominees.length === 0 ? (
        <p>{t(language, 'delegation.nominees.none')}</p>
      ) : (
        <ul class="agenda">
          {own.nominees.map((nominee) => (
            <li>
              <p class="quiet small">{nominee.role && t(language, `role.${nominee.role}`)}</p>
              <div class="stack">
                <h3>
                  <bdi>{nominee.name}</bdi>
                </h3>
                <p>{t(language, stateWords(nominee.state))}</p>
                {mayChange && isNominated(nominee.state) && <Removal page={page} nominee={nominee} />}
              </div>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

/** In two steps, without a script: open, then say yes. */
function Removal({ page, nominee }: { page: NominationPage; nominee: Nominee }): VNode {
  const { language, opened } = page;
  const name = isolate(nominee.name);
  return (
    <details>
      <summary>{t(language, 'delegation.remove.of', { name })}</summary>
      <PersonalForm action={`${opened.address}/removals`} token={opened.token}>
        <p>{t(language, 'delegation.remove.more', { name })}</p>
        <div class="row">
          <button type="submit" class="danger" name="nominee" value={nominee.id}>
            {t(language, 'delegation.remove.yes')}
          </button>
        </div>
      </PersonalForm>
    </details>
  );
}

function Form({
  page: { language, opened, typed },
  errors,
  told,
}: {
  page: NominationPage;
  errors: FormErrors;
  told: Record<string, string>;
}): VNode {
  return (
    <section class="card" aria-labelledby="nominate">
      <div class="stack">
        <h2 id="nominate">{t(language, 'delegation.nominate')}</h2>
        <p>{t(language, 'delegation.nominate.more')}</p>
      </div>
      <PersonalForm action={`${opened.address}/nominations?lang=${language}`} token={opened.token}>
        <NominationRows language={language} own={opened.own} typed={typed} errors={errors} told={told} />
        <div class="row">
          <button type="submit">{t(language, 'delegation.submit')}</button>
        </div>
      </PersonalForm>
    </section>
  );
}

/** What is wrong, by field of the form, in words that say in which row. What concerns no one field leads to the form. */
function wrongFields({ language, typed, problems }: NominationPage): {
  errors: FormErrors;
  /** At the field. */
  told: Record<string, string>;
  /** Above the form. */
  summary: Record<string, string>;
} {
  if (!problems) return { errors: {}, told: {}, summary: {} };
  if (problems.code === 'empty') {
    const summary = { nominate: t(language, 'delegation.error.empty') };
    return { errors: { nominate: 'empty' }, told: {}, summary };
  }
  const errors: FormErrors = {};
  const told: Record<string, string> = {};
  const summary: Record<string, string> = {};
  if (problems.code === 'seats_exceeded') {
    const { over } = problems;
    const words = [
      ...(over.total > 0 ? [t(language, 'delegation.error.over', { count: over.total })] : []),
      ...DELEGATION_ROLES.flatMap((role) => {
        const count = over.byRole[role];
        return count
          ? [t(language, 'delegation.error.over_role', { role: t(language, `role.${role}`), count })]
          : [];
      }),
    ];
    return { errors: { nominate: 'seats_exceeded' }, told: {}, summary: { nominate: words.join(' ') } };
  }
  for (const { field, code } of problems.errors) {
    const [, index = '0', name = 'name'] = field.split('.');
    const row = typed?.rows[Number(index)] ?? Number(index);
    const key = fieldIn(row, name);
    const seat = among(['role', 'replaces'], name);
    const label = seat ? t(language, `delegation.field.${seat}`) : fieldLabel(language, name);
    const worded = among(OWN_WORDS, code);
    const problem = worded
      ? t(language, `delegation.error.${worded}`, {
          name: isolate(typed?.values[fieldIn(row, 'name')] ?? ''),
        })
      : errorWords({ language, labels: { [key]: label } }, key, code);
    errors[key] = code;
    told[key] = problem;
    summary[key] = t(language, 'delegation.error.in_row', { number: row + 1, problem });
  }
  return { errors, told, summary };
}

/** Whether someone is being considered anew, or for the first time, is between them and the secretariat. */
function stateWords(state: string): MessageKey {
  const known: Record<string, MessageKey> = {
    prepared: 'delegation.state.sent',
    sent: 'delegation.state.sent',
    accepted: 'delegation.state.sent',
    confirmed: 'delegation.state.confirmed',
    under_review: 'delegation.state.confirmed',
    waitlisted: 'delegation.state.waitlisted',
    awaiting_approval: 'delegation.state.considered',
    offered: 'delegation.state.offered',
    refused: 'delegation.state.refused',
  };
  return known[state] ?? 'delegation.state.declined';
}
