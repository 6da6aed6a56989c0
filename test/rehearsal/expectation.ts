/**
 * Works out from what people did what each of them should have received: a model of its own that shares no line with
 * the product. Instants are milliseconds since 1970.
 */

/** What the model must know of a person at first. */
export interface Reader {
  number: number;
  name: string;
  email: string;
  language: string;
  timeZone: string;
}

export interface Rule {
  /** ISO 8601 duration before the start. */
  before: string;
  audience: 'everyone' | 'speakers';
}

/** Tells whoever is silent, or their focal point, once so much time has passed since they were asked. */
export interface ChasingRule {
  /** ISO 8601 duration after the invitation. */
  after: string;
  tells: 'invitee' | 'focal point';
}

/** What somebody did. */
export type Act =
  | { what: 'signed in'; who?: number }
  | { what: 'scheduled'; startsAt: number; endsAt: number; joinUrl: string }
  | { what: 'moved'; startsAt: number; endsAt: number; joinUrl: string }
  | { what: 'ruled'; rules: Rule[] }
  | { what: 'chases'; rules: ChasingRule[] }
  /** An organiser was given a role in the dialogue. */
  | { what: 'got a role'; who: number }
  | { what: 'invited'; who: number }
  /** A focal point was asked to nominate. */
  | { what: 'asked to nominate'; who: number; seats: number }
  /** For a seat of a delegation, by its focal point, whose zone they are taken to be in. */
  | { what: 'nominated'; who: number; by: number; timeZone: string }
  | { what: 'accepted'; who: number; consent: boolean }
  | { what: 'approved'; who: number }
  | { what: 'refused'; who: number }
  /** They named a substitute, on whom their focal point is to decide. */
  | { what: 'proposed a substitute'; who: number }
  /** Their substitute was named and approved; who it is gets the seat offered. */
  | { what: 'was substituted'; who: number; substitute: number }
  /** A substitute takes the seat that is offered. */
  | { what: 'took the seat'; who: number; consent: boolean }
  | { what: 'declined'; who: number }
  | { what: 'withdrew'; who: number }
  /** By the open link, address and name unknown so far. */
  | { what: 'registered'; who: number; consent: boolean }
  /** By the open link, though registered already. */
  | { what: 'registered again'; who: number }
  | { what: 'confirmed address'; who: number }
  | { what: 'edited'; who: number; language: string; timeZone: string; consent: boolean }
  /** The server of their address said at once that there is no such mailbox, or took their last mail of a kind and gave it back. */
  | { what: 'was refused'; who: number; kind: string }
  | { what: 'bounced'; who: number; kind: string }
  /** Their last mail of a kind came back for now, with no time left to try again by itself; an organiser sends it again. */
  | { what: 'mailbox was full'; who: number; kind: string }
  | { what: 'sent again'; who: number; kind: string }
  /** The organiser writes to another address, or to the same one again. */
  | { what: 'address corrected'; who: number; email: string }
  | { what: 'address lifted'; who: number }
  /** From what they can do without about their invitation. */
  | { what: 'unsubscribed'; who: number }
  /** With the button of a calendar program. */
  | { what: 'declined in calendar'; who: number }
  /** The organiser says a kind of mail in own words in one language; `words` as a reader sees them. */
  | { what: 'worded'; kind: string; language: string; words: string }
  /** The organiser holds what was still to tell these people of their withdrawal, and lets it go again. */
  | { what: 'held withdrawals'; of: readonly number[] }
  | { what: 'released' }
  | { what: 'published the note' };

/** An act with when it was asked for and when it was answered. */
export type Done = Act & { asked: number; answered: number };

export type Standing =
  | 'not invited'
  | 'invited'
  | 'declined'
  | 'unconfirmed'
  | 'awaiting_approval'
  | 'refused'
  | 'offered'
  | 'under_review'
  | 'confirmed'
  | 'waitlisted'
  | 'withdrawn';

/** A mail that someone should have received. */
export interface ExpectedMail {
  /** Number of the person; 0 is the organiser. */
  who: number;
  /** Where it goes. */
  email: string;
  kind: string;
  /**
   * What becomes of it: it arrives; it arrives and comes back; the server refuses it; or it is not sent at all, since the
   * address bounced or its reader wants no such mails, or since it was no longer so when it was released. The ledger says so.
   */
  fate: 'arrives' | 'comes back' | 'refused' | 'withheld' | 'stale';
  /** The address that a mail must tell of. Several of these may be told in one mail. */
  tells: string | null;
  /** The organiser's own words that it says. */
  words: string | null;
  /** Number of the dialogue it is about; null: of none. */
  dialogue: number | null;
  /** What stands in the table beside the kind: where the reader stood when it was caused. */
  standing: string;
  /** For a line of detail: "reminder PT40S". */
  label: string;
  /** Not before, not after. */
  from: number;
  until: number;
  language: string;
  timeZone: string;
  startsAt: number;
  endsAt: number;
  calendar: 'REQUEST' | 'CANCEL' | null;
  /**
   * Where the link to join leads that it shows, its reader's own; null: it must show none; undefined: it may, to someone who
   * is confirmed.
   */
  joinUrl: string | null | undefined;
  /** Path at which the link begins that it must have: their own, or a page of the dialogue; null: it needs none. */
  link: '/i/' | '/r/' | '/d/' | '/n/' | '/organiser' | '/sign-in' | null;
}

/** About an invitation alone: they have not asked for it, so they can do without. */
const ABOUT_INVITATIONS = new Set(['invitation', 'invitation-change', 'chaser']);

/** About an organiser, in no dialogue. */
const OF_NO_DIALOGUE = new Set(['sign-in', 'role-given']);

export interface Expectation {
  mails: ExpectedMail[];
  /** Where each person stands in the end. */
  standings: Map<number, Standing>;
  /** The waitlist in the end, in order. */
  waitlist: number[];
  /** Who may stand in the annex: confirmed and agreed to be listed. */
  annex: number[];
  /** Acts too close to a reminder or an announcement to say what is owed. */
  unclear: string[];
}

interface Part {
  reader: Reader;
  email: string;
  /** Nothing is sent to their address any more. */
  suppressed: boolean;
  unsubscribed: boolean;
  standing: Standing;
  language: string;
  timeZone: string;
  confirmedAt: number;
  consent: boolean;
  /** Since when they are asked to answer. */
  invitedAt: number;
  /** Their focal point, where one nominated them. */
  focalPoint: number | null;
}

/** Acts that a reminder or an announcement at the same moment has nothing to do with. */
const INDIFFERENT: Act['what'][] = [
  'signed in',
  'got a role',
  'invited',
  'nominated',
  'registered again',
  'declined',
  'was refused',
  'mailbox was full',
  'sent again',
  'unsubscribed',
  'worded',
  'held withdrawals',
  'released',
];

/** Longest that the worker may take to notice that something is due. */
const NOTICE = 4_000;

/** Approvers are told once a day, from seven in the morning on; all approvers of the rehearsal live by UTC. */
export function isTimeToTellApprovers(instant: number): boolean {
  return new Date(instant).getUTCHours() >= 7;
}

/** @param gathering for how long a change rests before it is told, in milliseconds */
export function expectation(
  readers: readonly Reader[],
  acts: readonly Done[],
  setting: {
    places: number;
    workingLanguages: readonly string[];
    spoken: readonly string[];
    inAgenda: ReadonlySet<string | undefined>;
    gathering: number;
    organiser: { email: string; language: string };
    /** Its number. */
    dialogue: number;
    /** Who is told that registrations are to be approved, where somebody has to approve them. */
    approvers?: readonly number[];
    /** What fell due later is not asked for: when a story broke off. */
    until?: number;
  },
): Expectation {
  const parts = new Map<number, Part>();
  for (const reader of readers) {
    const { number, language, timeZone } = reader;
    parts.set(number, {
      reader,
      email: reader.email,
      suppressed: false,
      unsubscribed: false,
      standing: 'not invited',
      language,
      timeZone,
      confirmedAt: 0,
      consent: false,
      invitedAt: 0,
      focalPoint: null,
    });
    if (number <= 0) throw new Error('Numbers begin with 1.');
  }
  const of = (who: number): Part => parts.get(who)!;
  const waitlist: number[] = [];
  const mails: ExpectedMail[] = [];
  const unclear: string[] = [];
  let schedule = { startsAt: Infinity, endsAt: Infinity, joinUrl: '', since: 0 };
  let rules: Rule[] = [];
  let rulesSince = 0;
  let chasing: ChasingRule[] = [];
  /** What somebody was told of already: one mail to a focal point for each rule, one a day to an approver. */
  const told = new Set<string>();
  const worded = new Map<string, string>();
  let onHold: ExpectedMail[] = [];
  const seatsOf = new Map<number, { seats: number; askedAt: number }>();
  let waitingSince: number | undefined;
  let announcementDue: number | null = null;
  let reached = 0;

  /** Own language where it is spoken here, else the dialogue's first working language. */
  const written = (language: string): string => {
    const [own = ''] = language.toLowerCase().split('-');
    return setting.spoken.includes(own) ? own : setting.workingLanguages[0]!;
  };

  const expect = (
    who: number,
    kind: string,
    at: number,
    more: Partial<ExpectedMail> & { standing: string },
  ): void => {
    const part = of(who);
    const isUnwanted = part.suppressed || (part.unsubscribed && ABOUT_INVITATIONS.has(kind));
    mails.push({
      ...plainMail(who, part.email, kind, at),
      fate: isUnwanted ? 'withheld' : 'arrives',
      words: worded.get(`${kind} ${written(part.language)}`) ?? null,
      language: written(part.language),
      timeZone: part.timeZone,
      startsAt: schedule.startsAt,
      endsAt: schedule.endsAt,
      ...more,
    });
  };

  /** A mail with nothing in it yet. */
  const plainMail = (who: number, email: string, kind: string, from: number): ExpectedMail => ({
    who,
    email,
    kind,
    fate: 'arrives',
    tells: null,
    words: null,
    dialogue: OF_NO_DIALOGUE.has(kind) ? null : setting.dialogue,
    standing: 'organiser',
    label: kind,
    from,
    until: Infinity,
    language: setting.organiser.language,
    timeZone: 'UTC',
    startsAt: NaN,
    endsAt: NaN,
    calendar: null,
    joinUrl: null,
    link: null,
  });

  const toOrganiser = (who: number, kind: string, from: number): ExpectedMail =>
    plainMail(who, who === 0 ? setting.organiser.email : of(who).email, kind, from);

  /** The last mail of a kind to someone, which is the one that the other server speaks of. */
  const lastMail = (who: number, kind: string): ExpectedMail =>
    mails.findLast((mail) => mail.who === who && mail.kind === kind)!;

  /** A mail is not delivered, and the organiser is told. */
  const giveBack = (who: number, kind: string, fate: 'refused' | 'comes back', at: number): void => {
    const mail = lastMail(who, kind);
    const standing = `${mail.standing}, ${fate}`;
    Object.assign(mail, { fate, standing });
    mails.push({ ...toOrganiser(0, 'undelivered', at), tells: of(who).email, link: '/organiser' });
  };

  const confirmed = () => [...parts.values()].filter(({ standing }) => standing === 'confirmed');

  const confirm = (who: number, asked: number, at: number, promoted: boolean): void => {
    Object.assign(of(who), { standing: 'confirmed', confirmedAt: at });
    expect(who, 'confirmation', asked, {
      standing: promoted ? 'moved up' : 'confirmed',
      label: promoted ? 'confirmation (moved up)' : 'confirmation',
      calendar: 'REQUEST',
      joinUrl: schedule.joinUrl,
      link: '/r/',
    });
  };

  const register = (who: number, asked: number, at: number): void => {
    if (!setting.approvers) return takePlace(who, asked, at);
    waitingSince ??= asked;
    of(who).standing = 'awaiting_approval';
    expect(who, 'awaiting-approval', asked, { standing: 'to be approved', link: '/r/' });
  };

  const takePlace = (who: number, asked: number, at: number): void => {
    if (confirmed().length < setting.places && waitlist.length === 0) return confirm(who, asked, at, false);
    of(who).standing = 'waitlisted';
    waitlist.push(who);
    expect(who, 'waitlisted', asked, { standing: 'waitlisted', link: '/r/' });
  };

  const withdraw = (who: number, asked: number, at: number): void => {
    const part = of(who);
    const held = part.standing === 'confirmed';
    if (!held) waitlist.splice(waitlist.indexOf(who), 1);
    part.standing = 'withdrawn';
    expect(who, 'withdrawal', asked, {
      standing: held ? 'was confirmed' : 'was waitlisted',
      label: held ? 'withdrawal (was confirmed)' : 'withdrawal (was waitlisted)',
      calendar: held ? 'CANCEL' : null,
    });
    const next = held ? waitlist.shift() : undefined;
    if (next !== undefined) confirm(next, asked, at, true);
  };

  const remind = (due: number, before: string, until: number): void => {
    const speakersOnly = rules.every((rule) => rule.before !== before || rule.audience === 'speakers');
    for (const { reader, confirmedAt } of confirmed()) {
      if (confirmedAt >= due || (speakersOnly && !setting.inAgenda.has(reader.name))) continue;
      expect(reader.number, 'reminder', due, {
        standing: `confirmed, ${before}`,
        label: `reminder ${before}`,
        until,
        joinUrl: schedule.joinUrl,
        link: '/r/',
      });
    }
  };

  /** Instants at which reminders are owed under this schedule and these rules, each duration once. */
  const dues = (): { due: number; before: string; until: number }[] => {
    const durations = [...new Set(rules.map(({ before }) => before))];
    const all = durations.map((before) => ({
      before,
      due: schedule.startsAt - Temporal.Duration.from(before).total('milliseconds'),
    }));
    return all
      .map(({ before, due }) => {
        const later = all.map((other) => other.due).filter((other) => other > due);
        return { before, due, until: Math.min(schedule.startsAt, ...later) };
      })
      .filter(({ due }) => due > schedule.since && due > rulesSince)
      .toSorted((one, other) => one.due - other.due);
  };

  const later = (instant: number, duration: string): number =>
    instant + Temporal.Duration.from(duration).total('milliseconds');

  /** Instants at which somebody is chased who has not answered by then. */
  const chases = (): { at: number; who: number; rule: ChasingRule }[] =>
    [...parts]
      .filter(([, { invitedAt }]) => invitedAt > 0)
      .flatMap(([who, { invitedAt }]) =>
        chasing.map((rule) => ({ at: later(invitedAt, rule.after), who, rule })),
      );

  const chase = (who: number, { after, tells }: ChasingRule, at: number): void => {
    const { standing, focalPoint } = of(who);
    if (standing !== 'invited') return;
    if (tells === 'invitee') {
      expect(who, 'chaser', at, { standing: `silent, ${after}`, label: `chaser ${after}`, link: '/i/' });
    } else if (focalPoint !== null) tellFocalPoint(focalPoint, 'silence', after, at);
  };

  const tellFocalPoint = (who: number, kind: string, after: string, at: number): void => {
    if (told.has(`${kind} ${who} ${after}`)) return;
    told.add(`${kind} ${who} ${after}`);
    expect(who, kind, at, { standing: `focal point, ${after}`, label: `${kind} ${after}`, link: '/n/' });
  };

  /** Instants at which focal points are told of seats for which nobody is nominated. */
  const looksAtSeats = (): { at: number; who: number; after: string }[] =>
    [...seatsOf].flatMap(([who, { askedAt }]) =>
      chasing
        .filter(({ tells }) => tells === 'focal point')
        .map(({ after }) => ({ at: later(askedAt, after), who, after })),
    );

  const lookAtSeats = (who: number, after: string, at: number): void => {
    const named = [...parts.values()].filter(
      ({ focalPoint, standing }) =>
        focalPoint === who && !['declined', 'withdrawn', 'refused'].includes(standing),
    );
    if (named.length < seatsOf.get(who)!.seats) tellFocalPoint(who, 'nomination-chaser', after, at);
  };

  const tellApprovers = (at: number): void => {
    if (waitingSince === undefined || !isTimeToTellApprovers(at)) return;
    for (const who of setting.approvers ?? []) {
      if (told.has(`approver ${who}`)) continue;
      told.add(`approver ${who}`);
      mails.push({ ...toOrganiser(who, 'approvals-waiting', waitingSince), link: '/organiser' });
    }
  };

  /** Lets time pass: what falls due meanwhile is owed to whoever is confirmed then. */
  const advance = (to: number): void => {
    const events = dues()
      .filter(({ due }) => due > reached && due <= to)
      .map(({ due, before, until }) => ({ at: due, happen: () => remind(due, before, until) }));
    for (const { at, who, rule } of chases()) {
      if (at > reached && at <= to) events.push({ at, happen: () => chase(who, rule, at) });
    }
    for (const { at, who, after } of looksAtSeats()) {
      if (at > reached && at <= to) events.push({ at, happen: () => lookAtSeats(who, after, at) });
    }
    if (announcementDue !== null && announcementDue <= to) {
      const at = announcementDue;
      announcementDue = null;
      events.push({ at, happen: () => announce(at) });
    }
    for (const event of events.toSorted((one, other) => one.at - other.at)) event.happen();
    reached = Math.max(reached, to);
  };

  const announce = (at: number): void => {
    for (const { reader, standing } of parts.values()) {
      if (standing === 'confirmed') {
        expect(reader.number, 'change', at, {
          standing: 'confirmed',
          calendar: 'REQUEST',
          joinUrl: schedule.joinUrl,
          link: '/r/',
        });
      } else if (standing === 'waitlisted') {
        expect(reader.number, 'change', at, { standing: 'waitlisted', link: '/r/' });
      } else if (standing === 'invited' && lastMail(reader.number, 'invitation').fate === 'arrives') {
        // Whose invitation did not arrive has no time to unlearn.
        expect(reader.number, 'invitation-change', at, { standing: 'silent', link: '/i/' });
      } else if (seatsOf.has(reader.number)) {
        expect(reader.number, 'delegation-change', at, { standing: 'focal point', link: '/n/' });
      }
    }
  };

  for (const act of acts.toSorted((one, other) => one.answered - other.answered)) {
    advance(act.answered);
    if ('who' in act || act.what === 'moved') {
      // Only the silent are chased.
      const mine = chases().filter(
        ({ who }) => 'who' in act && who === act.who && of(who).standing === 'invited',
      );
      const instants = [
        ...mine.map(({ at }) => at),
        ...dues().map(({ due }) => due),
        ...(announcementDue ? [announcementDue] : []),
      ];
      for (const instant of instants) {
        const near = act.asked - NOTICE < instant && instant < act.answered + 500;
        if (near && !INDIFFERENT.includes(act.what)) {
          const seconds = ((act.asked - instant) / 1000).toFixed(1);
          unclear.push(`${act.what}${'who' in act ? ` (${act.who})` : ''}, ${seconds} s from what was due`);
        }
      }
    }
    const { asked, answered } = act;
    switch (act.what) {
      case 'signed in':
        mails.push(toOrganiser(act.who ?? 0, 'sign-in', asked));
        break;
      case 'got a role':
        mails.push({ ...toOrganiser(act.who, 'role-given', asked), link: '/sign-in' });
        break;
      case 'chases':
        chasing = act.rules;
        break;
      case 'scheduled':
      case 'moved': {
        const { startsAt, endsAt, joinUrl } = act;
        schedule = { startsAt, endsAt, joinUrl, since: act.what === 'moved' ? answered : 0 };
        if (act.what === 'moved') announcementDue = asked + setting.gathering;
        break;
      }
      case 'ruled':
        rules = act.rules;
        rulesSince = answered;
        break;
      case 'invited':
        of(act.who).standing = 'invited';
        expect(act.who, 'invitation', asked, { standing: 'invited', link: '/i/' });
        break;
      case 'asked to nominate':
        seatsOf.set(act.who, { seats: act.seats, askedAt: asked });
        expect(act.who, 'nomination-request', asked, { standing: 'focal point', link: '/n/' });
        break;
      case 'nominated':
        Object.assign(of(act.who), { timeZone: act.timeZone, focalPoint: act.by, standing: 'invited' });
        of(act.who).invitedAt = asked;
        expect(act.who, 'invitation', asked, { standing: 'nominated', link: '/i/' });
        break;
      case 'approved':
        tellApprovers(asked);
        if (of(act.who).standing === 'under_review') confirm(act.who, asked, answered, false);
        else takePlace(act.who, asked, answered);
        break;
      case 'refused':
        of(act.who).standing = 'refused';
        expect(act.who, 'refusal', asked, { standing: 'refused' });
        break;
      case 'proposed a substitute': {
        const { focalPoint } = of(act.who);
        if (focalPoint !== null) {
          expect(focalPoint, 'substitution-proposed', asked, { standing: 'focal point', link: '/n/' });
        }
        break;
      }
      case 'was substituted': {
        const { who, substitute } = act;
        of(who).standing = 'withdrawn';
        expect(who, 'substituted', asked, { standing: 'was confirmed', calendar: 'CANCEL' });
        Object.assign(of(substitute), { standing: 'offered', focalPoint: of(who).focalPoint });
        expect(substitute, 'substitute', asked, { standing: 'offered a seat', link: '/r/' });
        break;
      }
      case 'took the seat':
        of(act.who).consent = act.consent;
        // Approved was somebody else: the seat is theirs, and they are looked at.
        if (setting.approvers) {
          of(act.who).standing = 'under_review';
          expect(act.who, 'under-review', asked, { standing: 'to be approved', link: '/r/' });
        } else confirm(act.who, asked, answered, false);
        break;
      case 'declined':
        of(act.who).standing = 'declined';
        break;
      case 'accepted':
        of(act.who).consent = act.consent;
        register(act.who, asked, answered);
        break;
      case 'registered':
        of(act.who).standing = 'unconfirmed';
        of(act.who).consent = act.consent;
        expect(act.who, 'address-confirmation', asked, { standing: 'unconfirmed', link: '/r/' });
        break;
      case 'registered again':
        expect(act.who, 'registration-link', asked, {
          standing: of(act.who).standing,
          link: '/r/',
          joinUrl: undefined,
        });
        break;
      case 'confirmed address':
        register(act.who, asked, answered);
        break;
      case 'withdrew':
        withdraw(act.who, asked, answered);
        break;
      case 'edited': {
        const { language, timeZone, consent } = act;
        Object.assign(of(act.who), { language, timeZone, consent });
        break;
      }
      case 'was refused':
        // Nobody lives there: nothing more goes there.
        giveBack(act.who, act.kind, 'refused', asked);
        of(act.who).suppressed = true;
        break;
      case 'bounced':
        giveBack(act.who, act.kind, 'comes back', asked);
        of(act.who).suppressed = true;
        break;
      case 'mailbox was full':
        giveBack(act.who, act.kind, 'comes back', asked);
        break;
      case 'sent again': {
        const { standing, link } = lastMail(act.who, act.kind);
        expect(act.who, act.kind, asked, { standing: `${standing}, sent again`, link });
        break;
      }
      case 'address corrected':
        Object.assign(of(act.who), { email: act.email, suppressed: false });
        break;
      case 'address lifted':
        of(act.who).suppressed = false;
        break;
      case 'unsubscribed':
        of(act.who).unsubscribed = true;
        break;
      case 'declined in calendar':
        // Once for a time and place; it frees nothing.
        if (of(act.who).standing === 'confirmed' && !told.has(`calendar ${act.who} ${schedule.since}`)) {
          told.add(`calendar ${act.who} ${schedule.since}`);
          expect(act.who, 'calendar-reply', asked, { standing: 'declined in the calendar', link: '/r/' });
        }
        break;
      case 'worded':
        worded.set(`${act.kind} ${act.language}`, act.words);
        break;
      case 'held withdrawals':
        onHold = act.of.map((who) => lastMail(who, 'withdrawal'));
        for (const mail of onHold)
          Object.assign(mail, { standing: `${mail.standing}, held`, from: Infinity });
        break;
      case 'released':
        for (const mail of onHold) {
          mail.from = asked;
          if (of(mail.who).standing !== 'withdrawn') mail.fate = 'stale';
        }
        break;
      case 'published the note':
        for (const { reader } of confirmed()) {
          expect(reader.number, 'summary', asked, {
            standing: 'confirmed',
            joinUrl: undefined,
            link: '/d/',
          });
        }
        break;
    }
  }
  advance(setting.until ?? Infinity);

  for (const mail of mails) if (['withheld', 'stale'].includes(mail.fate)) mail.standing += ', not sent';

  return {
    mails,
    standings: new Map([...parts].map(([who, { standing }]) => [who, standing])),
    waitlist,
    annex: confirmed()
      .filter(({ consent }) => consent)
      .map(({ reader }) => reader.number),
    unclear,
  };
}
