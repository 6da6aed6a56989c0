import { hash } from 'node:crypto';
import type { Mail } from '../mail.entity';
import type { ComposedMail } from '../mail-renderer';

/** What goes: as written, or without what the server found too large. A renderer sees it in the row, and can say so. */
export function fitting({ withoutAttachments }: Mail, composed: ComposedMail): ComposedMail {
  if (!withoutAttachments) return composed;
  const { calendar: _calendar, images: _images, ...rest } = composed;
  return rest;
}

/**
 * SHA-256 (hex) of what its reader reads; answers "what did it say?" later. A picture is of an address that stands in the
 * HTML part, so it needs no place of its own.
 */
export function contentHash({ subject, text, html, calendar }: ComposedMail): string {
  return hash('sha256', JSON.stringify([subject, text, html, calendar?.content ?? null]));
}
