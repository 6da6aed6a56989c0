import {
  differencesOfCounters,
  differencesOfHistory,
  differencesOfMails,
  differencesOfWaiting,
  type Seen,
} from './judge';

/** One place; Amina has it, Boris left, Chen waits under number 2. */
function seen(): Seen {
  const person = (name: string, state: string, number: number | null) => ({
    id: name,
    name,
    state,
    waitlist_number: number,
    delegation_id: null,
    role: null,
    transition_id: `t-${name}`,
  });
  const mail = (kind: string, name: string, transition = `t-${name}`) => ({
    kind,
    subject_id: name,
    dedupe_key: `${kind}:${name}:${transition}`,
  });
  return {
    registrations: [
      person('Amina', 'confirmed', null),
      person('Boris', 'withdrawn', null),
      person('Chen', 'waitlisted', 2),
    ],
    limits: [
      {
        scope: 'dialogue',
        delegation_id: null,
        role: null,
        places: 1,
        taken: 1,
        reserved: 0,
        next_waitlist_number: 3,
      },
    ],
    history: [
      { action: 'registration.confirmed', subject_id: 'Boris' },
      { action: 'registration.waitlisted', subject_id: 'Amina' },
      { action: 'registration.waitlisted', subject_id: 'Chen' },
      { action: 'registration.withdrawn', subject_id: 'Boris' },
      { action: 'registration.promoted', subject_id: 'Amina' },
    ],
    mails: [
      mail('confirmation', 'Boris', 't-before'),
      mail('waitlisted', 'Amina', 't-before'),
      mail('waitlisted', 'Chen'),
      mail('withdrawal', 'Boris'),
      mail('confirmation', 'Amina'),
    ],
  };
}

const all = (now: Seen): string[] => [
  ...differencesOfCounters(now),
  ...differencesOfWaiting(now),
  ...differencesOfHistory(now),
  ...differencesOfMails(now),
];

test('what went well has no difference', () => {
  expect(all(seen())).toEqual([]);
});

test.each<[string, (now: Seen) => void, string]>([
  ['a place too many is counted', (now) => (now.limits[0]!.taken = 2), 'counts 2 taken, 1 hold a place'],
  [
    'more have a place than there are',
    (now) => (now.registrations[2]!.state = 'confirmed'),
    '2 hold a place',
  ],
  ['a number was given twice', (now) => (now.registrations[0]!.waitlist_number = 2), 'given twice'],
  ['a number is still to be given', (now) => (now.limits[0]!.next_waitlist_number = 2), 'still to be given'],
  [
    'someone waits while a place is free',
    (now) => (now.limits[0]!.places = 2),
    '1 wait while 1 places are free',
  ],
  [
    'somebody else moved up first',
    (now) => (now.history[4]!.subject_id = 'Chen'),
    'Chen moved up and was not the first',
  ],
  [
    'someone was confirmed past those who waited',
    (now) => (now.history[4]!.action = 'registration.confirmed'),
    'before 2 who waited',
  ],
  [
    'someone waited for a place that was free',
    (now) => now.history.shift(),
    'waitlisted when a place was free',
  ],
  [
    'a transition was mailed twice',
    (now) => now.mails.push(now.mails[4]!),
    '2 mails of confirmation Amina, 1 are owed',
  ],
  ['a transition was not mailed', (now) => now.mails.splice(3, 1), '0 mails of withdrawal Boris, 1 are owed'],
  [
    'a mail after it says what is not so',
    (now) => (now.mails = now.mails.toReversed()),
    'Boris is withdrawn, and the last mail was confirmation',
  ],
])('a difference is seen when %s', (_, spoil, difference) => {
  const now = seen();
  spoil(now);
  expect(all(now).join('\n')).toContain(difference);
});
