import type { Api } from './api';
import type { Answers, Browser, Page } from './browser';
import { reference } from './cast';
import {
  approver,
  approvers,
  delegateParts,
  delegates,
  delegations,
  substitute,
  type DelegationPart,
  type Nominee,
} from './delegates';
import { isTimeToTellApprovers, type ChasingRule, type Rule } from './expectation';
import type { Inbox } from './inbox';
import type { LedgerRow } from './judge';
import { Player } from './player';
import type { System } from './system';

export const DELEGATIONS_JOIN_URL = 'https://meet.example/by-delegation';

const HOST_ZONE = reference.dialogue.time_zone;
const RULES: Rule[] = [{ before: 'PT30S', audience: 'everyone' }];
const CHASING: ChasingRule[] = [
  { after: 'PT40S', tells: 'invitee' },
  { after: 'PT55S', tells: 'focal point' },
];
const QUESTION = 'dietary';
const REFUSAL = 'The seats of this mechanism are for its member States.';

/** From the first invitation to the beginning, in seconds: time to answer, to be chased, and for a reminder. */
const SECONDS_AHEAD = 110;
/** As in the story of the first dialogue: nobody acts so shortly before something is due, or so shortly after. */
const BEFORE_DUE = 1_200;
const AFTER_DUE = 4_200;

interface DelegationRow {
  id: string;
  mechanism: { code: string };
  seats: number;
  nominated: number;
  confirmed: number;
}

interface RegistrationRow {
  id: string;
  name: string;
  email: string;
  state: string;
  answers?: Record<string, unknown>;
}

/**
 * A second dialogue, while the first takes place: the mechanisms send delegations, whom focal points name and an approver
 * approves.
 */
export class DelegationsStory extends Player {
  private dialogueId = '';
  private startsAt = Infinity;

  constructor(
    system: System,
    inbox: Inbox,
    private readonly organiser: Api,
    private readonly say: (what: string) => void,
    private readonly scans: () => Promise<void>,
  ) {
    super(system, inbox);
  }

  async play(): Promise<void> {
    await this.prepare();
    const approves = await this.signInByMail(approver.number, approver);
    await this.nominate();
    await this.answer();
    await this.approve(approves);
    await this.substitute(approves);
    await this.lastMinute();
  }

  ledger(): Promise<LedgerRow[]> {
    return this.organiser.list<LedgerRow>(`/v1/dialogues/${this.dialogueId}/mails`);
  }

  registrations(): Promise<RegistrationRow[]> {
    return this.organiser.list(`/v1/dialogues/${this.dialogueId}/registrations`);
  }

  scansDone(): Promise<void> {
    return this.scans();
  }

  /** Nobody acts around the reminder. Who is chased has not acted at all. */
  protected async quiet(): Promise<void> {
    const due = this.startsAt - 30_000;
    const now = Date.now();
    if (now > due - BEFORE_DUE && now < due + AFTER_DUE) await this.sleepUntil(due + AFTER_DUE);
  }

  private async prepare(): Promise<void> {
    const ids = new Map<number, string>();
    for (const { focalPoint, mechanism } of delegations) {
      const { name, email, language, timeZone: time_zone } = focalPoint;
      const { body } = await this.organiser.post<{ id: string }>('/v1/people', {
        name,
        email,
        mechanism,
        language,
        time_zone,
      });
      ids.set(focalPoint.number, body.id);
    }
    this.startsAt = Math.ceil(Date.now() / 1000 + SECONDS_AHEAD + this.system.busySeconds) * 1000;
    const endsAt = this.startsAt + 2 * 3_600_000;
    const local = (instant: number) =>
      Temporal.Instant.fromEpochMilliseconds(instant)
        .toZonedDateTimeISO(HOST_ZONE)
        .toPlainDateTime()
        .toString({ smallestUnit: 'second' });
    const drafted = await this.do(
      { what: 'scheduled', startsAt: this.startsAt, endsAt, joinUrl: DELEGATIONS_JOIN_URL },
      () =>
        this.organiser.post<{ id: string }>('/v1/dialogues', {
          title: 'Dialogue of the mechanisms by delegation',
          purpose: 'Agree on one contribution to the regional review conference.',
          starts_at_local: local(this.startsAt),
          ends_at_local: local(endsAt),
          time_zone: HOST_ZONE,
          venue: { kind: 'virtual', platform: 'Kudo', join_url: DELEGATIONS_JOIN_URL },
          hosts: reference.dialogue.hosts,
          working_languages: reference.dialogue.working_languages,
          registration: 'invitation',
        }),
    );
    this.dialogueId = drafted.body.id;
    const at = `/v1/dialogues/${this.dialogueId}`;
    await this.organiser.patch(at, { approvals_needed: 1, substitution: 'approved' });
    await this.do({ what: 'ruled', rules: RULES }, () =>
      this.organiser.put(`${at}/reminder-rules`, { rules: RULES }),
    );
    await this.do({ what: 'chases', rules: CHASING }, () =>
      this.organiser.put(`${at}/chasing-rules`, {
        rules: CHASING.map(({ after, tells }) => ({
          counted: 'after_invitation',
          duration: after,
          tells: tells === 'invitee' ? 'invitee' : 'focal_point',
        })),
      }),
    );
    await this.organiser.put(`${at}/questions`, {
      questions: [
        {
          code: QUESTION,
          kind: 'text',
          required: true,
          label: { en: 'Dietary requirements', fr: 'Régime alimentaire', ar: 'المتطلبات الغذائية' },
        },
      ],
    });
    await this.organiser.put(`${at}/delegations`, {
      delegations: delegations.map(({ mechanism, seats, focalPoint }) => ({
        mechanism,
        seats,
        focal_point: ids.get(focalPoint.number),
        seats_by_role: { head_of_delegation: 1 },
      })),
    });
    await this.do({ what: 'got a role', who: approver.number }, () =>
      this.organiser.post(`${at}/roles`, { email: approver.email, name: approver.name, roles: ['approver'] }),
    );
    await this.organiser.post(`${at}/publication`);
    const asked = Date.now();
    const sent = await this.organiser.post<{ queued: number }>(`${at}/delegations/invitations`, {
      to: 'prepared',
    });
    const answered = Date.now();
    for (const { focalPoint, seats } of delegations) {
      this.acts.push({ what: 'asked to nominate', who: focalPoint.number, seats, asked, answered });
    }
    this.check(sent.body.queued === delegations.length, `${sent.body.queued} focal points are asked`);
    this.say(`A second dialogue is prepared: ${delegations.length} focal points are asked to nominate.`);
  }

  private async nominate(): Promise<void> {
    await this.together(delegations, async (delegation) => {
      const { focalPoint, nominees, mechanism, seats } = delegation;
      const mail = await this.inbox.waitFor(focalPoint.number, 'nomination-request');
      const browser = this.browserOf(focalPoint.number);
      let page = await browser.open(this.linkIn(mail.links, '/n/'));
      this.check(page.status === 200, `the page of the focal point of ${mechanism} answers ${page.status}`);
      this.check(this.shows(page, focalPoint.name), `the page of ${mechanism} does not name its focal point`);
      if (focalPoint.number !== delegateParts.over) {
        await this.name(delegation, page, nominees);
        return;
      }
      const first = nominees.slice(0, delegateParts.firstOfThose);
      const others = nominees.slice(delegateParts.firstOfThose);
      page = await this.name(delegation, page, first);
      page = await this.submitNominees(browser, page, others);
      this.check(page.status === 422, `${nominees.length} for ${seats} seats are answered ${page.status}`);
      const over = String(nominees.length - seats);
      this.check(page.text.includes(over), `the page does not say that ${over} are more than the seats`);
      const { body } = await this.organiser.get<{ items: DelegationRow[] }>(
        `/v1/dialogues/${this.dialogueId}/delegations`,
      );
      const row = body.items.find((one) => one.mechanism.code === mechanism);
      this.check(row?.nominated === first.length, `over the seats ${row?.nominated} are nominated`);
      await this.name(delegation, page, others.slice(0, seats - first.length));
    });
    this.say('The delegations are named; one focal point was over the seats, was told so, and named fewer.');
  }

  /** Names people who fit the seats. */
  private async name(
    { focalPoint, mechanism }: DelegationPart,
    page: Page,
    nominees: readonly Nominee[],
  ): Promise<Page> {
    const asked = Date.now();
    const result = await this.submitNominees(this.browserOf(focalPoint.number), page, nominees);
    const answered = Date.now();
    this.check(result.status === 200, `the focal point of ${mechanism} is answered ${result.status}`);
    for (const { number, name } of nominees) {
      const { timeZone, number: by } = focalPoint;
      this.acts.push({ what: 'nominated', who: number, by, timeZone, asked, answered });
      this.check(this.shows(result, name), `the page of ${mechanism} does not show ${name}`);
    }
    return result;
  }

  /** A row of the form for each; the other rows are left empty. */
  private submitNominees(browser: Browser, page: Page, nominees: readonly Nominee[]): Promise<Page> {
    const form = this.formOf(page, '/nominations');
    const rows = form.fields.filter(({ name }) => name.startsWith('name_')).length;
    const answers: Answers = {};
    for (let row = 0; row < rows; row++) {
      const { name = '', email = '', role } = nominees[row] ?? {};
      Object.assign(answers, { [`name_${row}`]: name, [`email_${row}`]: email });
      if (role) answers[`role_${row}`] = role;
    }
    return browser.submit(form, answers);
  }

  private async answer(): Promise<void> {
    await this.together(this.nominees(), async (nominee) => {
      const { number, name } = nominee;
      if (number === delegateParts.silent) return;
      const mail = await this.inbox.waitFor(number, 'invitation');
      const browser = this.browserOf(number);
      let page = await browser.open(this.linkIn(mail.links, '/i/'));
      this.check(page.status === 200, `the invitation of ${name} answers ${page.status}`);
      this.check(this.shows(page, name), `the invitation page of ${name} does not name them`);
      if (number === delegateParts.declines) {
        const declined = await this.do({ what: 'declined', who: number }, () =>
          browser.submit(this.formOf(page, '/declination'), { reason: 'Another mission.' }),
        );
        this.check(declined.status === 200, `${name} declines and is answered ${declined.status}`);
        return;
      }
      if (number === delegateParts.forgetsTheQuestion) {
        page = await browser.submit(this.formOf(page, '/acceptance'), {
          affiliation: 'Ministry of Foreign Affairs',
          consent_to_be_listed: 'after',
        });
        this.check(page.status === 422, `without the answer ${name} is answered ${page.status}`);
      }
      const result = await this.do({ what: 'accepted', who: number, consent: true }, () =>
        browser.submit(this.formOf(page, '/acceptance'), {
          affiliation: 'Ministry of Foreign Affairs',
          consent_to_be_listed: 'after',
          [`answers.${QUESTION}`]: `Number ${number}`,
        }),
      );
      this.check(result.status === 200, `${name} accepts and is answered ${result.status}`);
    });
    this.say('They have answered, and the question with it; nobody has a place before it is approved.');
  }

  private async approve(api: Api): Promise<void> {
    const at = `/v1/dialogues/${this.dialogueId}`;
    const waiting = (await this.registrations()).filter(({ state }) => state === 'awaiting_approval');
    const numbered = waiting.map(({ id, name }) => ({ id, number: this.numberOf(name) }));
    const [refused] = numbered.filter(({ number }) => number === delegateParts.refused);
    const approved = numbered.filter(({ number }) => number !== delegateParts.refused);
    // What is decided before a mail about it is sent needs no such mail.
    for (const { number } of numbered) await this.inbox.waitFor(number, 'awaiting-approval');
    await this.approversAreTold();
    let asked = Date.now();
    await api.post(`${at}/approvals`, {
      registration_ids: approved.map(({ id }) => id),
      decision: 'approved',
    });
    let answered = Date.now();
    for (const { number } of approved) this.acts.push({ what: 'approved', who: number, asked, answered });
    asked = Date.now();
    await api.post(`${at}/approvals`, {
      registration_ids: [refused!.id],
      decision: 'refused',
      reason: REFUSAL,
    });
    answered = Date.now();
    this.acts.push({ what: 'refused', who: delegateParts.refused, asked, answered });
    const mail = await this.inbox.waitFor(delegateParts.refused, 'refusal');
    this.check(mail.text.includes(REFUSAL), 'the refusal does not tell its reason');
    this.say(`The approver has approved ${approved.length} at once, and refused one with a reason.`);
  }

  private async approversAreTold(): Promise<void> {
    if (!isTimeToTellApprovers(Date.now())) return;
    for (const who of approvers) await this.inbox.waitFor(who, 'approvals-waiting');
  }

  private async substitute(api: Api): Promise<void> {
    const { isSubstituted: leaver } = delegateParts;
    const confirmation = await this.inbox.waitFor(leaver, 'confirmation');
    const browser = this.browserOf(leaver);
    const page = await browser.open(this.linkIn(confirmation.links, '/r/'));
    const named = await this.do({ what: 'proposed a substitute', who: leaver }, () =>
      browser.submit(this.formOf(page, '/substitution'), {
        name: substitute.name,
        email: substitute.email,
        language: substitute.language,
      }),
    );
    this.check(named.status === 200, `naming a substitute is answered ${named.status}`);
    this.check(this.shows(named, substitute.name), 'the page does not show who was named as substitute');

    const { focalPoint } = delegations.find(({ nominees }) =>
      nominees.some(({ number }) => number === leaver),
    )!;
    const request = await this.inbox.waitFor(focalPoint.number, 'substitution-proposed');
    const decides = this.browserOf(focalPoint.number);
    const proposals = await decides.open(this.linkIn(request.links, '/n/'));
    const approved = await this.do(
      { what: 'was substituted', who: leaver, substitute: substitute.number },
      () => decides.submit(this.formOf(proposals, '/approval')),
    );
    this.check(approved.status === 200, `approving a substitute is answered ${approved.status}`);

    const offer = await this.inbox.waitFor(substitute.number, 'substitute');
    const own = this.browserOf(substitute.number);
    const seat = await own.open(this.linkIn(offer.links, '/r/'));
    const taken = await this.do({ what: 'took the seat', who: substitute.number, consent: true }, () =>
      own.submit(this.formOf(seat, '/offer-acceptance'), {
        consent_to_be_listed: 'after',
        [`answers.${QUESTION}`]: 'None',
      }),
    );
    this.check(taken.status === 200, `the substitute takes the seat and is answered ${taken.status}`);
    const { id, state } = (await this.registrations()).find(({ name }) => name === substitute.name)!;
    this.check(state === 'under_review', `the substitute, whom nobody approved yet, is ${state}`);
    // Whoever is approved before it is sent needs no such mail.
    await this.inbox.waitFor(substitute.number, 'under-review');
    await this.approversAreTold();
    await this.do({ what: 'approved', who: substitute.number }, () =>
      api.post(`/v1/dialogues/${this.dialogueId}/approvals`, {
        registration_ids: [id],
        decision: 'approved',
      }),
    );
    this.say(
      'One delegate has named a substitute; the focal point and the approver agreed, and the substitute has the seat.',
    );
  }

  /** The silent are chased and the focal point told; everyone confirmed is reminded. */
  private async lastMinute(): Promise<void> {
    await this.sleepUntil(this.startsAt);
    const at = `/v1/dialogues/${this.dialogueId}`;
    const { body } = await this.organiser.get<{ items: DelegationRow[] }>(`${at}/delegations`);
    for (const { mechanism, seats, nominated, confirmed } of body.items) {
      const sent = delegations.find((one) => one.mechanism === mechanism.code)!;
      const gone = (number: number): boolean =>
        number === delegateParts.declines || number === delegateParts.refused;
      const named = this.namedBy(sent).filter(({ number }) => !gone(number));
      const here = named.filter(({ number }) => number !== delegateParts.silent);
      this.check(seats === sent.seats, `${mechanism.code} has ${seats} seats`);
      this.check(nominated === named.length, `${nominated} of ${mechanism.code} are nominated`);
      this.check(confirmed === here.length, `${confirmed} of ${mechanism.code} have confirmed`);
    }
    const answered = await this.organiser.get<{ items: RegistrationRow[] }>(
      `${at}/registrations?limit=200&answers=true`,
    );
    for (const { name, state, answers } of answered.body.items) {
      if (state !== 'confirmed') continue;
      const number = this.numberOf(name);
      const said = number === substitute.number ? 'None' : `Number ${number}`;
      this.check(
        answers?.[QUESTION] === said,
        `${name} answered ${String(answers?.[QUESTION])}, not ${said}`,
      );
    }
    this.say(
      'The second dialogue begins: the silent were chased, their focal point told, the others reminded.',
    );
  }

  /** Those who were nominated in the end. */
  private namedBy({ nominees, seats }: DelegationPart): readonly Nominee[] {
    return nominees.slice(0, seats);
  }

  private nominees(): Nominee[] {
    return delegations.flatMap((delegation) => this.namedBy(delegation));
  }

  private numberOf(name: string): number {
    return delegates.find((one) => one.name === name)!.number;
  }
}
