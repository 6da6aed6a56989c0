import { Links } from './links';

const links = new Links('a key of at least thirty-two characters');
const id = '0198c9f2-7d55-4b3e-9c2a-3f1de2a4b6c8';

describe('a personal link', () => {
  it('names its id and proves itself for its purpose and generation', () => {
    const token = links.compose('invitation', id, 1);
    expect(token).toMatch(/^[\w-]{65}$/);
    expect(links.idOf(token)).toBe(id);
    expect(links.proves(token, 'invitation', id, 1)).toBe(true);
  });

  it('opens nothing for another purpose, generation, id or key', () => {
    const token = links.compose('invitation', id, 1);
    expect(links.proves(token, 'registration', id, 1)).toBe(false);
    expect(links.proves(token, 'invitation', id, 2)).toBe(false);
    expect(links.proves(token, 'invitation', id.replace('0', '1'), 1)).toBe(false);
    expect(new Links('another key of thirty-two characters').proves(token, 'invitation', id, 1)).toBe(false);
  });

  it('is not read from what is no token', () => {
    for (const text of ['', 'x', '../../etc/passwd', 'a'.repeat(64), 'a'.repeat(66), `${'a'.repeat(64)}\n`]) {
      expect(links.idOf(text)).toBeNull();
    }
  });
});

describe('an address of the service mailbox', () => {
  const ids = [
    '0190b6a0-0000-7000-8000-00000000000f',
    '00000000-0000-0000-0000-000000000000',
    'ffffffff-ffff-ffff-ffff-ffffffffffff',
  ];

  it.each(ids)('proves the id %s, whatever became of its case, and fits into an address', (own) => {
    const detail = links.addressDetail('bounce', own);
    expect(detail).toMatch(/^[0-9a-v]{42}$/);
    expect(links.idOfAddressDetail('bounce', detail)).toBe(own);
    expect(links.idOfAddressDetail('bounce', detail.toUpperCase())).toBe(own);
  });

  it('proves nothing for another purpose, key or id, nor when it is none', () => {
    const detail = links.addressDetail('bounce', ids[0]!);
    expect(links.idOfAddressDetail('calendar', detail)).toBeNull();
    expect(new Links('another key of thirty-two characters').idOfAddressDetail('bounce', detail)).toBeNull();
    const other = links.addressDetail('bounce', ids[1]!);
    expect(links.idOfAddressDetail('bounce', other.slice(0, 26) + detail.slice(26))).toBeNull();
    for (const text of ['', detail.slice(1), `${detail}0`, `${detail.slice(1)}w`]) {
      expect(links.idOfAddressDetail('bounce', text)).toBeNull();
    }
  });
});
