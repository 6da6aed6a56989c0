import { judge, type Evidence, type LedgerMail } from './judge';

/** Three mails, one of them to a visitor: all came, once. */
function evidence(): Evidence {
  const mail = (id: string, kind: string, recipient: string): LedgerMail => ({
    id,
    kind,
    recipient,
    state: 'sent',
    messageId: `message-${id}`,
    uncertain: false,
    answer: '250 taken',
  });
  return {
    ledger: [
      mail('1', 'confirmation', 'one@world.example'),
      mail('2', 'confirmation', 'two@world.example'),
      mail('3', 'address-confirmation', 'visitor@world.example'),
    ],
    taken: [
      { messageId: 'message-1', to: 'one@world.example' },
      { messageId: 'message-2', to: 'two@world.example' },
      { messageId: 'message-3', to: 'visitor@world.example' },
    ],
    visits: [{ email: 'visitor@world.example', status: 201, milliseconds: 10 }],
    owed: 2,
  };
}
const FAULT = { mayDouble: 1, ends: { confirmation: ['sent' as const, 'stale' as const] } };

test('what went well has no difference', () => {
  expect(judge(evidence(), FAULT)).toEqual({
    expected: 3,
    seen: 3,
    lost: 0,
    doubled: 0,
    uncertain: 0,
    differences: [],
  });
});

test('a mail that was not warranted any more is not expected', () => {
  const seen = evidence();
  seen.ledger[0]!.state = 'stale';
  seen.taken.shift();
  expect(judge(seen, FAULT)).toMatchObject({ expected: 2, seen: 2, lost: 0, differences: [] });
});

test('a mail may come twice where that was foreseen, if the ledger says so', () => {
  const seen = evidence();
  seen.taken.push(seen.taken[0]!);
  seen.ledger[0]!.uncertain = true;
  expect(judge(seen, FAULT)).toMatchObject({ doubled: 1, seen: 3, differences: [] });
});

test.each<[string, (seen: Evidence) => void, string]>([
  ['the mailbox lacks what the ledger calls sent', (seen) => seen.taken.pop(), '1 lost'],
  ['the ledger lacks a row', (seen) => seen.ledger.splice(1, 1), '2 mails in the ledger, 3 were caused'],
  [
    'a mail came that no row knows',
    (seen) => seen.ledger.splice(1, 1),
    '1 mails that the ledger does not know',
  ],
  ['a row has no end', (seen) => (seen.ledger[2]!.state = 'deferred'), 'is deferred and not sent'],
  ['a stale mail came', (seen) => (seen.ledger[0]!.state = 'stale'), 'is stale and came all the same'],
  ['a mail went to another', (seen) => (seen.taken[0]!.to = 'two@world.example'), 'went astray'],
  ['a copy came unmarked', (seen) => seen.taken.push(seen.taken[0]!), 'is not marked uncertain'],
  [
    'too many came twice',
    (seen) => seen.taken.push(seen.taken[0]!, seen.taken[1]!),
    '2 doubled, at most 1 could be',
  ],
  [
    'registering was refused',
    (seen) => (seen.visits[0]!.status = 500),
    'registering was answered 500 1 times',
  ],
  [
    'somebody was told 201 and not written to',
    (seen) => (seen.visits[0]!.email = 'other@world.example'),
    '1 people were told 201 and not written to',
  ],
])('a difference is seen when %s', (_, spoil, difference) => {
  const seen = evidence();
  spoil(seen);
  expect(judge(seen, FAULT).differences.join('\n')).toContain(difference);
});
