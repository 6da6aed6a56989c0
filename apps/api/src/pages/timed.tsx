import type { VNode } from 'preact';
import { Directed } from '@app/mail';

/** A text with times or zones on a page: each stays on one line and runs in its own direction. */
export function Timed({ text }: { text: string }): VNode {
  return <Directed text={text} by="class" />;
}
