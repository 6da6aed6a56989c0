import type { VNode } from 'preact';
import { TOKEN_DAYS, type ApiToken, type Organiser } from '@app/accounts';
import { mayDo, type Dialogue, type DialogueCounts, type Role } from '@app/dialogues';
import { formatDay, formatList, formatPeriod, formatZone, t, type Language } from '@app/mail';
import { doorStanding } from '@app/participants';
import { Page } from '../../pages/page';
import { Timed } from '../../pages/timed';

/** What the organiser's page shows. */
export interface OrganiserView {
  organiser: Organiser;
  dialogues: { dialogue: Dialogue; counts: DialogueCounts; roles: Role[] }[];
  now: Date;
  /** Whether there are more dialogues than are shown. */
  hasMore: boolean;
  tokens: ApiToken[];
  /** A token that was just made; shown this once. */
  newToken?: string;
  /** What was wrong with the form for a new token. */
  wrong?: { field: 'name' | 'days'; name: string };
}

/** Where an organiser lands: dialogues with their counts, tokens, the way to the API. */
export function organiserPage(language: Language, view: OrganiserView): VNode {
  const title = t(language, 'organiser.title');
  return (
    <Page title={view.wrong ? t(language, 'form.problem_title', { title }) : title} language={language}>
      <div class="row">
        <h1>{title}</h1>
      </div>
      <div class="row">
        <p class="quiet">
          <bdi>{view.organiser.name}</bdi> · <bdi>{view.organiser.email}</bdi>
        </p>
        <form method="post" action="/sign-out">
          <button class="second">{t(language, 'organiser.sign_out')}</button>
        </form>
      </div>
      {view.newToken && <NewToken language={language} token={view.newToken} />}
      <Dialogues language={language} {...view} />
      <Tokens language={language} {...view} />
      <section class="card">
        <h2>{t(language, 'organiser.api')}</h2>
        <p>{t(language, 'organiser.api.lead')}</p>
        <p>
          <a class="button second" href="/docs">
            {t(language, 'organiser.api.docs')}
          </a>
        </p>
      </section>
    </Page>
  );
}

function NewToken({ language, token }: { language: Language; token: string }): VNode {
  return (
    <section class="notice good" role="status">
      <h2>{t(language, 'organiser.token.made')}</h2>
      <p>{t(language, 'organiser.token.once')}</p>
      <p>
        <code dir="ltr">{token}</code>
      </p>
    </section>
  );
}

function Dialogues({ language, dialogues, hasMore, now }: OrganiserView & { language: Language }): VNode {
  return (
    <section class="card">
      <h2>{t(language, 'organiser.dialogues')}</h2>
      {dialogues.length === 0 && <p>{t(language, 'organiser.dialogues.none')}</p>}
      {dialogues.length > 0 && (
        <div class="scroll" role="region" tabIndex={0} aria-label={t(language, 'organiser.dialogues')}>
          <table>
            <thead>
              <tr>
                <th scope="col">{t(language, 'organiser.dialogue')}</th>
                <th scope="col">{t(language, 'organiser.state')}</th>
                <th scope="col">{t(language, 'organiser.people')}</th>
              </tr>
            </thead>
            <tbody>
              {dialogues.map((row) => (
                <DialogueRow language={language} now={now} {...row} />
              ))}
            </tbody>
          </table>
        </div>
      )}
      {hasMore && <p class="quiet">{t(language, 'organiser.dialogues.more')}</p>}
    </section>
  );
}

function DialogueRow({
  language,
  now,
  dialogue,
  counts,
  roles,
}: {
  language: Language;
  now: Date;
  dialogue: Dialogue;
  counts: DialogueCounts;
  roles: Role[];
}): VNode {
  // Shown on the day to whoever may note arrivals; the page itself asks again.
  const isAtTheDoor =
    mayDo({ roles, seesSensitive: false }, 'record') && doorStanding({ ...dialogue, now }) === 'open';
  const { slug, title, startsAt, endsAt, timeZone, state } = dialogue;
  return (
    <tr>
      <td>
        {state === 'draft' ? (
          <bdi>{title}</bdi>
        ) : (
          <a href={`/d/${slug}`}>
            <bdi>{title}</bdi>
          </a>
        )}
        <div class="quiet small">
          <Timed
            text={t(language, 'dialogue.time_here', {
              time: formatPeriod(language, startsAt, endsAt, timeZone),
              zone: formatZone(timeZone, startsAt, endsAt),
            })}
          />
        </div>
        <div class="quiet small">
          {t(language, 'organiser.roles', {
            count: roles.length,
            roles: formatList(
              language,
              roles.map((role) => t(language, `organiser.role.${role}`)),
            ),
          })}
        </div>
        {isAtTheDoor && (
          <div>
            <a href={`/door/${dialogue.id}`}>{t(language, 'organiser.door')}</a>
          </div>
        )}
      </td>
      <td>{t(language, `organiser.state.${state}`)}</td>
      <td>
        <ul class="plain">
          <li>
            {counts.places === null
              ? t(language, 'organiser.confirmed', { confirmed: counts.confirmed })
              : t(language, 'organiser.confirmed_of', { confirmed: counts.confirmed, places: counts.places })}
          </li>
          {counts.awaitingApproval + counts.underReview > 0 && (
            <li>
              {t(language, 'organiser.to_approve', { count: counts.awaitingApproval + counts.underReview })}
            </li>
          )}
          {counts.waitlisted > 0 && (
            <li>{t(language, 'organiser.waitlisted', { count: counts.waitlisted })}</li>
          )}
          {counts.invitationsPrepared > 0 && (
            <li>{t(language, 'organiser.prepared', { count: counts.invitationsPrepared })}</li>
          )}
          {counts.invitationsSent > 0 && (
            <li>{t(language, 'organiser.unanswered', { count: counts.invitationsSent })}</li>
          )}
          {counts.invitationsDeclined > 0 && (
            <li>{t(language, 'organiser.declined', { count: counts.invitationsDeclined })}</li>
          )}
        </ul>
      </td>
    </tr>
  );
}

function Tokens({ language, tokens, organiser, wrong }: OrganiserView & { language: Language }): VNode {
  const day = (instant: Date) => formatDay(language, instant, organiser.timeZone);
  return (
    <section class="card">
      <h2>{t(language, 'organiser.tokens')}</h2>
      <p>{t(language, 'organiser.tokens.lead')}</p>
      {tokens.length > 0 && (
        <div class="scroll" role="region" tabIndex={0} aria-label={t(language, 'organiser.tokens')}>
          <table>
            <thead>
              <tr>
                <th scope="col">{t(language, 'organiser.token.name')}</th>
                <th scope="col">{t(language, 'organiser.token.scope')}</th>
                <th scope="col">{t(language, 'organiser.token.expires')}</th>
                <th scope="col">{t(language, 'organiser.token.used')}</th>
                <th scope="col">{t(language, 'organiser.token.revoke')}</th>
              </tr>
            </thead>
            <tbody>
              {tokens.map(({ id, name, scope, expiresAt, lastUsedAt }) => (
                <tr>
                  <td>
                    <bdi>{name}</bdi>
                  </td>
                  <td>{t(language, `organiser.token.scope.${scope}`)}</td>
                  <td>{day(expiresAt)}</td>
                  <td>{lastUsedAt ? day(lastUsedAt) : t(language, 'organiser.token.never')}</td>
                  <td>
                    <form method="post" action={`/organiser/tokens/${id}/revocation`}>
                      <button
                        class="second"
                        aria-label={t(language, 'organiser.token.revoke_named', { name })}
                      >
                        {t(language, 'organiser.token.revoke')}
                      </button>
                    </form>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      <h3>{t(language, 'organiser.token.new')}</h3>
      <form method="post" action="/organiser/tokens" noValidate>
        <div class="field">
          <label for="name">{t(language, 'organiser.token.name')}</label>
          <span class="hint" id="name-hint">
            {t(language, 'organiser.token.name.hint')}
          </span>
          {wrong?.field === 'name' && (
            <p class="error" id="name-error">
              {t(language, 'organiser.token.name.wrong')}
            </p>
          )}
          <input
            id="name"
            name="name"
            required
            maxLength={100}
            value={wrong?.name}
            aria-invalid={wrong?.field === 'name' ? 'true' : undefined}
            aria-describedby={wrong?.field === 'name' ? 'name-error name-hint' : 'name-hint'}
          />
        </div>
        <div class="pair">
          <div class="field">
            <label for="scope">{t(language, 'organiser.token.scope')}</label>
            <select id="scope" name="scope">
              <option value="read">{t(language, 'organiser.token.scope.read')}</option>
              <option value="write">{t(language, 'organiser.token.scope.write')}</option>
            </select>
          </div>
          <div class="field">
            <label for="days">{t(language, 'organiser.token.days')}</label>
            {wrong?.field === 'days' && (
              <p class="error" id="days-error">
                {t(language, 'organiser.token.days.wrong', { most: TOKEN_DAYS })}
              </p>
            )}
            <input
              id="days"
              name="days"
              type="number"
              min="1"
              max={TOKEN_DAYS}
              value="90"
              required
              aria-invalid={wrong?.field === 'days' ? 'true' : undefined}
              aria-describedby={wrong?.field === 'days' ? 'days-error' : undefined}
            />
          </div>
        </div>
        <div class="row">
          <button>{t(language, 'organiser.token.make')}</button>
        </div>
      </form>
    </section>
  );
}
