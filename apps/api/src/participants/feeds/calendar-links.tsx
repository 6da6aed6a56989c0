import type { VNode } from 'preact';
import { t, type Language } from '@app/mail';

/** How to put a dialogue into one's calendar so that it follows. */
export function CalendarLinks({
  language,
  url,
  isPersonal = false,
}: {
  language: Language;
  /** Of the feed. */
  url: string;
  /** Whether it is one participant's own. */
  isPersonal?: boolean;
}): VNode {
  return (
    <section class="card" aria-labelledby="calendar">
      <h2 id="calendar">{t(language, 'calendar.add')}</h2>
      <p>
        {t(language, 'calendar.follows')}
        {isPersonal && ` ${t(language, 'calendar.yours')}`}
      </p>
      <p class="row">
        {/* Programs register for this scheme; a browser would only save the file. */}
        <a href={url.replace(/^https?:/, 'webcal:')}>{t(language, 'calendar.subscribe')}</a>
        <a href={url}>{t(language, 'calendar.address')}</a>
      </p>
    </section>
  );
}
