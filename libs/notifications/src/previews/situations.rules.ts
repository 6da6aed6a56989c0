import type { NoteDocument } from '@app/proceedings';

/** What of a dialogue decides what a mail of it says. */
export interface PreviewedDialogue {
  startsAt: Date;
  endsAt: Date;
  timeZone: string;
  hosts: string[];
  title: string;
  workingLanguages: string[];
  cancellationReason: string | null;
  /** Until when a place would be held that is offered now. */
  offerUntil: Date;
}

/** What is taken to be so while a mail is looked at, so that it can be seen before it is. */
export interface Situation {
  /** State of the dialogue. */
  dialogue?: 'postponed' | 'cancelled';
  /** Of the registration, invitation, delegation or code. */
  subject?: object;
  parameters?: Record<string, string | number | boolean | null>;
  /** The note for file, where none is published. */
  note?: NoteDocument;
}

/** By name, such as `promoted`. */
export type Situations = Readonly<Record<string, (dialogue: PreviewedDialogue) => Situation>>;

/** Where a text of somebody's will stand, such as a reason. */
export const TO_COME = '…';

const WEEK_MS = 7 * 86_400_000;

/** When and where the dialogue was to be, in a preview of its being moved: a week before, and elsewhere. */
const previously = ({ startsAt, endsAt, timeZone }: PreviewedDialogue) => ({
  previous_starts_at: new Date(startsAt.getTime() - WEEK_MS).toISOString(),
  previous_ends_at: new Date(endsAt.getTime() - WEEK_MS).toISOString(),
  previous_time_zone: timeZone,
  previous_venue_kind: 'in_person',
  previous_room: TO_COME,
});

const planned = ({ startsAt, endsAt, timeZone }: PreviewedDialogue) => ({
  previous_starts_at: startsAt.toISOString(),
  previous_ends_at: endsAt.toISOString(),
  previous_time_zone: timeZone,
});

/** Whoever reads a mail that has no reader yet. */
export const READER = {
  honorific: 'H.E.',
  name: 'Amina Sample',
  email: 'amina.sample@delegation.example',
};
/** Of whom they read. */
export const OTHER = { honorific: 'Mr.', name: 'Omar Sample', email: 'omar.sample@delegation.example' };
/** Who would come in the place of that one. */
export const SUBSTITUTE = {
  honorific: 'Ms.',
  name: 'Leila Sample',
  email: 'leila.sample@delegation.example',
};
export const SAMPLE_ORGANISATION = 'Sample Organisation';
const SUBSTITUTION = { ...OTHER, reason: TO_COME, leaver: OTHER };

const state =
  (subject: object, parameters: Situation['parameters'] = {}) =>
  (): Situation => ({ subject, parameters });
const usual = (situation: Situations[string] = () => ({})): Situations => ({ usual: situation });

/** The subject is told that this has changed (see `Change`). */
const changed =
  (what: string, subject?: object): Situations[string] =>
  (dialogue) => ({
    ...(subject && { subject }),
    parameters: { what, ...previously(dialogue) },
  });

/** The subject is told that the dialogue does not take place as planned. */
const put =
  (
    to: 'postponed' | 'cancelled',
    subject?: object,
    parameters?: Situation['parameters'],
  ): Situations[string] =>
  (dialogue) => ({
    dialogue: to,
    ...(subject && { subject }),
    parameters: { ...parameters, ...planned(dialogue) },
  });

const CONFIRMED = { state: 'confirmed', mayEnter: true };
/** What was changed after they had been confirmed is being considered. */
const UNDER_REVIEW = { state: 'under_review', mayEnter: true };
const WAITLISTED = { state: 'waitlisted', mayEnter: false };
const AWAITING = { state: 'awaiting_approval', mayEnter: false };
const OFFERED = { state: 'offered', mayEnter: false };
const REFUSED = { state: 'refused', mayEnter: false };
/** Whoever withdrew, or was taken off a delegation. */
const LEFT = { state: 'withdrawn', mayEnter: false, removedFrom: null };
const REMOVED = { ...LEFT, removedFrom: SAMPLE_ORGANISATION };
const SUBSTITUTED = { state: 'withdrawn', mayEnter: false, substitution: SUBSTITUTION };

/** Of those who have no registration of their own. */
const CHANGES: Situations = {
  time: changed('time'),
  place: changed('place'),
  both: changed('both'),
  date: changed('date'),
  postponement: put('postponed', undefined, { what: 'postponement' }),
};

/** For each kind that can be looked at before it goes, what is taken to be so; the first unless another is named. */
export const SITUATIONS: Readonly<Record<string, Situations>> = {
  invitation: usual(),
  chaser: usual(),
  'invitation-change': CHANGES,
  'invitation-cancellation': usual(put('cancelled')),
  'nomination-request': usual(),
  'nomination-chaser': usual(),
  silence: usual(),
  'delegation-change': CHANGES,
  'delegation-cancellation': usual(put('cancelled')),
  'address-confirmation': usual(state({ state: 'unconfirmed', mayEnter: false })),
  'registration-link': {
    confirmed: state(CONFIRMED),
    waitlisted: state(WAITLISTED),
    offered: state(OFFERED),
    awaiting_approval: state(AWAITING),
    under_review: state(UNDER_REVIEW),
    refused: state(REFUSED),
    withdrawn: state(LEFT),
  },
  'join-link': usual(state(CONFIRMED)),
  // To the address that they had before.
  'calendar-removal': usual(state({ email: OTHER.email, wasWrittenTo: true }, { join_generation: 1 })),
  'awaiting-approval': usual(state(AWAITING)),
  waitlisted: usual(state(WAITLISTED)),
  offer: usual(({ offerUntil }) => ({ subject: { ...OFFERED, offerExpiresAt: offerUntil } })),
  'offer-lapsed': usual(state(LEFT)),
  confirmation: { at_once: state(CONFIRMED), promoted: state(CONFIRMED, { promoted: true }) },
  'under-review': {
    changed: state(UNDER_REVIEW),
    substitute: state({ ...UNDER_REVIEW, mayEnter: false }, { substitute: true }),
  },
  refusal: {
    was_waiting: state(REFUSED, { reason: TO_COME }),
    was_confirmed: state(REFUSED, { reason: TO_COME, was_confirmed: true }),
  },
  withdrawal: {
    was_confirmed: state(LEFT, { was_confirmed: true }),
    was_waiting: state(LEFT),
    removed: state(REMOVED, { was_confirmed: true }),
    removed_while_waiting: state(REMOVED),
  },
  substitute: usual(state({ ...OFFERED, substitution: SUBSTITUTION })),
  substituted: {
    was_confirmed: state(SUBSTITUTED, { was_confirmed: true }),
    was_waiting: state(SUBSTITUTED),
  },
  'substitution-refused': usual(state({ ...CONFIRMED, substitution: SUBSTITUTION })),
  'substitution-proposed': usual(),
  reminder: usual(state(CONFIRMED)),
  change: {
    time: changed('time', CONFIRMED),
    place: changed('place', CONFIRMED),
    both: changed('both', CONFIRMED),
    date: changed('date', CONFIRMED),
    other: changed('other', CONFIRMED),
    waitlisted: changed('time', WAITLISTED),
    awaiting_approval: changed('time', AWAITING),
    offered: changed('time', OFFERED),
  },
  postponement: {
    confirmed: put('postponed', CONFIRMED),
    waitlisted: put('postponed', WAITLISTED),
    awaiting_approval: put('postponed', AWAITING),
    offered: put('postponed', OFFERED),
  },
  cancellation: { confirmed: put('cancelled', CONFIRMED), waitlisted: put('cancelled', WAITLISTED) },
  summary: usual((dialogue) => ({ subject: CONFIRMED, note: noteToCome(dialogue) })),
  'calendar-reply': usual(state(CONFIRMED)),
  code: { usual: () => ({}), new_address: state({ isNewAddress: true }) },
  erased: {
    withdrawn: () => ({ parameters: { withdrawn: true, was_confirmed: true } }),
    afterwards: () => ({ parameters: { withdrawn: false } }),
  },
};

function noteToCome({
  title,
  startsAt,
  endsAt,
  timeZone,
  hosts,
  workingLanguages,
}: PreviewedDialogue): NoteDocument {
  return {
    title,
    starts_at: startsAt.toISOString(),
    ends_at: endsAt.toISOString(),
    time_zone: timeZone,
    venue: { kind: 'virtual', platform: null, room: null },
    hosts,
    working_languages: workingLanguages,
    introduction: TO_COME,
    sessions: [],
    way_forward: TO_COME,
  };
}
