import type { ComponentChildren, VNode } from 'preact';
import { renderToStaticMarkup } from 'preact-render-to-string';
import { remember } from '@app/platform';
import { direction, type Language } from '../languages/languages';
import { codeId } from './compose-images';
import { Directed } from './directed';
import { writeOnce } from './write-once';
import type { MailAgendaSession, MailBlock, MailContent, MailLink } from './mail-content';

const FONTS = "'Segoe UI',Tahoma,'Noto Sans','Noto Sans Arabic',Arial,sans-serif";

/** Chinese letters and signs from one font, or a mail program takes brackets from one and letters from another. */
const CHINESE_FONTS = "'Microsoft YaHei','PingFang SC','Noto Sans SC',sans-serif";
const INK = '#1d2733';
const FAINT = '#55606e';
const ACCENT = '#0b5394';
const PAPER = '#ffffff';
const GROUND = '#eef1f5';
const RULE = '#d5dbe3';

/** Mail programs that honour it turn the paper dark; the others show the light mail, which is whole by itself. */
const STYLE = `
:root{color-scheme:light dark;supported-color-schemes:light dark}
a{color:${ACCENT}}
@media (max-width:620px){.paper{width:100%!important}.pad{padding-left:20px!important;padding-right:20px!important}}
@media (prefers-color-scheme:dark){
body,.ground{background:#14181e!important}
.paper{background:#1e242c!important;border-color:#39424e!important}
.ink,.ink td,.ink th{color:#e8ecf1!important}
.faint{color:#a9b4c1!important}
.rule{border-color:#39424e!important}
a{color:#8fc1f2!important}
.action{background:#8fc1f2!important}.action a{color:#10161d!important}
}`.replaceAll('\n', '');

/**
 * The HTML part of a mail. Tables hold it together, since some mail programs know nothing better, and say
 * `role="presentation"`; language and direction stand on the document and on every cell of text, since some throw the
 * document away. No picture but a code that comes inside, no script, nothing from elsewhere.
 */
export function mailHtml(content: MailContent, language: Language): string {
  const { subject, preheader, title, blocks } = content;
  const frame = remember(frames, JSON.stringify([language, subject, preheader, title]), () =>
    renderToStaticMarkup(<Frame content={content} language={language} rows={ROWS} />),
  );
  const rows = blocks.map((block) => blockHtml(block, language)).join('');
  return `<!doctype html>${frame.replace(ROWS, () => rows)}`;
}

/** What all mails of a mailing have around their blocks; no text can say what stands for these, as it is escaped. */
const frames = new Map<string, string>();
const ROWS = '<!--rows-->';

const blockHtml = writeOnce((block, language) =>
  renderToStaticMarkup(<Row block={block} language={language} />),
);

function Frame({
  content,
  language,
  rows,
}: {
  content: MailContent;
  language: Language;
  rows: string;
}): VNode {
  const dir = direction(language);
  return (
    <html lang={language} dir={dir}>
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="supported-color-schemes" content="light dark" />
        <meta name="format-detection" content="telephone=no, date=no, address=no" />
        <title>{withoutIsolates(content.subject)}</title>
        <style dangerouslySetInnerHTML={{ __html: STYLE }} />
      </head>
      <body style={`margin:0;padding:0;background:${GROUND};`}>
        <div
          lang={language}
          dir={dir}
          aria-hidden="true"
          style="display:none;max-height:0;overflow:hidden;mso-hide:all;"
        >
          <Text text={content.preheader} />
        </div>
        <table
          role="presentation"
          class="ground"
          width="100%"
          cellpadding="0"
          cellspacing="0"
          style={`background:${GROUND};`}
        >
          <tbody>
            <tr>
              <td align="center" style="padding:24px 12px;">
                <table
                  role="presentation"
                  class="paper"
                  width="600"
                  cellpadding="0"
                  cellspacing="0"
                  style={`width:600px;max-width:600px;background:${PAPER};border:1px solid ${RULE};border-radius:6px;`}
                >
                  <tbody>
                    <tr>
                      <Cell language={language} style="padding:28px 32px 4px;">
                        <h1
                          style={`margin:0;${font(language)}font-size:24px;line-height:1.3;font-weight:600;`}
                        >
                          <Text text={content.title} />
                        </h1>
                      </Cell>
                    </tr>
                  </tbody>
                  <tbody dangerouslySetInnerHTML={{ __html: rows }} />
                  <tbody>
                    <tr>
                      <td height="24" style="height:24px;line-height:24px;font-size:0;">
                        {'\u00a0'}
                      </td>
                    </tr>
                  </tbody>
                </table>
              </td>
            </tr>
          </tbody>
        </table>
      </body>
    </html>
  );
}

function Row({ block, language }: { block: MailBlock; language: Language }): VNode {
  return (
    <tr>
      <Cell
        language={language}
        style={block.kind === 'heading' ? 'padding:24px 32px 0;' : 'padding:12px 32px 0;'}
        faint={block.kind === 'small'}
      >
        <Block block={block} language={language} />
      </Cell>
    </tr>
  );
}

function Cell(props: {
  language: Language;
  style: string;
  faint?: boolean;
  children: ComponentChildren;
}): VNode {
  const dir = direction(props.language);
  return (
    <td
      class={`pad ${props.faint ? 'faint' : 'ink'}`}
      lang={props.language}
      dir={dir}
      align={dir === 'rtl' ? 'right' : 'left'}
      style={
        `${props.style}${font(props.language)}font-size:${props.faint ? 14 : 16}px;line-height:1.55;` +
        `color:${props.faint ? FAINT : INK};text-align:${dir === 'rtl' ? 'right' : 'left'};`
      }
    >
      {props.children}
    </td>
  );
}

function Block({ block, language }: { block: MailBlock; language: Language }): VNode {
  switch (block.kind) {
    case 'paragraph':
    case 'small':
      return (
        <p style="margin:0;">
          <Text text={block.text} />
        </p>
      );
    case 'heading':
      return (
        <h2 style="margin:0;font-size:18px;line-height:1.3;font-weight:600;">
          <Text text={block.text} />
        </h2>
      );
    case 'facts':
      return <Facts facts={block.facts} language={language} />;
    case 'button':
      return <Button label={block.label} url={block.url} language={language} />;
    case 'code':
      return <Code {...block} />;
    case 'list':
      return (
        <ul style={`margin:0;padding:0;${side(language, 'padding', 22)}`}>
          {block.items.map((item) => (
            <li style="margin:0 0 6px;">
              <Value value={item} />
            </li>
          ))}
        </ul>
      );
    case 'agenda':
      return <Agenda sessions={block.sessions} language={language} />;
  }
}

/** Label above value rather than beside it: nothing to squeeze on a telephone. */
function Facts(props: {
  facts: { label: string; values: (string | MailLink)[] }[];
  language: Language;
}): VNode {
  return (
    <table
      role="presentation"
      width="100%"
      cellpadding="0"
      cellspacing="0"
      class="rule"
      style={`border-${direction(props.language) === 'rtl' ? 'right' : 'left'}:3px solid ${ACCENT};`}
    >
      <tbody>
        {props.facts.map(({ label, values }) => (
          <tr>
            <Inner language={props.language} style={`padding:4px 14px;`}>
              <span class="faint" style={`font-size:14px;color:${FAINT};`}>
                {label}
              </span>
              {values.map((value) => (
                <>
                  <br />
                  <Value value={value} />
                </>
              ))}
            </Inner>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Agenda({ sessions, language }: { sessions: MailAgendaSession[]; language: Language }): VNode {
  return (
    <table role="presentation" width="100%" cellpadding="0" cellspacing="0">
      <tbody>
        {sessions.map((session) => (
          <tr>
            <Inner
              language={language}
              width={104}
              style={`padding:10px 0;${side(language, 'padding', 10, true)}border-top:1px solid ${RULE};`}
            >
              <Text text={session.times} />
            </Inner>
            <Inner language={language} style={`padding:10px 0;border-top:1px solid ${RULE};`}>
              <strong>
                <Text text={session.title} />
              </strong>
              <Lines lines={session.lines} />
              {session.items.map((item) => (
                <div style="margin:6px 0 0;">
                  <span class="faint" style={`color:${FAINT};`}>
                    <Text text={item.times} />
                  </span>
                  {'\u2003'}
                  <Text text={item.title} />
                  <Lines lines={item.lines} />
                </div>
              ))}
              {session.questions.length > 0 && (
                <ul style={`margin:6px 0 0;padding:0;${side(language, 'padding', 20)}`}>
                  {session.questions.map((question) => (
                    <li style="margin:0 0 4px;">
                      <Text text={question} />
                    </li>
                  ))}
                </ul>
              )}
            </Inner>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Inner(props: {
  language: Language;
  style: string;
  width?: number;
  children: ComponentChildren;
}): VNode {
  const dir = direction(props.language);
  return (
    <td
      class="ink rule"
      lang={props.language}
      dir={dir}
      align={dir === 'rtl' ? 'right' : 'left'}
      valign="top"
      {...(props.width && { width: props.width })}
      style={`${props.style}${font(props.language)}font-size:16px;line-height:1.5;color:${INK};`}
    >
      {props.children}
    </td>
  );
}

function Lines({ lines }: { lines: string[] }): VNode {
  return (
    <>
      {lines.map((line) => (
        <>
          <br />
          <span class="faint" style={`font-size:14px;color:${FAINT};`}>
            <Text text={line} />
          </span>
        </>
      ))}
    </>
  );
}

/** The cell is painted, not the link: Outlook pads only cells. */
function Button({ label, url, language }: { label: string; url: string; language: Language }): VNode {
  return (
    <table role="presentation" cellpadding="0" cellspacing="0">
      <tbody>
        <tr>
          <td class="action" style={`background:${ACCENT};border-radius:5px;padding:12px 22px;`}>
            <a
              href={url}
              style={`${font(language)}font-size:16px;line-height:1.3;font-weight:600;color:#ffffff;text-decoration:none;`}
            >
              <Text text={label} />
            </a>
          </td>
        </tr>
      </tbody>
    </table>
  );
}

/** Black on white also on dark paper, or no scanner reads it; with pictures off the words below say it all. */
function Code({ url, alt, caption }: { url: string; alt: string; caption: string }): VNode {
  return (
    <>
      <img
        src={`cid:${codeId(url)}`}
        alt={alt}
        width="196"
        height="196"
        style="display:block;border:0;background:#ffffff;"
      />
      <p style="margin:6px 0 0;">
        <a href={url}>
          <Text text={caption} />
        </a>
      </p>
    </>
  );
}

function Value({ value }: { value: string | MailLink }): VNode {
  if (typeof value === 'string') return <Text text={value} />;
  return (
    <a href={value.url} style="word-break:break-word;">
      <bdi>{withoutIsolates(value.label)}</bdi>
    </a>
  );
}

/** Text with its isolates; everything else is escaped by the renderer. */
function Text({ text }: { text: string }): VNode {
  return <Directed text={text} by="style" />;
}

function withoutIsolates(text: string): string {
  return text.replace(/[\u2066-\u2069]/gu, '');
}

function font(language: Language): string {
  return `font-family:${language === 'zh' ? CHINESE_FONTS : FONTS};`;
}

/** `padding-left` or its mirror; mail programs know no logical properties. */
function side(language: Language, property: string, pixels: number, end = false): string {
  return `${property}-${(direction(language) === 'rtl') === end ? 'left' : 'right'}:${pixels}px;`;
}
