import type { Count } from './judge';

const COLUMNS = ['expected', 'seen', 'lost', 'doubled', 'flagged', 'not owed', 'wrong'];

/**
 * The table, a line for each kind of mail and state of registration, and their sum. `doubled` counts the mails that came
 * once more under the same Message-ID, `flagged` those of them that the ledger had flagged uncertain, so that nobody is
 * surprised.
 */
export function table(counts: readonly Count[]): string {
  const rows = [
    ...counts.map((row) => [row.kind, row.standing, ...figures(row)]),
    ['all', '', ...figures(counts)],
  ];
  const head = ['mail', 'state of registration', ...COLUMNS];
  const widths = head.map((title, column) =>
    Math.max(...[head, ...rows].map((row) => row[column]!.length), title.length),
  );
  const line = (row: string[]) =>
    `  ${row.map((cell, column) => (column < 2 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!))).join('  ')}`;
  const rule = `  ${'─'.repeat(widths.reduce((sum, width) => sum + width + 2, -2))}`;
  return [line(head), rule, ...rows.slice(0, -1).map(line), rule, line(rows.at(-1)!)].join('\n');
}

function figures(counts: Count | readonly Count[]): string[] {
  const rows = 'kind' in counts ? [counts] : counts;
  const sum = (pick: (row: Count) => number) => rows.reduce((total, row) => total + pick(row), 0);
  const shown = [
    sum((row) => row.expected),
    sum((row) => row.seen),
    sum((row) => row.lost),
    sum((row) => row.doubled + row.doubledFlagged),
    sum((row) => row.doubledFlagged),
    sum((row) => row.notOwed),
    sum((row) => row.wrong),
  ];
  return shown.map((figure, column) => (figure === 0 && column > 1 ? '·' : String(figure)));
}
