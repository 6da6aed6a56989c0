import { mayDo, rolesWith, type Role } from './rights.rules';

const may = (...roles: Role[]) => ({ roles, seesSensitive: false });

describe('a right', () => {
  test('comes with a role, and the roles of dialogue and process add up', () => {
    expect(mayDo(may('viewer'), 'view')).toBe(true);
    expect(mayDo(may('viewer'), 'manage')).toBe(false);
    expect(mayDo(may('organiser'), 'approve')).toBe(false);
    expect(mayDo(may('organiser', 'approver'), 'approve')).toBe(true);
    expect(rolesWith('own')).toEqual(['owner']);
  });

  test('is nobody’s without a role', () => {
    expect(mayDo(may(), 'view')).toBe(false);
    expect(mayDo({ roles: [], seesSensitive: true }, 'see_sensitive')).toBe(false);
  });

  test('to see what is sensitive comes with no role, not even the owner’s, but by itself', () => {
    expect(mayDo(may('owner'), 'see_sensitive')).toBe(false);
    expect(mayDo({ roles: ['viewer'], seesSensitive: true }, 'see_sensitive')).toBe(true);
  });
});
