import { emailKey, nameKey } from '../../../platform/src/keys';
import { listWithout } from './list-without.rules';

const ALI = { email_key: 'ali@mission.example', name_key: 'ali', person_id: 'p-ali' };

/** A row as an import keeps it. */
const row = (line: number, name: string, email: string, more: object = {}) => ({
  line,
  verdict: 'add',
  remarks: [],
  changes: [],
  duplicate_of: null,
  person: { name, email, affiliation: 'Ministry of Australia', country: 'AU' },
  email_key: email,
  name_key: name.toLowerCase(),
  person_id: null,
  ...more,
});

const without = (list: { rows?: unknown; source?: unknown; undo?: unknown }) =>
  listWithout({ rows: [], source: null, undo: null, ...list }, [ALI]);

describe('a list without somebody', () => {
  const others = [
    row(3, 'Alicia', 'alicia@mission.example'),
    row(4, 'Khalid Benali', 'khalid@ministry.example'),
    row(5, 'Khalid Ali', 'ali@mission.example'),
    row(6, 'Ali', 'another.ali@ministry.example', { verdict: 'refuse' }),
    row(7, 'Sara', 'alias-ali@mission.example', { person_id: 'p-sara' }),
  ];

  test('has none of their rows, and every other row as it was', () => {
    const own = [
      row(2, 'Ali', 'ali@mission.example'),
      row(8, 'Ali H.', 'ali@mission.example', { person_id: 'p-ali' }),
    ];
    expect(without({ rows: [own[0], ...others, own[1]] }).rows).toEqual(others);
  });

  test('compares no other row to them, and says their name in no remark', () => {
    const twin = { line: 2, person_id: null, name: 'Ali', is_likely: false };
    const remarks = [
      { code: 'same', detail: 'Line 2 names Ali, too.' },
      { code: 'address', detail: 'Is ali@mission.example meant?' },
      { code: 'country', detail: 'Australia is no country; Alicia is no name.' },
    ];
    const rows = [
      row(2, 'Ali', 'ali@mission.example'),
      row(3, 'Sara', 'sara@x.example', { duplicate_of: twin, remarks }),
      row(4, 'Omar', 'omar@x.example', { duplicate_of: { ...twin, line: null, person_id: 'p-ali' } }),
      row(5, 'Lina', 'lina@x.example', { duplicate_of: { ...twin, line: null, person_id: 'p-other' } }),
    ];
    expect(without({ rows }).rows).toEqual([
      {
        ...rows[1],
        duplicate_of: null,
        remarks: [{ code: 'same', detail: '' }, { code: 'address', detail: '' }, remarks[2]],
      },
      { ...rows[2], duplicate_of: null },
      rows[3],
    ]);
  });

  test('finds them however name and address are typed: apostrophes, hyphens, capitals, a domain in its own script', () => {
    const named = [
      {
        email_key: emailKey("l.o'weiß-roy@bücher.example"),
        name_key: nameKey('Léa O’Weiß-Roy'),
        person_id: null,
      },
    ];
    const cells = [
      ["LÉA O'WEISS\u2011ROY", "Lea <L.O'Weiß-Roy@BÜCHER.example>"],
      ['Le\u0301a  O\u02bcWeiß\u2013Roy', "'l.o'weiß-roy@xn--bcher-kva.example'"],
      ['Léa Roy', "l.o'weiß-roy@bücher.example"],
      ['Léa O’Weiß-Roy', 'lea@bücher.example'],
    ];
    const remarks = [
      { code: 'same', detail: "There is a LÉA O'WEISS-ROY too." },
      { code: 'address', detail: "Is l.o'weiß-roy@bücher.example meant?" },
      { code: 'other', detail: 'There is a Léa Roy at lea@bücher.example.' },
    ];
    const kept = listWithout(
      {
        rows: [row(9, 'Sara', 'sara@x.example', { remarks })],
        source: { columns: [], rows: cells.map((own, line) => ({ line, cells: own })), notes: [] },
        undo: null,
      },
      named,
    );
    expect((kept.source as { rows: { cells: unknown }[] }).rows.map((each) => each.cells)).toEqual([
      null,
      null,
      cells[2],
      cells[3],
    ]);
    expect(
      (kept.rows as { remarks: { detail: string }[] }[])[0]!.remarks.map(({ detail }) => detail),
    ).toEqual(['', '', remarks[2]!.detail]);
  });

  test('has no cells of theirs as they stood in the file, and those of the others', () => {
    const cells = [
      ['Ali', 'ALI <Ali@mission.example>', 'Australia'],
      ['Alicia', 'ali@mission.example', 'Australia'],
      ['Khalid Ali', 'ali@mission.example', 'Australia'],
      ['Ali', 'khalid-ali@mission.example', 'Australia'],
    ];
    const source = {
      columns: ['Name', 'Ali'],
      rows: cells.map((own, line) => ({ line, cells: own })),
      notes: [],
    };
    expect(without({ source }).source).toEqual({
      ...source,
      rows: [{ line: 0, cells: null }, ...source.rows.slice(1)],
    });
  });

  test('needs nothing of them to be undone, and puts everybody else back as they were', () => {
    const kept = {
      added: [{ id: 'p-alicia', line: 3, version: 1 }],
      changed: [
        { id: 'p-khalid', line: 4, version: 2, before: { name: 'Khalid Ali', email: 'ali@mission.example' } },
        { id: 'p-namesake', line: 5, version: 2, before: { name: 'Ali', email: 'another@x.example' } },
      ],
      prepared: [{ id: 'i-1', line: 3 }],
    };
    const undo = {
      added: [{ id: 'p-ali', line: 2, version: 1 }, ...kept.added],
      changed: [
        { id: 'p-ali', line: 8, version: 2, before: { name: 'Ali H.', email: 'old@x.example' } },
        ...kept.changed,
        { id: 'p-gone', line: 9, version: 2, before: { name: 'ALI', email: 'Ali@mission.example' } },
      ],
      prepared: kept.prepared,
    };
    expect(without({ undo }).undo).toEqual(kept);
  });
});
