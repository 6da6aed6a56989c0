import { Problem } from '@app/platform';
import { expectedVersion, requiredVersion, requiredVersionOrNone } from './etag';

const outcome = (read: () => unknown): unknown => {
  try {
    return read();
  } catch (error) {
    return error instanceof Problem ? `${error.status} ${error.code}` : error;
  }
};

describe('If-Match of an edit that may say what it was made on', () => {
  test.each([
    [undefined, undefined],
    ['*', undefined],
    ['"3"', 3],
    ['W/"3"', 3],
    [' "0" ', 0],
    ['"03"', '412 changed_meanwhile'],
    ['"3-x"', '412 changed_meanwhile'],
    ['"*"', '412 changed_meanwhile'],
    ['3', '400 if_match_malformed'],
    ['', '400 if_match_malformed'],
    ['"3", "4"', '400 if_match_malformed'],
    ['"3", *', '400 if_match_malformed'],
  ])('%s is read as %s', (header, expected) => {
    expect(outcome(() => expectedVersion(header))).toBe(expected);
  });
});

describe('If-Match of a PUT', () => {
  test.each([
    [undefined, '428 precondition_required'],
    ['*', '428 precondition_required'],
    [' * ', '428 precondition_required'],
    ['"3"', '3'],
    ['W/"3-q_8"', '3-q_8'],
    ['"*"', '*'],
    ['*, "3"', '400 if_match_malformed'],
    ['', '400 if_match_malformed'],
  ])('%s is read as %s', (header, expected) => {
    expect(outcome(() => requiredVersion(header))).toBe(expected);
  });

  test.each([
    [undefined, undefined, '428 precondition_required'],
    ['*', undefined, '428 precondition_required'],
    ['"3"', undefined, '3'],
    [undefined, '*', null],
    [undefined, ' * ', null],
    [undefined, '"3"', '400 if_none_match_malformed'],
    [undefined, '', '400 if_none_match_malformed'],
    ['"3"', '*', '400 preconditions_contradict'],
    ['*', '*', '400 preconditions_contradict'],
  ])(
    'where nothing may be there yet, If-Match %s and If-None-Match %s are read as %s',
    (match, none, expected) => {
      expect(outcome(() => requiredVersionOrNone(match, none))).toBe(expected);
    },
  );
});
