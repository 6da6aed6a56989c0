import { nameKey } from '../../../platform/src/keys';
import {
  agendaWarnings,
  type AgendaDialogue,
  type AgendaPerson,
  type WarnedSession,
} from './agenda-warnings.rules';

const at = (time: string) => new Date(`2027-01-28T${time}:00Z`);
const dialogue = { startsAt: at('09:00'), endsAt: at('11:00'), timeZone: 'Africa/Cairo', isPublished: true };
const item = (title: string, minutes: number, ...speakers: string[]) => ({
  title,
  minutes,
  moderator: null,
  speakers,
});
const session = (
  title: string,
  minutes: number,
  items: WarnedSession['items'] = [],
  moderator: string | null = null,
) => ({ title, minutes, moderator, items });
const person = (
  name: string,
  state = 'confirmed',
  email = `${nameKey(name).replaceAll(' ', '.')}@mae.example`,
): AgendaPerson => ({
  registrationId: `registration of ${name}`,
  invitationId: null,
  honorific: null,
  name,
  nameKey: nameKey(name),
  emailKey: email,
  state,
});
const codes = (
  sessions: WarnedSession[],
  people: AgendaPerson[] = [],
  changes: Partial<AgendaDialogue> = {},
) =>
  agendaWarnings({ ...dialogue, ...changes }, sessions, people).map(({ code, pointer }) => [code, pointer]);
/** What is said of one speaker's name. */
const about = (name: string, people: AgendaPerson[], changes: Partial<AgendaDialogue> = {}) =>
  agendaWarnings(
    { ...dialogue, ...changes },
    [session('Opening', 20, [item('Statement', 5, name)])],
    people,
  ).map(({ code, candidates }) => [code, candidates?.map((candidate) => candidate.name)]);

describe('the warnings of an agenda', () => {
  test('are none where it fits and everybody is coming', () => {
    const agenda = [
      session('Opening', 20, [item('A', 7, 'Rosa Luz'), item('B', 13, 'ROSA  LUZ')], 'Rosa Luz'),
      session('Discussion', 100),
    ];
    expect(agendaWarnings(dialogue, agenda, [person('Rosa Luz')])).toEqual([]);
  });

  describe('of its times', () => {
    test('say that an agenda runs past the end of the dialogue, also by the items of its last session', () => {
      expect(codes([session('Opening', 121)])).toEqual([['agenda_longer_than_dialogue', '/sessions']]);
      expect(codes([session('Opening', 119), session('Closing', 1, [item('Thanks', 2)])])).toEqual([
        ['agenda_longer_than_dialogue', '/sessions'],
        ['items_longer_than_session', '/sessions/1/items'],
      ]);
      const [warning] = agendaWarnings(dialogue, [session('Opening', 135)], []);
      expect(warning!.detail).toContain('ends at 13:15, 15 minutes after');
    });

    test('say that items take longer than their session', () => {
      expect(
        codes([session('Opening', 19, [item('A', 7), item('B', 13)]), session('Discussion', 30)]),
      ).toEqual([['items_longer_than_session', '/sessions/0/items']]);
    });

    test('say that an agenda runs through the night, by the clocks of the dialogue', () => {
      const twoDays = { endsAt: new Date('2027-01-29T15:00:00Z') };
      // In Cairo the second session runs from 15:00 to 23:30, the third to 05:30, and the fourth from then on.
      const agenda = [
        session('Day', 240),
        session('Evening', 510),
        session('Night', 360),
        session('Morning', 60),
        session('Day', 60),
      ];
      expect(codes(agenda, [], twoDays)).toEqual([
        ['agenda_at_night', '/sessions/1'],
        ['agenda_at_night', '/sessions/2'],
        ['agenda_at_night', '/sessions/3'],
      ]);
      expect(agendaWarnings({ ...dialogue, ...twoDays }, agenda, [])[1]!.detail).toContain(
        'from 23:30 to 05:30 on 2027-01-29',
      );
      // The same instants are an afternoon in Mexico.
      expect(codes(agenda.slice(0, 3), [], { ...twoDays, timeZone: 'America/Mexico_City' })).toEqual([
        ['agenda_at_night', '/sessions/0'],
      ]);
    });

    test('say so of one session that lasts from day to day, and not of one that ends at 23:00 or begins at 06:00', () => {
      const long = { startsAt: new Date('2027-01-28T04:00:00Z'), endsAt: new Date('2027-01-30T04:00:00Z') };
      expect(codes([session('All', 2_880)], [], long)).toEqual([['agenda_at_night', '/sessions/0']]);
      expect(codes([session('A day', 17 * 60)], [], long)).toEqual([]);
      expect(codes([session('A day', 17 * 60 + 1)], [], long)).toEqual([['agenda_at_night', '/sessions/0']]);
    });
  });

  describe('of who is not coming', () => {
    test.each([
      ['speaker_declined', 'declined'],
      ['speaker_withdrew', 'withdrawn'],
      ['speaker_refused', 'refused'],
      ['speaker_not_invited', 'removed'],
      ['speaker_not_invited', 'prepared'],
    ])('say %s of a speaker whose state is %s', (code, state) => {
      expect(about("Aïssatou N'Diaye", [person('Aïssatou N’Diaye', state)])).toEqual([[code, undefined]]);
    });

    test('say who was never invited, once the dialogue is published: in a draft nobody is', () => {
      expect(about('Rosa Luz', [person('Sokol Doja')])).toEqual([['speaker_not_invited', undefined]]);
      expect(about('Rosa Luz', [person('Sokol Doja')], { isPublished: false })).toEqual([]);
      expect(about('Rosa Luz', [person('Rosa Luz', 'prepared')], { isPublished: false })).toEqual([]);
      expect(about('Rosa Luz', [person('Rosa Luz', 'declined')], { isPublished: false })).toEqual([
        ['speaker_declined', undefined],
      ]);
    });

    test.each([
      'sent',
      'accepted',
      'awaiting_approval',
      'waitlisted',
      'offered',
      'confirmed',
      'under_review',
    ])('say nothing of a speaker whose state is %s, also when they declined before', (state) => {
      expect(about('Rosa Luz', [person('Rosa Luz', 'declined'), person('Rosa Luz', state)])).toEqual([]);
    });

    test('look at moderators of sessions and items as at speakers, each with its place', () => {
      const agenda = [
        session(
          'Opening',
          20,
          [{ ...item('A', 5, 'Rosa Luz', 'Ana Sol'), moderator: 'Rosa Luz' }],
          'Rosa Luz',
        ),
      ];
      expect(codes(agenda, [person('Rosa Luz', 'withdrawn'), person('Ana Sol')])).toEqual([
        ['speaker_withdrew', '/sessions/0/moderator'],
        ['speaker_withdrew', '/sessions/0/items/0/moderator'],
        ['speaker_withdrew', '/sessions/0/items/0/speakers/0'],
      ]);
    });
  });

  describe('of a speaker with two items at the same time', () => {
    const people = [person('Amina Diallo'), person('Rosa Luz')];
    /** The items of the first session run ten minutes into the second. */
    const overlapping = (first: string, second: string) => [
      session('Opening', 20, [item('A', 15, 'Rosa Luz'), item('B', 15, first)]),
      session('Discussion', 60, [item('C', 10, second)]),
    ];

    test('name both, where the items of one session run into the next', () => {
      const warnings = agendaWarnings(dialogue, overlapping('Amina Diallo', 'amina  DIALLO'), people);
      expect(warnings.map(({ code, pointer }) => [code, pointer])).toEqual([
        ['items_longer_than_session', '/sessions/0/items'],
        ['speaker_in_two_places', '/sessions/1/items/0/speakers/0'],
      ]);
      expect(warnings[1]!.detail).toBe(
        'amina  DIALLO is named for "C" from 11:20, but also for "B" until 11:30.',
      );
    });

    test('know one person by a title or another order of the name', () => {
      expect(codes(overlapping('H.E. Amina Diallo', 'Diallo Amina'), people).map(([code]) => code)).toEqual([
        'items_longer_than_session',
        'name_with_title',
        'name_in_other_order',
        'speaker_in_two_places',
      ]);
    });

    test('are not given for who moderates and speaks in one session, speaks twice in turn, or is somebody else', () => {
      expect(
        codes(
          [
            session('Opening', 20, [item('A', 10, 'Rosa Luz'), item('B', 10, 'Rosa Luz')], 'Rosa Luz'),
            session('Discussion', 10, [], 'Rosa Luz'),
          ],
          people,
        ),
      ).toEqual([]);
      expect(codes(overlapping('Amina Diallo', 'Rosa Luz'), people)).toEqual([
        ['items_longer_than_session', '/sessions/0/items'],
      ]);
    });

    test('are given for the moderator of an item, and after a longer item of the same session', () => {
      const agenda = [
        session('Opening', 20, [item('A', 45, 'Rosa Luz')]),
        session('Discussion', 20, [{ ...item('B', 5), moderator: 'Rosa Luz' }], 'Rosa Luz'),
        session('Closing', 10, [item('C', 2, 'Rosa Luz')]),
      ];
      expect(codes(agenda, people).filter(([code]) => code === 'speaker_in_two_places')).toEqual([
        ['speaker_in_two_places', '/sessions/1/items/0/moderator'],
        ['speaker_in_two_places', '/sessions/2/items/0/speakers/0'],
      ]);
    });
  });

  describe('of a name that nobody has', () => {
    const amina = person('Amina Diallo');

    test.each([
      ['H.E. Amina Diallo', 'Amina Diallo'],
      ['H. E. Ms. AMINA DIALLO', 'Amina Diallo'],
      ['Dr Amina Diallo', 'Prof. Amina Diallo'],
      ['Amina Diallo', 'Lt. Gen. Amina Diallo'],
      ['S.E.M. Jean-Pierre Roy', 'Jean-Pierre Roy'],
      ['Excma. Sra. Rosa Luz', 'Rosa Luz'],
      ['г-жа Анна Петрова', 'Анна Петрова'],
      ['معالي السيدة أمينة ديالو', 'أمينة ديالو'],
      ['د. محمد رفعت', 'محمد رفعت'],
      ['王小明先生', '王小明'],
    ])('take %s for %s: there is a title', (written, listed) => {
      const warnings = about(written, [person(listed), person('Sokol Doja')]);
      expect(warnings).toEqual([['name_with_title', [listed]]]);
    });

    test.each([
      ['Diallo Amina', 'Amina Diallo'],
      ['DIALLO, Amina', 'Amina Diallo'],
      ['Mr. Roy, Jean-Pierre', 'Jean-Pierre Roy'],
      ['الحلبي محمد رفعت', 'محمد رفعت الحلبي'],
    ])('take %s for %s: the parts are in another order', (written, listed) => {
      expect(about(written, [person(listed), person('Sokol Doja')])).toEqual([
        ['name_in_other_order', [listed]],
      ]);
    });

    test.each([
      ['Sara Elhamdy', 'Sara El-Hamdy'],
      ['Sara El Hamdy', 'Sara El-Hamdy'],
      ['Sara Al-Hamdi', 'Sara El-Hamdy'],
      ['Aissatou NDiaye', 'Aïssatou N’Diaye'],
      ['Mohamed Ali Hassan', 'Mohammed Ali Hassan'],
      ['A. Diallo', 'Amina Diallo'],
      ['Amina Diallo', 'Amina Fatou Diallo'],
      ['Amina Diallo, Minister of Foreign Affairs', 'Amina Diallo'],
      ['احمد الحمدي', 'أحمد الحمدي'],
      ['Jose Fernandez', 'José Fernández'],
    ])('take %s for %s: the names are alike', (written, listed) => {
      expect(about(written, [person(listed), person('Sokol Doja')])).toEqual([
        ['name_nearly_equal', [listed]],
      ]);
    });

    test.each([
      ['Rosa Luz', 'Amina Diallo'],
      ['王小明', '李大海'],
      ['Sokol', 'Amina Diallo'],
      ['🙂', 'Amina Diallo'],
      ['—', 'Amina Diallo'],
    ])('do not take %s for %s', (written, listed) => {
      expect(about(written, [person(listed)])).toEqual([['speaker_not_invited', undefined]]);
    });

    test('name who may be meant with what they answered, the likeliest first, five at most; also in a draft', () => {
      const many = Array.from({ length: 9 }, (_, index) => person(`Amina Diall${'aeiuyxzvw'[index]}`));
      const [warning] = agendaWarnings(
        { ...dialogue, isPublished: false },
        [session('Opening', 20, [item('Statement', 5, 'Amina Dialo')])],
        [...many, { ...amina, state: 'declined' }],
      );
      expect(warning!.candidates).toHaveLength(5);
      expect(warning!.candidates![0]).toMatchObject({
        name: 'Amina Diallo',
        state: 'declined',
        registrationId: amina.registrationId,
      });
      expect(warning!.detail).toContain('"Amina Diallo"');
    });

    test('say who may be meant where two people of different addresses have the name', () => {
      expect(about('Amina Diallo', [amina, person('AMINA DIALLO', 'sent', 'other@mae.example')])).toEqual([
        ['name_of_several', ['Amina Diallo', 'AMINA DIALLO']],
      ]);
      expect(about('Amina Diallo', [amina, { ...amina, state: 'sent' }])).toEqual([]);
      expect(about('Amina Diallo', [amina, person('Amina Diallo', 'declined', 'other@mae.example')])).toEqual(
        [],
      );
    });
  });
});
