import { meantBy, representedBy, type PersonOfDialogue } from './people.rules';

const someone = (rest: Partial<PersonOfDialogue> = {}): PersonOfDialogue => ({
  key: 'karim',
  rank: 1,
  registrationId: 'one',
  personId: 'entry',
  honorific: 'Mr.',
  functional_title: 'Director',
  affiliation: 'IOM',
  country: null,
  capacity: null,
  mechanism: null,
  organisation: null,
  ...rest,
});

describe('whom a name in the note means', () => {
  test('is the one person of that name, with what is known of them', () => {
    expect(meantBy('KARIM', [someone()])).toMatchObject({
      honorific: 'Mr.',
      name: 'KARIM',
      registrationIds: ['one'],
      personId: 'entry',
    });
  });

  test('is neither of two with one name, and both are linked to it', () => {
    const both = [someone({ country: 'MA' }), someone({ registrationId: 'two', country: 'MA' })];
    expect(meantBy('Karim', both)).toEqual({
      honorific: null,
      name: 'Karim',
      functional_title: null,
      affiliation: null,
      registrationIds: ['one', 'two'],
      personId: null,
      represents: { country: 'MA', body: null },
    });
    const [here, there] = [someone({ country: 'MA' }), someone({ country: 'ES' })];
    expect(meantBy('Karim', [here, there]).represents).toEqual({ country: null, body: null });
  });

  test('is the invited one, also when somebody else came by the open link under that name', () => {
    const impostor = someone({ rank: 3, registrationId: 'two', functional_title: 'Impostor' });
    expect(meantBy('Karim', [impostor, someone()])).toMatchObject({
      functional_title: 'Director',
      registrationIds: ['one'],
    });
  });

  test('kept the invited one in the note whose own registration, by the open link under another address, was erased', () => {
    const invited = someone({ rank: 2, registrationId: null });
    const open = (registrationId: string) => someone({ rank: 3, registrationId, personId: null });
    expect(meantBy('Karim', [open('two'), invited])).toMatchObject({
      functional_title: 'Director',
      registrationIds: ['two'],
      personId: 'entry',
    });
    // Of two who came so the one who is not erased keeps it.
    const both = [open('two'), open('three'), invited];
    expect(meantBy('Karim', both).registrationIds).toEqual(['two', 'three']);
    // Who registered by the invitation and left again is the one whose erasure is waited for.
    const left = someone({ rank: 2, registrationId: 'one' });
    expect(meantBy('Karim', [open('two'), left]).registrationIds).toEqual(['one']);
    const invitedTwice = [invited, someone({ rank: 2, registrationId: null, personId: 'other' })];
    expect(meantBy('Karim', [...invitedTwice, open('two')])).toMatchObject({
      functional_title: null,
      registrationIds: ['two'],
      personId: null,
    });
  });

  test('is nobody known where nobody has it', () => {
    expect(meantBy('Karim', [])).toEqual({
      honorific: null,
      name: 'Karim',
      functional_title: null,
      affiliation: null,
      registrationIds: [],
      personId: null,
      represents: { country: null, body: null },
    });
  });
});

describe('for whom somebody took part', () => {
  const representing = (rest: Partial<PersonOfDialogue>) =>
    representedBy({ ...someone({ affiliation: null, ...rest }), name: 'Amal Karim' });

  test('is the State, else the mechanism, else the organization, else nobody known', () => {
    const all = { country: 'MA', mechanism: 'Rabat Process', affiliation: 'UNICEF', organisation: 'UN' };
    expect(representing(all)).toEqual({ country: 'MA', body: null });
    expect(representing({ ...all, country: null })).toEqual({ country: null, body: 'Rabat Process' });
    expect(representing({ affiliation: 'UNICEF', organisation: 'UN' }).body).toBe('UNICEF');
    expect(representing({ organisation: 'UN' }).body).toBe('UN');
    expect(representing({})).toEqual({ country: null, body: null });
  });

  test('is no State that exists no more', () => {
    expect(representing({ country: 'SU', affiliation: 'Ministry' })).toEqual({
      country: null,
      body: 'Ministry',
    });
  });

  test('is never the State in which the office of an agency’s staff is', () => {
    expect(representing({ country: 'TN', capacity: ' Staff', affiliation: 'IOM Tunisia' })).toEqual({
      country: null,
      body: 'IOM Tunisia',
    });
  });

  test('is no organization that is called after the person', () => {
    expect(representing({ affiliation: 'Amal  Karim Consulting' }).body).toBeNull();
    expect(representing({ affiliation: 'Amal Karimi Institute' }).body).toBe('Amal Karimi Institute');
  });
});
