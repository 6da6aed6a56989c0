import { expectation, type Act, type Done, type Reader } from './expectation';

const START = Date.UTC(2027, 0, 28, 9);
const MINUTE = 60_000;
const setting = {
  places: 1,
  workingLanguages: ['fr', 'en'],
  spoken: ['en', 'fr', 'ar'],
  inAgenda: new Set(['Amina']),
  gathering: 2_000,
  organiser: { email: 'nour@secretariat.example', language: 'en' },
  dialogue: 1,
};
const readers: Reader[] = ['Amina', 'Boris', 'Chen'].map((name, index) => ({
  number: index + 1,
  name,
  email: `${name.toLowerCase()}@delegation.example`,
  language: ['ar', 'ru', 'en'][index]!,
  timeZone: 'Asia/Amman',
}));

/** Acts with the minutes before the start at which they are answered. */
function owed(acts: [number, Act][], places = setting.places) {
  const done: Done[] = acts.map(([minutes, act]) => ({
    ...act,
    asked: START - minutes * MINUTE - 50,
    answered: START - minutes * MINUTE,
  }));
  const result = expectation(readers, done, { ...setting, places });
  const of = (who: number) => result.mails.filter((mail) => mail.who === who).map(({ label }) => label);
  return { ...result, of };
}

const drafted: [number, Act] = [
  90,
  { what: 'scheduled', startsAt: START, endsAt: START + 2 * 60 * MINUTE, joinUrl: 'https://meet.example/1' },
];
const accepts = (minutes: number, who: number): [number, Act] => [
  minutes,
  { what: 'accepted', who, consent: true },
];

test('Who comes too late waits, moves up when a place frees, and each is told.', () => {
  const { of, waitlist } = owed([
    drafted,
    accepts(80, 1),
    accepts(79, 2),
    accepts(78, 3),
    [70, { what: 'withdrew', who: 1 }],
  ]);
  expect(of(1)).toEqual(['confirmation', 'withdrawal (was confirmed)']);
  expect(of(2)).toEqual(['waitlisted', 'confirmation (moved up)']);
  expect(waitlist).toEqual([3]);
});

test('A reminder is owed to whoever was confirmed before it fell due, and speakers have their own.', () => {
  const { of } = owed(
    [
      drafted,
      [
        85,
        {
          what: 'ruled',
          rules: [
            { before: 'PT60M', audience: 'speakers' },
            { before: 'PT30M', audience: 'everyone' },
          ],
        },
      ],
      accepts(80, 1),
      accepts(45, 2),
      accepts(20, 3),
    ],
    3,
  );
  expect(of(1)).toEqual(['confirmation', 'reminder PT60M', 'reminder PT30M']);
  expect(of(2)).toEqual(['confirmation', 'reminder PT30M']);
  expect(of(3)).toEqual(['confirmation']);
});

test('A move brings a change, and the reminders of the new time instead of those of the old.', () => {
  const { mails } = owed([
    drafted,
    [85, { what: 'ruled', rules: [{ before: 'PT30M', audience: 'everyone' }] }],
    accepts(80, 1),
    [
      25,
      {
        what: 'moved',
        startsAt: START + 30 * MINUTE,
        endsAt: START + 150 * MINUTE,
        joinUrl: 'https://meet.example/2',
      },
    ],
  ]);
  const seen = mails.map(({ label, from, joinUrl }) => [label, (from - START) / MINUTE, joinUrl?.slice(-1)]);
  expect(seen.slice(1)).toEqual([
    ['reminder PT30M', -30, '1'],
    ['change', -25 + 1_950 / MINUTE, '2'],
    ['reminder PT30M', 0, '2'],
  ]);
});

test('Who reads a language that is not spoken here is written to in the first working language.', () => {
  const { mails } = owed([drafted, accepts(80, 2)]);
  expect(mails[0]!.language).toBe('fr');
});

test('An act within seconds of a reminder is called unclear, not guessed.', () => {
  const { unclear } = owed([
    drafted,
    [85, { what: 'ruled', rules: [{ before: 'PT30M', audience: 'everyone' }] }],
    accepts(80, 1),
    [30 - 1 / 60, { what: 'withdrew', who: 1 }],
  ]);
  expect(unclear).toEqual([expect.stringContaining('withdrew (1)')]);
});

test('With approval nobody has a place before; approvers are told once a day, from the morning on.', () => {
  const acts: [number, Act][] = [
    drafted,
    accepts(80, 1),
    accepts(79, 2),
    [70, { what: 'approved', who: 1 }],
    [69, { what: 'refused', who: 2 }],
  ];
  const done: Done[] = acts.map(([minutes, act]) => ({
    ...act,
    asked: START - minutes * MINUTE,
    answered: START - minutes * MINUTE + 50,
  }));
  const { mails } = expectation(readers, done, { ...setting, approvers: [0] });
  expect(mails.map(({ who, kind }) => `${who} ${kind}`)).toEqual([
    '1 awaiting-approval',
    '2 awaiting-approval',
    '0 approvals-waiting',
    '1 confirmation',
    '2 refusal',
  ]);
});

test('Only the silent are chased, and their focal point is told of them and of empty seats once for each rule.', () => {
  const { of } = owed([
    drafted,
    [
      85,
      {
        what: 'chases',
        rules: [
          { after: 'PT10M', tells: 'invitee' },
          { after: 'PT20M', tells: 'focal point' },
        ],
      },
    ],
    [80, { what: 'asked to nominate', who: 3, seats: 3 }],
    [79, { what: 'nominated', who: 1, by: 3, timeZone: 'UTC' }],
    [79, { what: 'nominated', who: 2, by: 3, timeZone: 'UTC' }],
    [75, { what: 'declined', who: 2 }],
  ]);
  expect(of(1)).toEqual(['invitation', 'chaser PT10M']);
  expect(of(2)).toEqual(['invitation']);
  expect(of(3)).toEqual(['nomination-request', 'nomination-chaser PT20M', 'silence PT20M']);
});

test('Nothing more goes to an address that bounced until it is corrected, and the organiser is told of it.', () => {
  const { mails } = owed([
    drafted,
    [80, { what: 'invited', who: 1 }],
    [80, { what: 'invited', who: 2 }],
    [79, { what: 'was refused', who: 1, kind: 'invitation' }],
    [79, { what: 'bounced', who: 2, kind: 'invitation' }],
    [70, { what: 'address corrected', who: 2, email: 'boris@ministry.example' }],
    [69, { what: 'sent again', who: 2, kind: 'invitation' }],
    [
      60,
      {
        what: 'moved',
        startsAt: START + MINUTE,
        endsAt: START + 2 * MINUTE,
        joinUrl: 'https://meet.example/b',
      },
    ],
  ]);
  expect(mails.map(({ kind, email, fate, tells }) => [kind, email, fate, tells])).toEqual([
    ['invitation', 'amina@delegation.example', 'refused', null],
    ['invitation', 'boris@delegation.example', 'comes back', null],
    ['undelivered', 'nour@secretariat.example', 'arrives', 'amina@delegation.example'],
    ['undelivered', 'nour@secretariat.example', 'arrives', 'boris@delegation.example'],
    ['invitation', 'boris@ministry.example', 'arrives', null],
    ['invitation-change', 'boris@ministry.example', 'arrives', null],
  ]);
});

test('Whoever unsubscribes from an invitation gets what is about their registration.', () => {
  const { mails } = owed([
    drafted,
    [80, { what: 'invited', who: 1 }],
    [80, { what: 'invited', who: 2 }],
    [79, { what: 'unsubscribed', who: 1 }],
    [79, { what: 'unsubscribed', who: 2 }],
    accepts(78, 1),
    [
      60,
      {
        what: 'moved',
        startsAt: START + MINUTE,
        endsAt: START + 2 * MINUTE,
        joinUrl: 'https://meet.example/b',
      },
    ],
  ]);
  expect(mails.slice(2).map(({ who, kind, fate }) => `${who} ${kind} ${fate}`)).toEqual([
    '1 confirmation arrives',
    '1 change arrives',
    '2 invitation-change withheld',
  ]);
});

test('Declining in the calendar frees no place and is asked about once, and again after a move.', () => {
  const declines: Act = { what: 'declined in calendar', who: 1 };
  const { of, standings } = owed([
    drafted,
    accepts(80, 1),
    [70, declines],
    [69, declines],
    [
      60,
      {
        what: 'moved',
        startsAt: START + MINUTE,
        endsAt: START + 2 * MINUTE,
        joinUrl: 'https://meet.example/b',
      },
    ],
    [50, declines],
  ]);
  expect(of(1)).toEqual(['confirmation', 'calendar-reply', 'change', 'calendar-reply']);
  expect(standings.get(1)).toBe('confirmed');
});

test('Own words are those of one kind in one language, from when they are saved.', () => {
  const { mails } = owed([
    drafted,
    accepts(80, 1),
    [75, { what: 'worded', kind: 'waitlisted', language: 'fr', words: 'Patience.' }],
    accepts(70, 2),
    accepts(65, 3),
  ]);
  expect(mails.map(({ kind, words }) => [kind, words])).toEqual([
    ['confirmation', null],
    ['waitlisted', 'Patience.'],
    ['waitlisted', null],
  ]);
});

test('A focal point hears of a move and of whom a nominee proposes as substitute.', () => {
  const { of } = owed([
    drafted,
    [80, { what: 'asked to nominate', who: 3, seats: 1 }],
    [79, { what: 'nominated', who: 1, by: 3, timeZone: 'UTC' }],
    accepts(78, 1),
    [70, { what: 'proposed a substitute', who: 1 }],
    [
      60,
      {
        what: 'moved',
        startsAt: START + MINUTE,
        endsAt: START + 2 * MINUTE,
        joinUrl: 'https://meet.example/b',
      },
    ],
  ]);
  expect(of(3)).toEqual(['nomination-request', 'substitution-proposed', 'delegation-change']);
});

test('A substitute has the seat, and the reminders, of whoever named them; with approval after being approved.', () => {
  const { of, standings } = owed([
    drafted,
    [85, { what: 'ruled', rules: [{ before: 'PT10M', audience: 'everyone' }] }],
    accepts(80, 1),
    [70, { what: 'was substituted', who: 1, substitute: 2 }],
    [60, { what: 'took the seat', who: 2, consent: true }],
  ]);
  expect(of(1)).toEqual(['confirmation', 'substituted']);
  expect(of(2)).toEqual(['substitute', 'confirmation', 'reminder PT10M']);
  expect(standings.get(1)).toBe('withdrawn');
});

test('What was held arrives after its release, and not at all where it was no longer so by then.', () => {
  const { mails } = owed(
    [
      drafted,
      accepts(80, 1),
      accepts(79, 2),
      accepts(78, 3),
      [70, { what: 'withdrew', who: 2 }],
      [70, { what: 'withdrew', who: 3 }],
      [69, { what: 'held withdrawals', of: [2, 3] }],
      accepts(65, 2),
      [60, { what: 'released' }],
    ],
    1,
  );
  const seen = mails
    .slice(3)
    .map(({ who, kind, fate, from }) => [who, kind, fate, Math.round((START - from) / MINUTE)]);
  expect(seen).toEqual([
    [2, 'withdrawal', 'stale', 60],
    [3, 'withdrawal', 'arrives', 60],
    [2, 'waitlisted', 'arrives', 65],
  ]);
});
