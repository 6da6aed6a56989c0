import { agendaTimes } from './agenda.rules';

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
