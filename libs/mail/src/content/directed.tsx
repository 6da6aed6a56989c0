import type { VNode } from 'preact';
import { directedParts, type DirectedPart } from '../languages/languages';

/** How something is kept on one line: by a style in mails; on pages by a class, since their policy forbids styles. */
type By = 'style' | 'class';

/** A longer unit may be wider than a telephone. */
const LONGEST_UNBROKEN = 24;

/**
 * A text as HTML: isolates become `<bdi>`, line breaks `<br>`. Times and zones stay on one line; a zone that is wider than
 * any line breaks, but only after the slashes of its name.
 */
export function Directed({ text, by }: { text: string; by: By }): VNode {
  return <Parts parts={directedParts(text)} by={by} />;
}

function Parts({ parts, by }: { parts: DirectedPart[]; by: By }): VNode {
  return (
    <>
      {parts.map((part) => {
        if (typeof part === 'string') return <Lines text={part} />;
        if (part.dir !== 'auto') return <Unit dir={part.dir} text={part.parts.join('')} by={by} />;
        return (
          <bdi>
            <Parts parts={part.parts} by={by} />
          </bdi>
        );
      })}
    </>
  );
}

function Unit({ dir, text, by }: { dir: 'ltr' | 'rtl'; text: string; by: By }): VNode {
  const onOneLine = by === 'style' ? { style: 'white-space:nowrap;' } : { class: 'unit' };
  if (text.length <= LONGEST_UNBROKEN) {
    return (
      <bdi dir={dir} {...onOneLine}>
        {text}
      </bdi>
    );
  }
  return (
    <bdi dir={dir} {...(by === 'style' ? { style: 'display:inline-block;' } : { class: 'long-unit' })}>
      {text.split(/(?<=\/)/).map((piece, index) => (
        <>
          {index > 0 && <wbr />}
          <span {...onOneLine}>{piece}</span>
        </>
      ))}
    </bdi>
  );
}

function Lines({ text }: { text: string }): VNode {
  return <>{text.split(/(\r\n|\r|\n)/).map((line) => (/^[\r\n]/.test(line) ? <br /> : line))}</>;
}
