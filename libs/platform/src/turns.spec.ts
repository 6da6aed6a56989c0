import { context } from './context';
import { Turns } from './turns';

describe('turns', () => {
  let together: string[][];
  let alone: string[];
  let release: (() => void)[];
  let refuses: string | undefined;
  const held = () => new Promise<void>((resolve) => release.push(resolve));
  const passing = () => new Promise((resolve) => setImmediate(resolve));

  beforeEach(() => {
    together = [];
    alone = [];
    release = [];
    refuses = undefined;
  });

  const turns = (most = 10) =>
    new Turns<string, string>(
      async (items) => {
        together.push(items);
        await held();
        if (items.includes('poison')) throw new Error('none of them');
        return items.map((item) => (item === 'odd' ? undefined : `${item} together`));
      },
      async (item) => {
        alone.push(`${item} by ${context.getStore()?.actor}`);
        await held();
        if (item === refuses) throw new Error(`${item} refused`);
        return `${item} alone`;
      },
      most,
    );

  const asks = (of: Turns<string, string>, item: string, key = 'key') =>
    context.run({ actor: `who asked for ${item}` }, () => of.take(key, item));

  async function finish(): Promise<void> {
    for (let rounds = 0; rounds < 5; rounds++) {
      await passing();
      release.splice(0).forEach((letGo) => letGo());
    }
    await passing();
  }

  test('do at once what comes alone, and together what comes meanwhile', async () => {
    const of = turns();
    const answers = ['a', 'b', 'c'].map((item) => asks(of, item));
    await passing();
    expect(alone).toEqual(['a by who asked for a']);
    await finish();
    expect(together).toEqual([['b', 'c']]);
    expect(await Promise.all(answers)).toEqual(['a alone', 'b together', 'c together']);
  });

  test('do apart what has another key', async () => {
    const of = turns();
    const answers = [asks(of, 'a', 'one'), asks(of, 'b', 'two')];
    await passing();
    expect(alone).toHaveLength(2);
    await finish();
    expect(await Promise.all(answers)).toEqual(['a alone', 'b alone']);
  });

  test('do no more together than they may, in the order in which it came', async () => {
    const of = turns(2);
    const answers = ['a', 'b', 'c', 'd', 'e'].map((item) => asks(of, item));
    await finish();
    await finish();
    expect(together).toEqual([
      ['b', 'c'],
      ['d', 'e'],
    ]);
    expect(await Promise.all(answers)).toHaveLength(5);
  });

  test('do alone what can’t be done with the others, for whoever asked', async () => {
    const of = turns();
    const answers = ['a', 'odd', 'c'].map((item) => asks(of, item));
    await finish();
    expect(await Promise.all(answers)).toEqual(['a alone', 'odd alone', 'c together']);
    expect(alone).toContain('odd by who asked for odd');
  });

  test('do each alone when together fails, and only whose fault it is hears of it', async () => {
    const of = turns();
    refuses = 'poison';
    const answers = ['a', 'b', 'poison', 'c'].map((item) => asks(of, item));
    const settled = Promise.allSettled(answers);
    await finish();
    expect((await settled).map(({ status }) => status)).toEqual([
      'fulfilled',
      'fulfilled',
      'rejected',
      'fulfilled',
    ]);
    expect(alone).toHaveLength(4);
    // And the next who comes is served as ever.
    const later = asks(of, 'd');
    await finish();
    expect(await later).toBe('d alone');
  });
});
