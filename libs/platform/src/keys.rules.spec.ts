import { emailKey, nameKey } from './keys';
import { redactSecrets } from './redact';

describe('keys for comparison', () => {
  it('take a name in another case, with stray spaces or other code points for the same', () => {
    expect(nameKey('  Chiara   DE\u00a0SANTIS ')).toBe('chiara de santis');
    expect(nameKey('Zdenka Horva\u0301thova\u0301')).toBe(nameKey('Zdenka Horváthová'));
    expect(nameKey('محمد رفعت  الحلبي')).toBe('محمد رفعت الحلبي');
  });

  it('keep names apart that differ by an accent', () => {
    expect(nameKey('Ines')).not.toBe(nameKey('Inés'));
  });

  it('take an address in another case for the same', () => {
    expect(emailKey(' Protocol@Indonesia.EXAMPLE ')).toBe('protocol@indonesia.example');
  });
});

describe('what is logged', () => {
  it('has no personal link, no bearer token and no API token in it', () => {
    const token = 'a'.repeat(65);
    expect(redactSecrets(`GET /i/${token}/acceptance`)).toBe('GET /i/***/acceptance');
    expect(redactSecrets('Bearer abc.def')).toBe('Bearer ***');
    expect(redactSecrets('plenary_1234.secret')).toBe('plenary_***');
  });
});
