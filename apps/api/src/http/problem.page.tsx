import type { VNode } from 'preact';
import type { Problem } from '@app/platform';
import { t, type Language, type MessageKey } from '@app/mail';
import { Page } from '../pages/page';

const WORDS = {
  403: 'problem.not_allowed',
  404: 'problem.not_found',
  413: 'problem.too_large',
  429: 'problem.too_many',
  503: 'problem.unavailable',
} as const satisfies Record<number, MessageKey>;

/** What a person reads when something is wrong. One page for whatever is not there, whyever it is not. */
export function problemPage(language: Language, problem: Problem, requestId: string): VNode {
  const words =
    problem.code === 'too_many_registrations'
      ? 'problem.too_many_registrations'
      : ((WORDS as Partial<typeof WORDS>)[problem.status as keyof typeof WORDS] ??
        (problem.status < 500 ? 'problem.refused' : 'problem.failed'));
  return (
    <Page title={t(language, `${words}.title`)} language={language}>
      <h1>{t(language, `${words}.title`)}</h1>
      <p>{t(language, words)}</p>
      {problem.status >= 500 && <p>{t(language, 'problem.reference', { id: requestId })}</p>}
    </Page>
  );
}
