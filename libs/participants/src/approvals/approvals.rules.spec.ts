import { decide } from './approvals.rules';

const waiting = { state: 'awaiting_approval', approvals: 0, hasDecided: false } as const;

describe('a decision on a registration', () => {
  test('approves it once as many have approved as the dialogue needs', () => {
    expect(decide(waiting, 'approved', 1)).toEqual({ code: 'approved' });
    expect(decide(waiting, 'approved', 2)).toEqual({ code: 'counted', approvals: 1 });
    expect(decide({ ...waiting, approvals: 1 }, 'approved', 2)).toEqual({ code: 'approved' });
    expect(decide({ ...waiting, state: 'under_review' }, 'approved', 1)).toEqual({ code: 'approved' });
  });

  test('counts once for each approver', () => {
    expect(decide({ ...waiting, approvals: 1, hasDecided: true }, 'approved', 2)).toEqual({
      code: 'already_decided',
    });
  });

  test('refuses it by one, however many have approved', () => {
    expect(decide({ ...waiting, approvals: 2 }, 'refused', 3)).toEqual({ code: 'refused' });
  });

  test.each(['unconfirmed', 'confirmed', 'waitlisted', 'offered', 'refused', 'withdrawn'] as const)(
    'does nothing to one that is %s',
    (state) => {
      expect(decide({ ...waiting, state }, 'refused', 1)).toEqual({ code: 'not_waiting' });
    },
  );
});
