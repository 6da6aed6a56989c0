import { slugOf } from './slug.rules';

test('a title becomes small Latin letters', () => {
  expect(slugOf("Dialogue d’été : l'Œuvre des États", 'k3x9qa')).toBe(
    'dialogue-dete-loeuvre-des-etats-k3x9qa',
  );
});

test('of a title in another script the suffix is left', () => {
  expect(slugOf('حوار', 'k3x9qa')).toBe('dialogue-k3x9qa');
});

test('a long title is cut, not in the middle of a dash', () => {
  expect(slugOf(`${'a'.repeat(60)} b`, 'x')).toBe(`${'a'.repeat(60)}-x`);
  expect(slugOf(`${'a'.repeat(59)} b`, 'x')).toBe(`${'a'.repeat(59)}-x`);
});
