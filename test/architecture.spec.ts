import { spawnSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

interface Cruise {
  summary: {
    totalCruised: number;
    violations: { from: string; to: string; rule: { name: string } }[];
  };
}

const root = join(__dirname, '..');

/** Runs the project's own rules on the folders `apps`, `libs` and `test` of a tree. */
function cruise(tree: string): Cruise['summary'] {
  const { stdout, stderr } = spawnSync(
    process.execPath,
    [
      join(root, 'node_modules', 'dependency-cruiser', 'bin', 'dependency-cruise.mjs'),
      `--config=${join(root, '.dependency-cruiser.cjs')}`,
      '--output-type=json',
      'apps',
      'libs',
      'test',
    ],
    { cwd: tree, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 },
  );
  if (!stdout.startsWith('{')) throw new Error(`dependency-cruiser gave no result: ${stderr}${stdout}`);
  return (JSON.parse(stdout) as Cruise).summary;
}

describe('the direction of dependencies', () => {
  test('holds in this repository', () => {
    const { violations, totalCruised } = cruise(root);
    expect(violations.map(({ rule, from, to }) => `${rule.name}: ${from} → ${to}`)).toEqual([]);
    expect(totalCruised).toBeGreaterThan(50);
  });

  test('is defended: each deliberate bad import is found, and nothing else', async () => {
    const files: Record<string, string> = {
      // Allowed: down the layers, through the barrel, tests into the inside, TSX among it.
      'libs/platform/src/index.ts': `export { clock } from './clock';`,
      'libs/platform/src/clock.ts': `export const clock = 1;`,
      'libs/mail/src/index.ts': `import { clock } from '@app/platform'; export const mail = clock;`,
      'libs/dialogues/src/index.ts': `import { people } from '@app/directory'; export const dialogues = people; export { two } from './two.entity';`,
      'libs/dialogues/src/inside.spec.ts': `import { clock } from '../../platform/src/clock'; export default clock;`,
      'libs/notifications/src/index.ts': `import { mail } from '@app/mail'; export const said = mail;`,
      'libs/database/src/index.ts': `import { said } from '@app/notifications'; export const database = said;`,
      'libs/participants/src/fits.rules.ts': `import type { dialogues } from '@app/dialogues'; export type Fits = typeof dialogues;`,
      'libs/directory/src/tags.rules.ts': `export const tags = 1;`,
      'libs/participants/src/tagged.rules.ts': `import { tags } from '../../directory/src/tags.rules'; export default tags;`,
      'apps/standalone/src/main.ts': `import '../../api/src/main'; import '../../worker/src/main';`,
      'test/flow.spec.ts': `import { clock } from '../libs/platform/src/clock'; export default clock;`,

      // Forbidden, one for each rule.
      'libs/accounts/src/index.ts': `import { people } from '@app/directory'; export const accounts = people;`,
      'libs/directory/src/index.ts': `import { mail } from '@app/mail'; export const people = mail; export { page } from './list.page';`,
      'libs/directory/src/list.page.tsx': `import { said } from '@app/notifications'; export const page = <p>{said}</p>;`,
      'libs/platform/src/late.ts': `export async function late() { return (require('@app/database') as { database: number }).database; }`,
      'libs/dialogues/src/one.ts': `import { two } from './two.entity'; export const one = () => two;`,
      'libs/dialogues/src/two.entity.ts': `import { one } from './one'; export const two = () => one;`,
      'libs/surprise/src/index.ts': `export const surprise = 1;`,
      'libs/mail/src/to-app.ts': `import '../../../apps/worker/src/main';`,
      'apps/api/src/main.ts': `import { clock } from '@app/platform'; import { surprise } from '@app/surprise'; export default [clock, surprise];`,
      'apps/worker/src/main.ts': `import '../../api/src/main';`,
      'apps/worker/src/inside.ts': `import { clock } from '../../../libs/platform/src/clock'; export default clock;`,
      'libs/participants/src/places.rules.ts': `import { readFile } from 'node:fs/promises'; export default readFile;`,
      'libs/participants/src/seats.rules.ts': `import { mail } from '@app/mail'; export default mail;`,
      'libs/participants/src/late.rules.ts': `import { clock } from '../../platform/src/clock'; export default clock;`,
      'libs/proceedings/src/index.ts': `import '../../../test/flow.spec'; export default 1;`,
      'apps/worker/src/missing.ts': `import { missing } from './nowhere'; export default missing;`,
    };
    const tree = await mkdtemp(join(tmpdir(), 'plenary-architecture-'));
    try {
      await cp(join(root, 'tsconfig.json'), join(tree, 'tsconfig.json'));
      for (const [path, content] of Object.entries(files)) {
        await mkdir(dirname(join(tree, path)), { recursive: true });
        await writeFile(join(tree, path), content);
      }
      const found = cruise(tree).violations.map(({ rule, from, to }) => `${rule.name}: ${from} → ${to}`);
      expect(found.toSorted()).toEqual(
        [
          'api-and-worker-apart: apps/worker/src/main.ts → apps/api/src/main.ts',
          'direction-of-accounts: libs/accounts/src/index.ts → libs/directory/src/index.ts',
          'direction-of-directory: libs/directory/src/list.page.tsx → libs/notifications/src/index.ts',
          'direction-of-platform: libs/platform/src/late.ts → libs/database/src/index.ts',
          'libs-know-no-app: libs/mail/src/to-app.ts → apps/worker/src/main.ts',
          'no-circle: libs/dialogues/src/one.ts → libs/dialogues/src/two.entity.ts',
          'no-lib-without-a-place: apps/api/src/main.ts → libs/surprise/src/index.ts',
          'product-without-tests: libs/proceedings/src/index.ts → test/flow.spec.ts',
          'resolvable: apps/worker/src/missing.ts → ./nowhere',
          'rules-are-pure: libs/participants/src/places.rules.ts → fs/promises',
          'rules-load-little: libs/participants/src/seats.rules.ts → libs/mail/src/index.ts',
          'rules-through-rules: libs/participants/src/late.rules.ts → libs/platform/src/clock.ts',
          'through-the-barrel: apps/worker/src/inside.ts → libs/platform/src/clock.ts',
        ].toSorted(),
      );
    } finally {
      await rm(tree, { recursive: true, force: true });
    }
  });
});

describe('a statement', () => {
  test('names its values where they are used when it has more than six (decision 0034)', () => {
    const sources = globSync('{apps,libs}/**/*.{ts,tsx}', { cwd: root }).filter(
      (file) => !file.includes('/migrations/') && !/\.spec\.tsx?$/.test(file),
    );
    expect(sources.length).toBeGreaterThan(300);
    const numbered = sources.filter((file) =>
      /\$([7-9]|[1-9]\d)\b/.test(readFileSync(join(root, file), 'utf8')),
    );
    expect(numbered).toEqual([]);
  });
});
