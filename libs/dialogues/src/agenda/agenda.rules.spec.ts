import { agendaTimes, agendaWarnings } from './agenda.rules';

const at = (time: string) => new Date(`2027-01-28T${time}:00Z`);
const sessions = [
  {
    title: 'Welcome',
    minutes: 20,
    items: [
      { title: 'A', minutes: 7 },
      { title: 'B', minutes: 13 },
    ],
  },
  { title: 'Discussion', minutes: 40, items: [] },
];

test('times follow from durations', () => {
  expect(agendaTimes(at('09:00'), sessions)).toEqual([
    {
      startsAt: at('09:00'),
      endsAt: at('09:20'),
      items: [
        { startsAt: at('09:00'), endsAt: at('09:07') },
        { startsAt: at('09:07'), endsAt: at('09:20') },
      ],
    },
    { startsAt: at('09:20'), endsAt: at('10:00'), items: [] },
  ]);
});

test('an agenda that fits is not remarked upon', () => {
  expect(agendaWarnings({ startsAt: at('09:00'), endsAt: at('10:00') }, sessions)).toEqual([]);
});

test('an agenda longer than the dialogue, and items longer than their session, are', () => {
  const [first] = sessions;
  const long = [
    { ...first!, minutes: 19 },
    { title: 'Discussion', minutes: 42, items: [] },
  ];
  expect(
    agendaWarnings({ startsAt: at('09:00'), endsAt: at('10:00') }, long).map(({ field, code }) => [
      field,
      code,
    ]),
  ).toEqual([
    ['sessions', 'agenda_longer_than_dialogue'],
    ['sessions.0.items', 'items_longer_than_session'],
  ]);
});
