/** The privacy notice of a dialogue as it reads now. */
export interface CurrentNotice {
  /** From 1. */
  version: number;
  /** By language, BCP 47. */
  texts: Record<string, string>;
}

/**
 * Whether a registration may go on: where there is a notice, its version as it reads now has to be accepted.
 * @param given what came with the form or request: the version they were shown.
 * @returns `required` when nothing was accepted, `notice_changed` when it was another version; null when it may.
 */
export function noticeVerdict(
  notice: CurrentNotice | null,
  given: number | null | undefined,
): 'required' | 'notice_changed' | null {
  if (!notice) return null;
  if (given === null || given === undefined || Number.isNaN(given)) return 'required';
  return given === notice.version ? null : 'notice_changed';
}

/** The notice in the reader's language, else in the first working language in which it is written, with its language. */
export function noticeFor(
  { texts }: CurrentNotice,
  reader: string,
  workingLanguages: readonly string[],
): { language: string; text: string } {
  const language = [reader, reader.split('-')[0]!, ...workingLanguages].find((tag) => tag in texts);
  const found = language ?? Object.keys(texts)[0]!;
  return { language: found, text: texts[found]! };
}
