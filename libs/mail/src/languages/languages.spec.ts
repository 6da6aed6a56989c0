import { formatDay, formatPeriod } from './languages';

describe('the first of a month', () => {
  const may = new Date('2026-05-01T09:00:00Z');

  test('is an ordinal in French, and no other day is', () => {
    expect(formatDay('fr', may, 'Africa/Cairo')).toBe('1er mai 2026');
    expect(formatDay('fr', new Date('2026-05-11T09:00:00Z'), 'Africa/Cairo')).toBe('11 mai 2026');
    const period = formatPeriod('fr', may, new Date('2026-06-01T11:00:00Z'), 'Africa/Cairo');
    expect(period).toContain('vendredi 1er mai 2026');
    expect(period).toContain('lundi 1er juin 2026');
  });

  test('is a plain number in English and Arabic', () => {
    expect(formatDay('en', may, 'Africa/Cairo')).toBe('1 May 2026');
    expect(formatDay('ar', may, 'Africa/Cairo')).toMatch(/^1 /);
  });
});
