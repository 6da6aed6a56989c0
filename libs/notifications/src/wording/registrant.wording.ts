import { foreign, t, type Language, type MailBlock } from '@app/mail';
import { attendsInPerson, hasLinkToJoin, spokenCode } from '@app/participants';
import type { RegistrationState } from '@app/participants';
import type { RegistrationMail } from '../recipients/registration-mails.service';

/** The button with the reader's personal link. */
export function personalButton(
  { registrant, links }: RegistrationMail,
  language: Language,
  label:
    | 'mail.open_registration'
    | 'mail.offer.button'
    | 'mail.substitute.button'
    | 'mail.waitlisted.button'
    | 'mail.withdrawal.button' = 'mail.open_registration',
): MailBlock {
  return {
    kind: 'button',
    label: t(language, label),
    url: links.registration(registrant.id, registrant.linkGeneration),
  };
}

/** What someone who does not take part yet is told when the dialogue changes: they stand where they stood. */
export function stillWaiting(
  state: RegistrationState,
): 'mail.change.waitlisted' | 'mail.change.awaiting_approval' | 'mail.change.offered' {
  // A substitute whom nobody approved yet.
  if (state === 'under_review') return 'mail.change.awaiting_approval';
  if (state === 'offered' || state === 'awaiting_approval') return `mail.change.${state}`;
  return 'mail.change.waitlisted';
}

const small = new Map<Language, MailBlock[]>();

/** What the personal link is, and why they are written to. The same blocks in every mail, so rendered once. */
export function whyRegistered(language: Language): MailBlock[] {
  let blocks = small.get(language);
  if (!blocks) {
    blocks = [
      { kind: 'small', text: t(language, 'mail.personal_link') },
      { kind: 'small', text: t(language, 'mail.why_registered') },
    ];
    small.set(language, blocks);
  }
  return blocks;
}

/**
 * Someone's own link to join, which notes who comes; null for anyone who is not let in or comes to a room, and while there is
 * nothing to join.
 */
export function joinLink({ registrant, dialogue, links }: RegistrationMail): string | null {
  if (!registrant.mayEnter || !hasLinkToJoin(dialogue.venue, registrant.attends)) return null;
  return links.join(registrant.id, registrant.joinGeneration);
}

/** The code for the door, of someone who comes to a room. */
export function doorBlocks(
  { registrant, dialogue, links }: RegistrationMail,
  language: Language,
): MailBlock[] {
  if (!attendsInPerson(dialogue.venue, registrant.attends)) return [];
  return [
    { kind: 'heading', text: t(language, 'door.code') },
    { kind: 'paragraph', text: t(language, 'door.code.more') },
    {
      kind: 'code',
      url: links.checkIn(registrant.id, registrant.linkGeneration),
      alt: t(language, 'door.code.alt'),
      caption: t(language, 'door.code.short', { code: foreign(language, spokenCode(registrant.id)) }),
    },
  ];
}
