/** One field that is wrong, in a problem document. */
export interface FieldProblem {
  /** Path of the field, `venue.join_url` or `sessions.0.title`. */
  field: string;
  /** Stable code. */
  code: string;
  /** What is wrong and what to do, in words. */
  detail: string;
}

/**
 * What went wrong, for whoever asked: an RFC 9457 problem document.
 * `code` is stable and may be relied upon; `detail` names the field and the remedy.
 */
export class Problem extends Error {
  constructor(
    /** HTTP status. */
    readonly status: number,
    /** Stable code, snake_case. */
    readonly code: string,
    /** What is wrong and what to do, in words. */
    readonly detail: string,
    /** The fields concerned, if any. */
    readonly errors: FieldProblem[] = [],
  ) {
    super(`${code}: ${detail}`);
  }

  /** One field is wrong: 422 with the code for both problem and field. */
  static field(field: string, code: string, detail: string): Problem {
    return new Problem(422, code, detail, [{ field, code, detail }]);
  }

  /** What was asked for is not there, or not for the one who asks: the answer is the same. */
  static notFound(what: string): Problem {
    return new Problem(404, 'not_found', `There is no such ${what}, or it is not yours to see.`);
  }

  /** The row was changed since the caller read it (RFC 9110, 13.1.1). */
  static changedMeanwhile(): Problem {
    return new Problem(
      412,
      'changed_meanwhile',
      'It was changed since you read it. Read it again, look at what changed, and repeat the edit with the new ETag in If-Match.',
    );
  }
}
