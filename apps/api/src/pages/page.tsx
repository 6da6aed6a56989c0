import { createHash } from 'node:crypto';
import type { FastifyReply } from 'fastify';
import type { ComponentChildren, VNode } from 'preact';
import { render } from 'preact-render-to-string';
import { direction, t, type Language } from '@app/mail';
import { PAGE_SCRIPT } from './page.script';
import { PAGE_STYLES } from './page.styles';

/** The same page in another language. */
export interface LanguageLink {
  language: Language;
  href: string;
}

interface PageProperties {
  title: string;
  /** In which language the page is written; sets `lang` and `dir`. */
  language: Language;
  /** Where the same page is to be had in other languages; the one it is in included. */
  languages?: LanguageLink[];
  /** The address without its secret, which the script puts into the address bar. */
  cleanAddress?: string;
  /** Whether a form of it gains by the script, though its address has no secret. */
  hasScript?: boolean;
  children: ComponentChildren;
}

const version = createHash('sha256').update(PAGE_STYLES).update(PAGE_SCRIPT).digest('hex').slice(0, 12);

/** How a language calls itself. */
const languageNames: Record<Language, string> = {
  ar: 'العربية',
  en: 'English',
  es: 'Español',
  fr: 'Français',
  ru: 'Русский',
  zh: '中文',
};

/** The frame of every page: language and direction, skip link, header, main. Works without JavaScript. */
export function Page({
  title,
  language,
  languages,
  cleanAddress,
  hasScript,
  children,
}: PageProperties): VNode {
  return (
    <html lang={language} dir={direction(language)}>
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="robots" content="noindex" />
        <title>{title}</title>
        <link rel="icon" href={`/assets/icon.svg?${version}`} type="image/svg+xml" />
        <link rel="stylesheet" href={`/assets/page.css?${version}`} />
        {(cleanAddress || hasScript) && (
          <script src={`/assets/page.js?${version}`} data-clean-address={cleanAddress} defer></script>
        )}
      </head>
      <body>
        <a class="skip" href="#main">
          {t(language, 'page.skip')}
        </a>
        <header class="masthead">
          <div class="measure">
            <p class="wordmark" lang="en" dir="ltr">
              Plenary
            </p>
            {languages && languages.length > 1 && (
              <nav class="languages" aria-label={t(language, 'page.languages')}>
                <ul>
                  {languages.map((link) => (
                    <li>
                      <a
                        href={link.href}
                        lang={link.language}
                        dir={direction(link.language)}
                        hreflang={link.language}
                        aria-current={link.language === language ? 'true' : undefined}
                      >
                        {languageNames[link.language]}
                      </a>
                    </li>
                  ))}
                </ul>
              </nav>
            )}
          </div>
        </header>
        <main id="main" class="measure" tabIndex={-1}>
          {children}
        </main>
      </body>
    </html>
  );
}

/** What a page may load: our own style sheet and script, and nothing from anywhere else. */
const CONTENT_SECURITY_POLICY =
  "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/**
 * Browsers also hold what a form's answer redirects to against the policy, and whatever that redirects to: a page whose
 * only button leads to the platform of a meeting has to say so.
 */
const LEADS_ELSEWHERE = CONTENT_SECURITY_POLICY.replace(
  "form-action 'self'",
  "form-action 'self' https: http:",
);

/** A page as text. */
export function writePage(page: VNode): string {
  return `<!doctype html>${render(page)}`;
}

/** What is said of a page: it is never stored, and no link on it tells where it came from (design, idea 8). */
export const PAGE_HEADERS = {
  'content-security-policy': CONTENT_SECURITY_POLICY,
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'content-type': 'text/html; charset=utf-8',
};

/** Sends a page. */
export function sendPage(
  reply: FastifyReply,
  page: VNode,
  status = 200,
  { leadsElsewhere = false } = {},
): FastifyReply {
  reply.status(status).headers(PAGE_HEADERS);
  if (leadsElsewhere) reply.header('content-security-policy', LEADS_ELSEWHERE);
  return reply.send(writePage(page));
}
