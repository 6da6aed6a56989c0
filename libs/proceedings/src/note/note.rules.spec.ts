import {
  composeNote,
  noteProblems,
  publicationVerdict,
  type NoteContent,
  type NoteIntervention,
  type NoteSources,
} from './note.rules';

const said = (rest: Partial<NoteIntervention> = {}): NoteIntervention => ({
  session: 1,
  speaker: 'Hoda Mansy',
  capacity: 'national',
  on_behalf_of: null,
  text: 'Twelve States have sent reports.',
  reply: null,
  objectives: [],
  principles: [],
  commitment: null,
  ...rest,
});
const content = (rest: Partial<NoteContent> = {}): NoteContent => ({
  introduction: '',
  summaries: [],
  interventions: [],
  way_forward: '',
  ...rest,
});
const isMechanism = (name: string) => name === 'ARCP';

describe('a note content', () => {
  test('is right when its sessions and mechanisms exist', () => {
    const right = content({
      summaries: [{ session: 2, text: 'Opened.' }],
      interventions: [said({ capacity: 'secretariat', on_behalf_of: 'ARCP' })],
    });
    expect(noteProblems(right, 2, isMechanism)).toEqual([]);
  });

  test('names the field of an unknown session', () => {
    const wrong = content({
      summaries: [
        { session: 1, text: '' },
        { session: 4, text: '' },
      ],
      interventions: [said(), said({ session: 3 })],
    });
    expect(noteProblems(wrong, 2, isMechanism)).toMatchObject([
      { field: 'summaries.1.session', code: 'unknown_session' },
      { field: 'interventions.1.session', code: 'unknown_session' },
    ]);
  });

  test('names the field of an unknown mechanism', () => {
    const wrong = content({ interventions: [said({ on_behalf_of: 'ARCPP' })] });
    expect(noteProblems(wrong, 1, isMechanism)).toMatchObject([
      { field: 'interventions.0.on_behalf_of', code: 'unknown_mechanism' },
    ]);
  });

  test('says for whom a chair speaks, so that no statement stands under the wrong capacity', () => {
    const wrong = content({
      interventions: [said({ capacity: 'Co-Chair' }), said({ capacity: 'national' })],
    });
    expect(noteProblems(wrong, 1, isMechanism)).toMatchObject([
      { field: 'interventions.0.on_behalf_of', code: 'mechanism_missing' },
    ]);
  });

  test('has one summary a session', () => {
    const wrong = content({
      summaries: [
        { session: 1, text: 'a' },
        { session: 1, text: 'b' },
      ],
    });
    expect(noteProblems(wrong, 1, isMechanism)).toMatchObject([
      { field: 'summaries.1.session', code: 'session_twice' },
    ]);
  });
});

describe('publishing a note', () => {
  const endsAt = new Date('2021-01-28T11:00:00Z');
  const before = new Date('2021-01-28T10:59:59Z');

  test('is possible from the end of the dialogue on, and not while it runs', () => {
    expect(publicationVerdict({ state: 'published', endsAt }, before)).toBe('dialogue_not_over');
    expect(publicationVerdict({ state: 'published', endsAt }, endsAt)).toBeNull();
  });

  test.each([
    ['draft', 'dialogue_not_public'],
    ['cancelled', 'dialogue_cancelled'],
    ['postponed', 'dialogue_not_over'],
  ])('is not possible for a dialogue that is %s', (state, code) => {
    expect(publicationVerdict({ state, endsAt }, new Date('2022-01-01T00:00:00Z'))).toBe(code);
  });
});

describe('the note as read', () => {
  const sources: NoteSources = {
    dialogue: {
      title: 'Dialogue',
      starts_at: '2021-01-28T09:00:00.000Z',
      ends_at: '2021-01-28T11:00:00.000Z',
      time_zone: 'Africa/Cairo',
      venue: { kind: 'virtual', platform: 'Kudo', room: null },
      hosts: ['IOM'],
      working_languages: ['en'],
    },
    agenda: [
      { title: 'Welcome', minutes: 20, moderator: null, guiding_questions: [], items: [] },
      {
        title: 'Discussion',
        minutes: 40,
        moderator: 'Karim',
        guiding_questions: [],
        items: [{ title: 'Opening', moderator: null, speakers: ['HODA  Mansy'] }],
      },
    ],
    mechanisms: [{ code: 'ARCP', name: 'Arab Regional Consultative Process' }],
    person: (name) => ({
      ...(name === 'HODA  Mansy'
        ? { honorific: 'Ms.', functional_title: 'Director', affiliation: 'LAS' }
        : { honorific: null, functional_title: null, affiliation: null }),
      name,
    }),
  };
  const note = composeNote(
    sources,
    content({
      summaries: [{ session: 2, text: 'It was open.' }],
      interventions: [said({ session: 2, on_behalf_of: 'ARCP' })],
    }),
  );

  test('gives each session its time from the minutes before it', () => {
    expect(note.sessions.map(({ starts_at, ends_at }) => [starts_at, ends_at])).toEqual([
      ['2021-01-28T09:00:00.000Z', '2021-01-28T09:20:00.000Z'],
      ['2021-01-28T09:20:00.000Z', '2021-01-28T10:00:00.000Z'],
    ]);
  });

  test('puts what was said under its session, with the whole name of the mechanism', () => {
    expect(note.sessions[0]).toMatchObject({ summary: '', interventions: [] });
    expect(note.sessions[1]).toMatchObject({
      summary: 'It was open.',
      interventions: [{ on_behalf_of: { code: 'ARCP', name: 'Arab Regional Consultative Process' } }],
    });
  });

  test('gives speakers their honorific and title, and the name as the agenda writes it', () => {
    expect(note.sessions[1]!.items[0]!.speakers).toEqual([
      { honorific: 'Ms.', name: 'HODA  Mansy', functional_title: 'Director', affiliation: 'LAS' },
    ]);
  });

  test('writes nothing but the name of someone unknown', () => {
    expect(note.sessions[1]!.moderator).toEqual({
      honorific: null,
      name: 'Karim',
      functional_title: null,
      affiliation: null,
    });
  });
});
