import { isAddress } from '../../../platform/src/keys';
import { readNewcomer, readRegistration } from './registration-data.rules';

const known = {
  honorific: 'Ms.',
  functionalTitle: 'Director',
  affiliation: 'League of Arab States',
  country: null,
  mechanismId: null,
  capacity: 'secretariat',
  attends: null,
  language: 'ar',
  timeZone: 'Africa/Cairo',
  consentToBeListed: 'never' as const,
};
const mechanisms = [
  {
    id: 'the-id',
    code: 'MIDCOM',
    name: 'Migration Dialogue from the Common Market',
    nameKeys: ['midcom', 'migration dialogue from the common market', 'migration dialogue for comesa region'],
  },
];

describe('what someone tells about themselves', () => {
  test('keeps what was known where nothing is said, and empties what is emptied', () => {
    const { data, errors } = readRegistration({ capacity: '', country: 'eg' }, known, mechanisms);
    expect(errors).toEqual([]);
    expect(data).toEqual({ ...known, capacity: null, country: 'EG' });
  });

  test('names a mechanism by its code or by any of its names', () => {
    const by = (mechanism: string) => readRegistration({ mechanism }, known, mechanisms).data.mechanismId;
    expect(by('midcom')).toBe('the-id');
    expect(by(' Migration Dialogue for  COMESA Region')).toBe('the-id');
    expect(by('')).toBeNull();
  });

  test('is told wrong field by field, each with a code', () => {
    const { errors } = readRegistration(
      {
        honorific: 'x'.repeat(301),
        affiliation: ' ',
        country: 'XX',
        mechanism: 'Nobody',
        language: '!!',
        time_zone: 'Mars/Olympus',
      },
      known,
      mechanisms,
    );
    expect(errors.map(({ field, code }) => [field, code])).toEqual([
      ['honorific', 'too_long'],
      ['affiliation', 'required'],
      ['country', 'country_unknown'],
      ['mechanism', 'mechanism_unknown'],
      ['language', 'language_unknown'],
      ['time_zone', 'time_zone_unknown'],
    ]);
  });
});

describe('a newcomer', () => {
  test('needs a name, an address and an affiliation', () => {
    expect(readNewcomer({}, { ...known, affiliation: null }, []).errors.map(({ field }) => field)).toEqual([
      'name',
      'email',
      'affiliation',
    ]);
  });

  test('may not smuggle a line break into the address', () => {
    expect(isAddress('a@b.example\r\nBcc: c@d.example')).toBe(false);
    expect(isAddress('chiara.de.santis@iom.example')).toBe(true);
    expect(isAddress('محمد@iom.example')).toBe(true);
    expect(isAddress('Chiara <chiara@iom.example>')).toBe(false);
  });
});
