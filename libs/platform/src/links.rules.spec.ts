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
