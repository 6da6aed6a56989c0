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
}

/** What is taken to be so while a mail is looked at, so that it can be seen before it is. */
export interface Situation {
  /** State of the dialogue. */
  dialogue?: 'postponed' | 'cancelled';
  /** Of the registration, invitation or delegation. */
  subject?: object;
  parameters?: Record<string, string | number | boolean | null>;
  /** The note for file, where none is published. */
  note?: NoteDocument;
}

/** Where a text of somebody's will stand, such as a reason. */
export const TO_COME = '…';

const WEEK_MS = 7 * 86_400_000;

/** When the dialogue was to be, in a preview of its being moved: a week before. */
const previously = ({ startsAt, endsAt, timeZone }: PreviewedDialogue) => ({
  previous_starts_at: new Date(startsAt.getTime() - WEEK_MS).toISOString(),
  previous_ends_at: new Date(endsAt.getTime() - WEEK_MS).toISOString(),
  previous_time_zone: timeZone,
});

const planned = ({ startsAt, endsAt, timeZone }: PreviewedDialogue) => ({
  previous_starts_at: startsAt.toISOString(),
  previous_ends_at: endsAt.toISOString(),
  previous_time_zone: timeZone,
});

const LEAVER = { honorific: 'H.E.', name: 'Amina Sample' };
const SUBSTITUTION = { honorific: 'Mr.', name: 'Omar Sample', reason: TO_COME, leaver: LEAVER };

const state = (subject: object) => (): Situation => ({ subject });

/** For each kind that can be looked at before it goes, what is taken to be so. */
export const SITUATIONS: Readonly<Record<string, (dialogue: PreviewedDialogue) => Situation>> = {
  invitation: () => ({}),
  chaser: () => ({}),
  'invitation-change': (dialogue) => ({ parameters: { what: 'time', ...previously(dialogue) } }),
  'invitation-cancellation': (dialogue) => ({ dialogue: 'cancelled', parameters: planned(dialogue) }),
  'nomination-request': () => ({}),
  'nomination-chaser': () => ({}),
  silence: () => ({}),
  'delegation-change': (dialogue) => ({ parameters: { what: 'time', ...previously(dialogue) } }),
  'delegation-cancellation': (dialogue) => ({ dialogue: 'cancelled', parameters: planned(dialogue) }),
  'address-confirmation': state({ state: 'unconfirmed' }),
  'registration-link': state({ state: 'confirmed' }),
  'awaiting-approval': state({ state: 'awaiting_approval' }),
  waitlisted: state({ state: 'waitlisted' }),
  offer: ({ startsAt }) => ({ subject: { state: 'offered', offerExpiresAt: offered(startsAt) } }),
  'offer-lapsed': state({ state: 'withdrawn' }),
  confirmation: state({ state: 'confirmed' }),
  'under-review': state({ state: 'under_review' }),
  refusal: () => ({ subject: { state: 'refused' }, parameters: { reason: TO_COME } }),
  withdrawal: () => ({
    subject: { state: 'withdrawn', removedFrom: null },
    parameters: { was_confirmed: true },
  }),
  substitute: state({ state: 'offered', substitution: SUBSTITUTION }),
  substituted: () => ({
    subject: { state: 'withdrawn', substitution: SUBSTITUTION },
    parameters: { was_confirmed: true },
  }),
  'substitution-refused': state({ state: 'confirmed', substitution: SUBSTITUTION }),
  reminder: state({ state: 'confirmed' }),
  change: (dialogue) => ({
    subject: { state: 'confirmed' },
    parameters: { what: 'time', ...previously(dialogue) },
  }),
  postponement: (dialogue) => ({
    dialogue: 'postponed',
    subject: { state: 'confirmed' },
    parameters: planned(dialogue),
  }),
  cancellation: (dialogue) => ({
    dialogue: 'cancelled',
    subject: { state: 'confirmed' },
    parameters: planned(dialogue),
  }),
  summary: (dialogue) => ({ subject: { state: 'confirmed' }, note: noteToCome(dialogue) }),
  'calendar-reply': state({ state: 'confirmed' }),
  code: () => ({}),
  erased: () => ({ parameters: { withdrawn: false } }),
};

/** A deadline that comes before the dialogue. */
function offered(startsAt: Date): Date {
  return new Date(startsAt.getTime() - WEEK_MS);
}

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
