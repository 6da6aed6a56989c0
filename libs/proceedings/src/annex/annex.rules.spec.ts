import { affiliationWithRole, composeAnnex, type AnnexParticipant } from './annex.rules';

const someone = (name: string, rest: Partial<AnnexParticipant> = {}): AnnexParticipant => ({
  honorific: null,
  name,
  affiliation: null,
  capacity: null,
  mechanism: null,
  consentToBeListed: true,
  ...rest,
});

const mechanisms = [
  { code: 'RABAT', name: 'Rabat Process' },
  { code: '5+5', name: '5+5 Dialogue' },
  { code: 'BALI', name: 'Bali Process' },
];

const names = (annex: ReturnType<typeof composeAnnex>) =>
  annex.groups.map(({ mechanism, entries }) => [
    mechanism?.code ?? null,
    entries.map(({ number, name }) => `${number} ${name}`),
  ]);

describe('the role in brackets', () => {
  test('stands after the affiliation with the mechanism', () => {
    expect(affiliationWithRole('Ministry of Foreign Affairs, Morocco', 'former co-chair', '5+5')).toBe(
      'Ministry of Foreign Affairs, Morocco (former co-chair, 5+5)',
    );
  });

  test('stands alone for those of no mechanism, and not at all for staff', () => {
    expect(affiliationWithRole('UNICEF', 'observer', null)).toBe('UNICEF (observer)');
    expect(affiliationWithRole('IOM Morocco (UN Volunteer)', 'staff', null)).toBe(
      'IOM Morocco (UN Volunteer)',
    );
    expect(affiliationWithRole('UNICEF', null, null)).toBe('UNICEF');
  });

  test('is the mechanism alone when there is no role', () => {
    expect(affiliationWithRole('COMESA Secretariat', null, 'MIDCOM')).toBe('COMESA Secretariat (MIDCOM)');
  });

  test('is not said twice when the list had it inside the affiliation', () => {
    expect(affiliationWithRole('Ministry of Inclusion, Spain (Co-chair,  5+5)', 'co-chair', '5+5')).toBe(
      'Ministry of Inclusion, Spain (Co-chair,  5+5)',
    );
    expect(affiliationWithRole('Ministry of Inclusion, Spain (co-chair)', 'co-chair', '5+5')).toBe(
      'Ministry of Inclusion, Spain (co-chair)',
    );
  });

  test('needs no brackets where no affiliation is known', () => {
    expect(affiliationWithRole(null, 'co-chair', '5+5')).toBe('co-chair, 5+5');
    expect(affiliationWithRole(null, null, null)).toBeNull();
  });
});

describe('the annex', () => {
  test('groups by mechanism and numbers through, chairs first and those of no mechanism last', () => {
    const annex = composeAnnex(
      [
        someone('Karl', { affiliation: 'UNICEF' }),
        someone('Zdenka', { affiliation: 'IOM Algeria' }),
        someone('Amal', { affiliation: 'UNICEF' }),
        someone('Claire', { mechanism: 'BALI', capacity: 'secretariat' }),
        someone('Duncan', { mechanism: 'BALI', capacity: 'Co-chair' }),
        someone('bagus', { mechanism: 'BALI', capacity: 'co-chair' }),
        someone('Nadia', { mechanism: '5+5', capacity: 'former co-chair' }),
        someone('Álvaro', { mechanism: '5+5', capacity: 'co-chair' }),
      ],
      mechanisms,
    );
    expect(names(annex)).toEqual([
      ['5+5', ['1 Álvaro', '2 Nadia']],
      ['BALI', ['3 bagus', '4 Duncan', '5 Claire']],
      [null, ['6 Zdenka', '7 Amal', '8 Karl']],
    ]);
  });

  test('leaves out who did not consent, yet counts their mechanism as present', () => {
    const annex = composeAnnex(
      [someone('Hoda', { mechanism: 'RABAT', consentToBeListed: false }), someone('Karl')],
      mechanisms,
    );
    expect(annex.mechanisms).toEqual([{ code: 'RABAT', name: 'Rabat Process' }]);
    expect(names(annex)).toEqual([[null, ['1 Karl']]]);
    expect(JSON.stringify(annex)).not.toContain('Hoda');
  });

  test('is empty when nobody took part', () => {
    expect(composeAnnex([], mechanisms)).toEqual({ mechanisms: [], groups: [] });
  });
});
