import { setTimeout as pause } from 'node:timers/promises';
import type { Behaviour } from '../support/smtp-sink';
import { Api } from './api';
import { Browser, rootOf, type Answers, type Page } from './browser';
import {
  answersBy,
  everyone,
  invitees,
  listOfInvitees,
  organiser,
  parts,
  person,
  reference,
  type Person,
} from './cast';
import type { Act, Rule } from './expectation';
import type { Delivered, Inbox } from './inbox';
import { clockTime, idOf, type LedgerRow } from './judge';
import { asFile, calendarReply, deliver, notDelivered, onHoliday, putIntoFolder } from './mail-servers';
import { Player } from './player';
import { plain } from './reading';
import { CHANGE_GATHERING_SECONDS, MAIL_RETURNS, type System } from './system';

/** The organiser's rules; two of them have one offset and make one reminder. */
export const RULES: Rule[] = [
  { before: 'PT60S', audience: 'speakers' },
  { before: 'PT40S', audience: 'everyone' },
  { before: 'PT40S', audience: 'speakers' },
  { before: 'PT10S', audience: 'everyone' },
];
export const HOST_ZONE = reference.dialogue.time_zone;
const FIRST_JOIN_URL = reference.dialogue.venue.join_url;
const SECOND_JOIN_URL = `${FIRST_JOIN_URL}-2`;
export const JOIN_URLS = [FIRST_JOIN_URL, SECOND_JOIN_URL];
const INTRODUCTION = 'The mechanisms met to prepare what they will bring to the regional review.';
/** The invitation in French, in the organiser's own words. */
const OWN_WORDS = {
  kind: 'invitation',
  language: 'fr',
  subject: 'À votre agenda : {title}',
  opening: ['Le secrétariat vous prie de réserver cette date pour « {title} ».'],
};
/** As a reader sees them. */
export const OWN_WORDS_READ = plain(OWN_WORDS.opening[0]!.replace('{title}', reference.dialogue.title));
const UNKNOWN = '550 5.1.1 User unknown in virtual mailbox table';
const WAY_FORWARD = 'The mechanisms send their contributions before the conference.';

/** No one does anything so shortly before something is due, or so shortly after, that it could go either way. */
const BEFORE_DUE = 1_200;
const AFTER_DUE = 4_200;

/** So long that its end is in another minute than its start, and that every link can be opened in between. */
const LASTS_SECONDS = 60;

export interface StoryOptions {
  /** Kill the worker with -9 in the middle of invitations and of reminders. */
  kill: boolean;
  say: (what: string) => void;
}

interface Registered {
  name: string;
  email: string;
  state: string;
  waitlist_number: number | string | null;
}

/** The reference dialogue, played whole through HTTP and SMTP by everyone in it. */
export class Story extends Player {
  kills = 0;
  private api: Api;
  private dialogueId = '';
  private slug = '';
  private startsAt = Infinity;
  private endsAt = Infinity;
  /** An instant around which nobody acts, beside those of the reminders. */
  private announcement = -Infinity;
  private scans: Promise<unknown>[] = [];
  private scanned = 0;
  private scanning = 0;
  /** Addresses that the mail servers of the readers refuse, and those of them that were tried. */
  private readonly unknown = new Set(parts.refused.map((number) => person(number).email));
  private readonly refusals = new Set<string>();

  constructor(
    system: System,
    inbox: Inbox,
    private readonly options: StoryOptions,
  ) {
    super(system, inbox);
    inbox.onMail((mail) => this.scans.push(this.scan(linksToScan(mail))));
    this.behave();
  }

  async play(meanwhile: () => Promise<void>): Promise<void> {
    await this.signIn();
    await this.prepare();
    await this.invite();
    // After the kill among the invitations: the judge knows the ledger of the dialogues, not of what the accounts send.
    const other = meanwhile();
    // What breaks in it is told when this one has been played.
    other.catch(() => undefined);
    await Promise.all([this.answer(), this.invitationsComeBack()]);
    await Promise.all([this.confirmationsComeBack(), this.changeMinds()]);
    await this.answerInCalendars();
    await Promise.all([this.lookAtReturns(), this.hold()]);
    await this.move();
    await this.lastMinutes();
    await this.lookBack();
    await this.publishNote();
    await other;
    await this.settle();
  }

  /** The API as the organiser uses it, once they have signed in. */
  get organiser(): Api {
    return this.api;
  }

  /** What the organiser's list of mails says. */
  async ledger(): Promise<LedgerRow[]> {
    return this.api.list<LedgerRow>(`/v1/dialogues/${this.dialogueId}/mails`);
  }

  // The organiser

  private async signIn(): Promise<void> {
    const { say } = this.options;
    await this.system.command('apps/api/src/create-organiser.js', organiser.email, organiser.name);
    this.api = await this.signInByMail(0, organiser);
    say(`${organiser.name} has signed in by mail and made an API token.`);
  }

  private async prepare(): Promise<void> {
    const { dialogue, mechanisms, agenda } = reference;
    for (const { code, name, also_known_as: otherNames = [] } of mechanisms) {
      const chairs = invitees
        .filter((one) => one.mechanism === code && /^(co-)?chair$/.test(one.capacity))
        .map((one) => ({ name: one.name, role: one.capacity }));
      await this.api.post('/v1/mechanisms', { code, name, other_names: otherNames, chairs });
    }

    this.startsAt = this.chooseStart();
    const schedule = this.schedule(this.startsAt);
    this.endsAt = schedule.end;
    const drafted = await this.do(
      { what: 'scheduled', startsAt: this.startsAt, endsAt: schedule.end, joinUrl: FIRST_JOIN_URL },
      () =>
        this.api.post<{ id: string; slug: string; starts_at: string }>('/v1/dialogues', {
          title: dialogue.title,
          purpose: dialogue.purpose,
          ...schedule.local,
          time_zone: HOST_ZONE,
          venue: dialogue.venue,
          hosts: dialogue.hosts,
          working_languages: dialogue.working_languages,
          documents: dialogue.documents,
          places: parts.places,
          registration: 'open',
        }),
    );
    this.dialogueId = drafted.body.id;
    this.slug = drafted.body.slug;
    this.check(
      Date.parse(drafted.body.starts_at) === this.startsAt,
      `the API computed ${drafted.body.starts_at}`,
    );
    const at = `/v1/dialogues/${this.dialogueId}`;
    await this.api.put(`${at}/agenda`, {
      sessions: agenda.map(({ items, ...session }) => ({ ...session, items })),
    });
    await this.do({ what: 'ruled', rules: RULES }, () =>
      this.api.put(`${at}/reminder-rules`, { rules: RULES }),
    );
    const { kind, language, ...words } = OWN_WORDS;
    await this.do({ what: 'worded', kind, language, words: OWN_WORDS_READ }, () =>
      this.api.put(`${at}/mail-wordings/${kind}/${language}`, words),
    );
    await this.api.post(`${at}/publication`);
    const seconds = Math.round((this.startsAt - Date.now()) / 1000);
    this.options.say(
      `“${dialogue.title}” is published: ${agenda.length} sessions, ${mechanisms.length} mechanisms, ` +
        `${parts.places} places. It starts in ${seconds} s.`,
    );
  }

  private async invite(): Promise<void> {
    const at = `/v1/dialogues/${this.dialogueId}`;
    const preview = await this.api.postCsv<{ id: string; counts: { add: number; refuse: number } }>(
      `${at}/imports`,
      listOfInvitees,
    );
    const { add, refuse } = preview.body.counts;
    this.check(add === invitees.length && refuse === 0, `the preview adds ${add} and refuses ${refuse}`);
    const emails = new Set(invitees.map(({ email }) => email));
    const before = (await this.api.list<{ email: string }>('/v1/people')).filter((one) =>
      emails.has(one.email),
    );
    this.check(before.length === 0, `the preview has already added ${before.length} people`);
    await this.api.post(`/v1/imports/${preview.body.id}/confirmation`);

    if (this.options.kill) this.killDuring('invitation', 30);
    const asked = Date.now();
    const sent = await this.api.post<{ queued: number }>(`${at}/invitations`, { to: 'prepared' });
    const answered = Date.now();
    for (const { number } of invitees) this.acts.push({ what: 'invited', who: number, asked, answered });
    this.check(sent.body.queued === invitees.length, `${sent.body.queued} invitations are queued`);

    const arrived = () =>
      invitees.filter(({ number }) => this.inbox.of(number, 'invitation').length > 0).length;
    const taken = invitees.length - parts.refused.length;
    await this.inbox.until(
      () => (arrived() === taken ? true : undefined),
      () => `${arrived()} of ${taken} have their invitation; the others wait`,
    );
    for (const end = Date.now() + 20_000; this.refusals.size < parts.refused.length; await pause(50)) {
      if (Date.now() > end)
        throw new Error(`Only ${this.refusals.size} addresses were tried that are refused.`);
    }
    for (const who of parts.refused) {
      this.acts.push({ what: 'was refused', who, kind: 'invitation', asked, answered: Date.now() });
    }
    this.options.say(
      `${add} people were imported from the list; ${arrived()} invitations have arrived, ${this.refusals.size} were refused.`,
    );
    await this.scansDone();
    const registered = await this.api.list<Registered>(`${at}/registrations`);
    this.check(registered.length === 0, `opening links has registered ${registered.length} people`);
    this.options.say(`Mail gateways have opened ${this.scanned} links so far; that registered nobody.`);
  }

  // The participants

  private async answer(): Promise<void> {
    const oneByOne = parts.oneByOne as readonly number[];
    const atOnce = invitees.map(({ number }) => number).filter((number) => !oneByOne.includes(number));
    await this.together(atOnce, async (number) => {
      const answer = answersBy(number);
      if (answer === 'decline') await this.decline(number);
      if (answer === 'accept') await this.accept(number);
    });
    await this.registerOpenly(parts.forgetful);
    for (const number of oneByOne) {
      if (number < 100) await this.accept(number);
      else {
        await this.registerOpenly(number);
        await this.confirmAddress(number);
      }
    }
    await this.registerAgain(parts.forgetsThatTheyAre);
    const accepted = invitees.filter(({ number }) => answersBy(number) === 'accept').length;
    this.options.say(
      `${accepted} have accepted through their links, ${parts.decline.size} declined, ${parts.silent.length} keep ` +
        'silent; 3 came by the open link. The waitlist is filling.',
    );
  }

  // What comes back

  /** Servers and machines answer to invitations; a mail program unsubscribes with one click. */
  private async invitationsComeBack(): Promise<void> {
    const mailOf = (who: number) => this.inbox.waitFor(who, 'invitation');
    await Promise.all([
      this.bounce(parts.bounces, 'invitation'),
      (async () => {
        const who = parts.bouncesByFolder;
        const mail = await mailOf(who);
        const file = asFile(mail, notDelivered(mail, '5.1.1', UNKNOWN));
        await this.do({ what: 'bounced', who, kind: 'invitation' }, () =>
          putIntoFolder(this.system.returnsFolder, 'bounce', file),
        );
      })(),
      this.findMailboxFull(parts.fullMailbox),
      (async () => {
        const mail = await mailOf(parts.onHoliday);
        await deliver(this.system.returnsPort, mail.returnPath, onHoliday(mail));
      })(),
      (async () => {
        // Whoever knows an address can write a report, but not the return path of the mail.
        const mail = await mailOf(parts.slandered);
        const [local, domain] = MAIL_RETURNS.split('@');
        const report = notDelivered(mail, '5.1.1', UNKNOWN);
        for (const to of [MAIL_RETURNS, `${local}+b${'0'.repeat(42)}@${domain}`]) {
          await deliver(
            this.system.returnsPort,
            to,
            report.replaceAll(mail.returnPath, to),
            'stranger@foe.example',
          );
        }
      })(),
      ...parts.unsubscribe.map(async (who) => {
        const { unsubscribe, unsubscribePost } = await mailOf(who);
        const { status } = await this.do({ what: 'unsubscribed', who }, () =>
          fetch(unsubscribe.replace(/^<|>$/g, ''), {
            method: 'POST',
            headers: { 'content-type': 'application/x-www-form-urlencoded' },
            body: unsubscribePost,
          }),
        );
        this.check(status === 200, `one click to unsubscribe is answered ${status}`);
      }),
    ]);
    this.options.say(
      'Two invitations came back, one found a mailbox full and was sent again; two unsubscribe by one click.',
    );
  }

  private async confirmationsComeBack(): Promise<void> {
    await this.bounce(parts.bouncesLate, 'confirmation');
  }

  private async bounce(who: number, kind: string): Promise<void> {
    const mail = await this.inbox.waitFor(who, kind);
    await this.do({ what: 'bounced', who, kind }, () =>
      deliver(this.system.returnsPort, mail.returnPath, notDelivered(mail, '5.1.1', UNKNOWN)),
    );
  }

  private async findMailboxFull(who: number): Promise<void> {
    const mail = await this.inbox.waitFor(who, 'invitation');
    const said = '452 4.2.2 The mailbox is full';
    await this.do({ what: 'mailbox was full', who, kind: 'invitation' }, () =>
      deliver(this.system.returnsPort, mail.returnPath, notDelivered(mail, '4.2.2', said)),
    );
    // The meeting is too near for the pause of a full mailbox, so the organiser sends it again.
    const row = (await this.ledger()).find((one) => idOf(mail.messageId) === one.message_id);
    this.check(row?.state === 'failed', `an invitation that found a mailbox full is ${row?.state}`);
    await this.do({ what: 'sent again', who, kind: 'invitation' }, () =>
      this.api.post(`/v1/dialogues/${this.dialogueId}/mails/${row!.id}/resending`),
    );
    await this.inbox.waitFor(who, 'invitation', 2);
  }

  /** Buttons of calendar programs: they free no place, and whoever declines is asked by mail, once. */
  private async answerInCalendars(): Promise<void> {
    const { andWithdraws, andKeeps, twice } = parts.declineInCalendar;
    const press = async (who: number, answer: 'ACCEPTED' | 'DECLINED', at = Date.now()) => {
      const mail = await this.inbox.waitFor(who, 'confirmation');
      await deliver(
        this.system.returnsPort,
        mail.calendars[0]!.organizer,
        calendarReply(mail, answer, new Date(at)),
        mail.address,
      );
    };
    await this.quiet();
    await press(parts.acceptsInCalendar, 'ACCEPTED');
    for (const who of [andWithdraws, andKeeps, twice]) {
      await this.do({ what: 'declined in calendar', who }, () => press(who, 'DECLINED'));
    }
    await this.do({ what: 'declined in calendar', who: twice }, () =>
      press(twice, 'DECLINED', Date.now() + 60_000),
    );
    for (const who of [andWithdraws, andKeeps, twice]) {
      const [page] = await this.openRegistration(who, 'calendar-reply');
      this.formOf(page, '/withdrawal');
    }
    await this.withdraw(andWithdraws, 'calendar-reply');
    this.options.say('Four have pressed a button in their calendars; one of them withdraws by the link.');
  }

  /** The organiser sees what came back and whom nothing is sent to, and writes to one of them at the right address. */
  private async lookAtReturns(): Promise<void> {
    const at = `/v1/dialogues/${this.dialogueId}`;
    const suppressed = (await this.api.list<{ address: string }>(`${at}/suppressions`)).map(
      ({ address }) => address,
    );
    const bounced = [...parts.refused, parts.bounces, parts.bouncesByFolder, parts.bouncesLate];
    const owed = bounced.map((number) => person(number).email).toSorted();
    this.check(
      suppressed.toSorted().join() === owed.join(),
      `nothing is sent to ${suppressed.join(', ')}; it should be ${owed.join(', ')}`,
    );
    const returns = await this.api.list<{ kind: string }>(`${at}/mail-returns`);
    const counts = [...Map.groupBy(returns, ({ kind }) => kind)]
      .map(([kind, those]) => `${those.length} ${kind}`)
      .toSorted()
      .join(', ');
    const known = `1 automatic reply, 1 soft bounce, 5 calendar reply, ${bounced.length} hard bounce`;
    this.check(counts === known, `what came back is listed as ${counts}; it should be ${known}`);

    const { number: who, email } = parts.corrected;
    const [found] = await this.api
      .list<{ id: string; email: string }>('/v1/people')
      .then((people) => people.filter((one) => one.email === person(who).email));
    await this.do({ what: 'address corrected', who, email }, () =>
      this.api.patch(`/v1/people/${found!.id}`, { email }),
    );
    const refused = (await this.ledger()).find(
      (row) => row.recipient === person(who).email && row.kind === 'invitation',
    );
    await this.do({ what: 'sent again', who, kind: 'invitation' }, () =>
      this.api.post(`/v1/dialogues/${this.dialogueId}/mails/${refused!.id}/resending`),
    );
    this.options.say('The organiser knows of five addresses that do not exist, and corrects one of them.');
  }

  /** Holds two mails that wait for their readers' servers; what is queued meanwhile goes, and one of them is outdated then. */
  private async hold(): Promise<void> {
    const { returns, staysAway } = parts.heldBack;
    const addresses = [returns, staysAway].map((number) => person(number).email);
    this.behave(({ stage, to }) =>
      stage === 'recipient' && addresses.includes(to.at(-1)!.toLowerCase())
        ? { reply: 450, text: '4.7.1 Greylisted, come back later' }
        : undefined,
    );
    for (const number of [returns, staysAway]) await this.withdraw(number);
    const putOff = async () =>
      (await this.ledger()).filter(({ kind, state }) => kind === 'withdrawal' && state === 'deferred').length;
    // Nothing may be about to fall due: what is put off comes back within seconds.
    await this.quiet();
    for (const end = Date.now() + 10_000; (await putOff()) < addresses.length; await pause(100)) {
      if (Date.now() > end) throw new Error(`Only ${await putOff()} withdrawals were put off.`);
    }

    const at = `/v1/dialogues/${this.dialogueId}`;
    const change = (what: 'mail-holds' | 'mail-releases') =>
      this.api.post<{ count: number }>(`${at}/${what}`, { kind: 'withdrawal' });
    const held = await this.do({ what: 'held withdrawals', of: [returns, staysAway] }, () =>
      change('mail-holds'),
    );
    this.check(held.body.count === addresses.length, `${held.body.count} mails are held`);
    this.behave();
    await this.comeBack(returns, 'waitlisted');
    await this.inbox.waitFor(returns, 'waitlisted', 2);
    const released = await this.do({ what: 'released' }, () => change('mail-releases'));
    this.check(released.body.count === addresses.length, `${released.body.count} mails are released`);
    const again = await change('mail-releases');
    this.check(again.body.count === 0, `${again.body.count} mails are released twice`);
    await this.inbox.waitFor(staysAway, 'withdrawal');
    this.options.say('Two mails were held for a while; one has gone since, the other was no longer so.');
  }

  private async lift(who: number): Promise<void> {
    const at = `/v1/dialogues/${this.dialogueId}/suppressions`;
    const rows = await this.api.list<{ id: string; address: string }>(at);
    const row = rows.find(({ address }) => address === person(who).email);
    if (!row) throw new Error(`Nothing keeps mails from ${person(who).email}.`);
    await this.do({ what: 'address lifted', who }, () => this.api.delete(`${at}/${row.id}`));
  }

  private async changeMinds(): Promise<void> {
    // Whoever moves up before they were told that they wait is told only the better news.
    await this.sent(Date.now() + 20_000);
    await this.edit();
    for (const number of parts.withdrawEarly) await this.withdraw(number);
    await this.withdraw(parts.returns);
    await this.inbox.waitFor(parts.returns, 'withdrawal');
    await this.comeBack(parts.returns);
    this.options.say(
      `${parts.withdrawEarly.length + 1} have withdrawn, one of them is back at the end of the waitlist; ` +
        'those who waited longest have moved up.',
    );
  }

  private async move(): Promise<void> {
    await this.passed('PT60S');
    await this.inbox.waitFor(parts.speakerWithdraws, 'reminder');
    this.options.say('The speakers have had their first reminder. One of them withdraws.');
    await this.withdraw(parts.speakerWithdraws);
    // A mail is written from what is so when it is sent: one that is still to go would tell the new time already.
    await this.sent(Date.now() + 10_000);
    await this.quiet();
    const moved = this.movedStart();
    const schedule = this.schedule(moved);
    await this.do({ what: 'moved', startsAt: moved, endsAt: schedule.end, joinUrl: SECOND_JOIN_URL }, () =>
      this.api.patch(`/v1/dialogues/${this.dialogueId}`, {
        ...schedule.local,
        venue: { ...reference.dialogue.venue, join_url: SECOND_JOIN_URL },
      }),
    );
    this.options.say(
      `The start has moved by ${(moved - this.startsAt) / 1000} s, with a new link to join. It is ` +
        `${Math.round((moved - Date.now()) / 1000)} s away.`,
    );
    this.startsAt = moved;
    this.endsAt = schedule.end;
    this.announcement = Date.now() + CHANGE_GATHERING_SECONDS * 1000;
  }

  private async lastMinutes(): Promise<void> {
    await this.sleepUntil(this.dueOf('PT40S') - 300);
    if (this.options.kill) this.killDuring('reminder', 20);
    await this.passed('PT40S');
    // Whoever withdraws before their reminder is sent needs none. It is queued together with those of all others; where
    // the worker was killed, what that had claimed falls free first.
    await this.inbox.waitFor(parts.withdrawsLate, 'reminder');
    await this.sent(this.dueOf('PT10S') - 2 * BEFORE_DUE);
    this.options.say('Everyone confirmed has had a reminder. Somebody withdraws late, somebody moves up.');
    await this.withdraw(parts.withdrawsLate);
    await this.lift(parts.bouncesLate);
    await this.sleepUntil(this.startsAt);
    this.options.say('The last reminder is out. The dialogue has begun.');
  }

  private async publishNote(): Promise<void> {
    const at = `/v1/dialogues/${this.dialogueId}`;
    const byTitle = [...new Set(reference.interventions.map(({ session }) => session))];
    await this.api.put(`${at}/note`, {
      introduction: INTRODUCTION,
      summaries: byTitle.map((session) => ({ session, text: `The floor was open for session ${session}.` })),
      interventions: reference.interventions,
      way_forward: WAY_FORWARD,
    });
    // Before the end nobody knows who took part.
    await this.sleepUntil(this.endsAt + AFTER_DUE - 3_000);
    const published = await this.do({ what: 'published the note' }, () =>
      this.api.post<{ queued: number }>(`${at}/note/publication`),
    );
    this.options.say(
      `The note for file, with ${reference.interventions.length} interventions, is published and goes to ` +
        `${published.body.queued} participants.`,
    );
  }

  /** Waits until the ledger has nothing left to send and the mailbox is quiet. */
  private async settle(): Promise<void> {
    await this.sent(Date.now() + 25_000);
    for (let mails = -1; mails !== this.inbox.mails.length; await pause(700)) mails = this.inbox.mails.length;
    await this.scansDone();
  }

  /** Pages and lists as they are in the end, for the comparison with the model. */
  async registrations(): Promise<Registered[]> {
    return this.api.list<Registered>(`/v1/dialogues/${this.dialogueId}/registrations`);
  }

  /** The published note as everybody sees it. */
  note(): Promise<Page> {
    return new Browser(this.system.origin).open(`/d/${this.slug}/note`);
  }

  /**
   * Each personal link that was mailed opens its reader's page and nobody else's. While the dialogue runs: once it is over,
   * the page of an invitation that nobody answered greets nobody.
   */
  private async lookBack(): Promise<void> {
    await this.sent(Date.now() + 10_000);
    const owners = new Map<string, Set<number>>();
    for (const { who, links } of this.inbox.mails) {
      if (who !== null && !everyone.some(({ number }) => number === who)) continue;
      for (const link of links.filter((one) => /\/[ir]\/[\w-]{40,}$/.test(one))) {
        const readers = owners.get(link) ?? new Set();
        if (who !== null) readers.add(who);
        owners.set(link, readers);
      }
    }
    await this.together([...owners], async ([link, readers]) => {
      const names = [...readers].map((number) => person(number).name);
      if (names.length !== 1) this.difference(`a personal link was mailed to ${names.join(' and ')}`);
      const page = await new Browser(this.system.origin).open(link);
      this.check(page.status === 200, `the link of ${names[0]} answers ${page.status} in the end`);
      this.check(this.shows(page, names[0]!), `the link of ${names[0]} opens a page that does not name them`);
    });
    this.options.say(`${owners.size} personal links were mailed; each opens its owner's page.`);
  }

  // What one person does

  private async accept(number: number): Promise<void> {
    const { page, browser, who } = await this.openInvitation(number);
    const consent = !(parts.unlisted as readonly number[]).includes(number);
    const result = await this.do({ what: 'accepted', who: number, consent }, () =>
      browser.submit(this.formOf(page, '/acceptance'), { consent_to_be_listed: consent ? 'after' : 'never' }),
    );
    this.check(result.status === 200, `${who.name} accepts and is answered ${result.status}`);
  }

  private async decline(number: number): Promise<void> {
    const { page, browser, who } = await this.openInvitation(number);
    const reason = parts.decline.get(number as 11) ?? '';
    const result = await this.do({ what: 'declined', who: number }, () =>
      browser.submit(this.formOf(page, '/declination'), { reason }),
    );
    this.check(result.status === 200, `${who.name} declines and is answered ${result.status}`);
  }

  private async openInvitation(number: number): Promise<{ page: Page; browser: Browser; who: Person }> {
    const who = person(number);
    const mail = await this.inbox.waitFor(number, 'invitation');
    const browser = this.browserOf(number);
    const page = await browser.open(this.linkIn(mail.links, '/i/'));
    this.check(page.status === 200, `the invitation of ${who.name} answers ${page.status}`);
    this.check(this.shows(page, who.name), `the invitation page of ${who.name} does not name them`);
    for (const zone of new Set([who.timeZone, HOST_ZONE])) {
      const time = clockTime(this.startsAt, zone);
      this.check(plain(page.text).includes(time), `the page of ${who.name} does not show ${time} (${zone})`);
    }
    const { lang = '', dir = 'ltr' } = rootOf(page.html);
    const { language } = who;
    this.check(lang === language, `the page of ${who.name} is in ${lang}, not ${language}`);
    this.check(dir === (language === 'ar' ? 'rtl' : 'ltr'), `the page of ${who.name} has dir=${dir}`);
    this.check(
      !page.html.includes(FIRST_JOIN_URL),
      `the page of ${who.name} shows the link to join too early`,
    );
    return { page, browser, who };
  }

  private async openRegistration(number: number, kind: string, nth = 1): Promise<[Page, Browser]> {
    const mail = await this.inbox.waitFor(number, kind, nth);
    const browser = this.browserOf(number);
    const page = await browser.open(this.linkIn(mail.links, '/r/'));
    const { name } = person(number);
    this.check(page.status === 200, `the registration of ${name} answers ${page.status}`);
    this.check(this.shows(page, name), `the registration page of ${name} does not name them`);
    return [page, browser];
  }

  /** By the link in a mail of this kind, else in the confirmation, or in what they got instead. */
  private async withdraw(number: number, by?: string): Promise<void> {
    await this.quiet();
    const { name } = person(number);
    const has = (kind: string) => (this.inbox.of(number, kind).length > 0 ? kind : undefined);
    const kind =
      by ??
      (await this.inbox.until(
        () => has('confirmation') ?? has('waitlisted'),
        () => `${name} waits to be told that they are registered`,
      ));
    const [page, browser] = await this.openRegistration(number, kind);
    const result = await this.do({ what: 'withdrew', who: number }, () =>
      browser.submit(this.formOf(page, '/withdrawal')),
    );
    this.check(result.status === 200, `${name} withdraws and is answered ${result.status}`);
  }

  private async comeBack(number: number, by = 'confirmation'): Promise<void> {
    const [page, browser] = await this.openRegistration(number, by);
    const form = page.forms.find(({ action }) => !action.endsWith('/withdrawal') && action.includes('/r/'));
    if (!form) throw new Error(`Whoever withdrew finds no form to come back: ${page.text.slice(0, 300)}`);
    const result = await this.do({ what: 'accepted', who: number, consent: true }, () =>
      browser.submit(form),
    );
    this.check(result.status === 200, `${person(number).name} comes back and is answered ${result.status}`);
  }

  private async edit(): Promise<void> {
    const { number, language, timeZone } = parts.edits;
    const [page, browser] = await this.openRegistration(number, 'confirmation');
    const form = page.forms.find(({ fields }) => fields.some(({ name }) => name === 'time_zone'));
    if (!form) throw new Error('The registration page has no form to change language and zone.');
    const result = await this.do({ what: 'edited', who: number, language, timeZone, consent: false }, () =>
      browser.submit(form, { language, time_zone: timeZone, consent_to_be_listed: 'never' }),
    );
    this.check(result.status === 200, `changing a registration is answered ${result.status}`);
    this.check(rootOf(result.html)['lang'] === language, 'the page does not speak the new language');
  }

  /** By the page, or, for one of them, as JSON. */
  private async registerOpenly(number: number): Promise<void> {
    const who = person(number);
    const consent = !(parts.unlisted as readonly number[]).includes(number);
    const answers: Answers = {
      name: who.name,
      email: who.email,
      affiliation: who.affiliation,
      capacity: who.capacity,
      language: who.language,
      time_zone: who.timeZone,
      consent_to_be_listed: consent ? 'after' : 'never',
    };
    if (number === 102) {
      await this.do({ what: 'registered', who: number, consent }, () =>
        new Api(this.system.origin, null).post(`/v1/public/dialogues/${this.slug}/registrations`, answers),
      );
      return;
    }
    const page = await this.submitOpenForm({ what: 'registered', who: number, consent }, answers);
    this.check(page.status === 200, `registering openly is answered ${page.status}`);
  }

  /** Known already, the address written otherwise: the answer must be the one that everybody gets. */
  private async registerAgain(number: number): Promise<void> {
    const who = person(number);
    await this.inbox.waitFor(number, 'confirmation');
    const page = await this.submitOpenForm(
      { what: 'registered again', who: number },
      {
        name: ` ${who.name.toUpperCase()} `,
        email: who.email.toUpperCase(),
        affiliation: who.affiliation,
        language: 'en',
        time_zone: who.timeZone,
        consent_to_be_listed: 'after',
      },
    );
    this.check(page.status === 200, `registering again is answered ${page.status}`);
    this.check(!/already|déjà/i.test(page.text), 'the open form tells that an address is known');
  }

  private async submitOpenForm(act: Act, answers: Answers): Promise<Page> {
    const browser = new Browser(this.system.origin);
    const page = await browser.open(`/d/${this.slug}`);
    this.check(!page.html.includes(FIRST_JOIN_URL), 'the public page shows the link to join');
    return this.do(act, () => browser.submit(this.formOf(page, `/d/${this.slug}/registrations`), answers));
  }

  private async confirmAddress(number: number): Promise<void> {
    const mail = await this.inbox.waitFor(number, 'address-confirmation');
    const browser = this.browserOf(number);
    const link = mail.links.find((one) => one.startsWith(this.system.origin) && /\/[\w-]{65}$/.test(one));
    if (!link) throw new Error(`The mail to confirm an address has no link for it: ${mail.links.join(' ')}`);
    const page = await browser.open(link);
    const form = page.forms.find(({ method }) => method === 'post');
    if (!form) throw new Error(`The page to confirm an address has no form: ${page.text.slice(0, 300)}`);
    const result = await this.do({ what: 'confirmed address', who: number }, () => browser.submit(form));
    this.check(result.status === 200, `${person(number).name} confirms the address: ${result.status}`);
  }

  // Time

  /** Waits while anything falls due, so that it is plain who was concerned by it. */
  protected async quiet(): Promise<void> {
    for (;;) {
      const now = Date.now();
      const near = [...RULES.map(({ before }) => this.dueOf(before)), this.announcement].find(
        (due) => now > due - BEFORE_DUE && now < due + AFTER_DUE,
      );
      if (near === undefined) return;
      await this.sleepUntil(near + AFTER_DUE);
    }
  }

  private dueOf(before: string): number {
    return this.startsAt - Temporal.Duration.from(before).total('milliseconds');
  }

  /** Waits until a reminder fell due and had time to go out. */
  private passed(before: string): Promise<void> {
    return this.sleepUntil(this.dueOf(before) + AFTER_DUE);
  }

  /**
   * A start that leaves time for everything before the first reminder, and from which, where that costs no more than
   * some seconds, a small move reaches another minute: readers see no seconds.
   */
  private chooseStart(): number {
    const ahead = (this.options.kill ? 118 : 104) + this.system.busySeconds;
    const earliest = Math.ceil(Date.now() / 1000) + ahead;
    const starts = Array.from({ length: 10 }, (_, index) => earliest + index);
    return (starts.find(reachesNextMinute) ?? earliest) * 1000;
  }

  private movedStart(): number {
    return this.startsAt + moveBy(this.startsAt / 1000) * 1000;
  }

  private schedule(start: number): {
    end: number;
    local: { starts_at_local: string; ends_at_local: string };
  } {
    const end = start + (LASTS_SECONDS + this.system.busySeconds) * 1000;
    const local = (instant: number) =>
      Temporal.Instant.fromEpochMilliseconds(instant)
        .toZonedDateTimeISO(HOST_ZONE)
        .toPlainDateTime()
        .toString({ smallestUnit: 'second' });
    return { end, local: { starts_at_local: local(start), ends_at_local: local(end) } };
  }

  // Bad luck

  /** The mail servers of the readers: some addresses they do not know; `more` may misbehave beside that. */
  private behave(more?: Behaviour): void {
    this.system.mailbox.behave((moment) => {
      const address = moment.to.at(-1)?.toLowerCase() ?? '';
      if (moment.stage !== 'recipient' || !this.unknown.has(address)) return more?.(moment);
      this.refusals.add(address);
      return { reply: 550, text: '5.1.1 User unknown' };
    });
  }

  /** kill -9 in the moment when the n-th mail of a kind has come in and has not been answered; then starts it again. */
  private killDuring(kind: string, nth: number): void {
    let count = 0;
    let killed: Promise<void> | undefined;
    this.behave(async ({ stage, raw }) => {
      if (stage !== 'received' || !raw?.includes(`X-Plenary-Mail: ${kind}`)) return;
      count++;
      if (count < nth) {
        // A mail server that takes its time, so that the kill comes in the middle.
        await pause(15);
        return;
      }
      killed ??= (async () => {
        this.kills++;
        await this.system.worker.kill();
        this.behave();
        this.options.say(`kill -9 of the worker at the ${nth}th ${kind}; it is started again.`);
        this.system.worker.start();
      })();
      await killed;
    });
  }

  // Small things

  /** Waits until the ledger has nothing left to send, or this instant has come. */
  private async sent(latest: number): Promise<void> {
    const open = ['queued', 'sending', 'deferred'];
    while (Date.now() < latest && (await this.ledger()).some(({ state }) => open.includes(state)))
      await pause(300);
  }

  /** A mail gateway opens every link of ours, twice, follows redirects and submits nothing. */
  private async scan(links: readonly string[]): Promise<void> {
    const ours = links.filter((link) => link.startsWith(this.system.origin));
    while (this.scanning >= 4) await pause(10);
    this.scanning++;
    try {
      for (const link of [...ours, ...ours]) {
        const { status } = await new Browser(this.system.origin).open(link);
        this.scanned++;
        // What only programs with a token may read is closed to a gateway.
        const isApi = new URL(link).pathname.startsWith('/v1/');
        this.check(
          status === (isApi ? 401 : 200),
          `a gateway opens ${new URL(link).pathname.slice(0, 12)}… and gets ${status}`,
        );
      }
    } catch (error) {
      this.difference(`a gateway opens a link in vain: ${(error as Error).message}`);
    } finally {
      this.scanning--;
    }
  }

  async scansDone(): Promise<void> {
    for (const scan of this.scans.splice(0)) await scan;
  }
}

/** What a gateway opens: all links in a mail, and those in its header. */
function linksToScan({ links, unsubscribe }: Delivered): string[] {
  return unsubscribe === '' ? links : [...links, unsubscribe.replace(/^<|>$/g, '')];
}

/** By how many seconds the start moves, at least and at most. */
const MOVE_SECONDS = [15, 30] as const;

/** As little as reaches the next minute, where that is near. */
function moveBy(start: number): number {
  const [least, most] = MOVE_SECONDS;
  const toMinute = 60 - (start % 60);
  return toMinute > most ? least : Math.max(least, toMinute);
}

function reachesNextMinute(start: number): boolean {
  return (start % 60) + moveBy(start) >= 60;
}

/** What the note must and must not show. */
export const NOTE_WORDS = [
  INTRODUCTION,
  WAY_FORWARD,
  ...reference.interventions.map(({ text }) => text),
  ...reference.interventions.flatMap(({ commitment }) => (commitment ? [commitment.text] : [])),
];
