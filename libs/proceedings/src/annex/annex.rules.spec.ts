import { besideAffiliation, composeAnnex, type AnnexParticipant } from './annex.rules';

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

describe('what stands in brackets after the affiliation', () => {
  const nothing = { role: null, mechanism: null };

  test('is the role with the mechanism', () => {
    expect(besideAffiliation('Ministry of Foreign Affairs, Morocco', 'former co-chair', '5+5')).toEqual({
      role: 'former co-chair',
      mechanism: '5+5',
    });
  });

  test('is the role alone for those of no mechanism, and nothing for staff', () => {
    expect(besideAffiliation('UNICEF', 'observer', null)).toEqual({ role: 'observer', mechanism: null });
    expect(besideAffiliation('IOM Morocco (UN Volunteer)', 'staff', null)).toEqual(nothing);
    expect(besideAffiliation('UNICEF', null, null)).toEqual(nothing);
  });

  test('is the mechanism alone when there is no role', () => {
    expect(besideAffiliation('COMESA Secretariat', null, 'MIDCOM')).toEqual({
      role: null,
      mechanism: 'MIDCOM',
    });
  });

  test('is not said twice when the list had it inside the affiliation', () => {
    expect(besideAffiliation('Ministry of Inclusion, Spain (Co-chair,  5+5)', 'co-chair', '5+5')).toEqual(
      nothing,
    );
    expect(besideAffiliation('Ministry of Inclusion, Spain (co-chair)', 'co-chair', '5+5')).toEqual(nothing);
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
