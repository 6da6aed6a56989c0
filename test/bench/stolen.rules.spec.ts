import { readProcessorTime, saysSomething, stolenShare } from './stolen.rules';

const stat = (stolen: number) =>
  `cpu  600 0 100 200 0 0 ${100 - stolen} ${stolen} 50 0\ncpu0 1 2 3 4 5 6 7 8 9 10\nintr 7\n`;

test('the time that the host took away is read beside all time', () => {
  expect(readProcessorTime(stat(30))).toEqual({ all: 1_000, stolen: 30 });
  expect(readProcessorTime('intr 7\n')).toBeNull();
});

test('figures say nothing where the host took more than a twentieth of the time', () => {
  const before = { all: 1_000, stolen: 30 };
  expect(stolenShare(before, { all: 2_000, stolen: 330 })).toBeCloseTo(0.3);
  expect([0, 0.05, 0.06, 0.3].map(saysSomething)).toEqual([true, true, false, false]);
});

test('figures stand where nobody can tell, as on a machine that is no Linux', () => {
  expect(stolenShare(null, { all: 2_000, stolen: 330 })).toBeNull();
  expect(saysSomething(null)).toBe(true);
});
