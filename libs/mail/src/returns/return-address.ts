import type { AddressPurpose, Environment, Links } from '@app/platform';

/** Which letter stands before the secret. */
const LETTERS: Record<AddressPurpose, string> = { bounce: 'b', calendar: 'c' };

/** The address of the service mailbox for one purpose and id: `returns+b<secret>@domain` (VERP). Null without `MAIL_RETURNS`. */
export function returnAddress(
  { MAIL_RETURNS }: Pick<Environment, 'MAIL_RETURNS'>,
  links: Links,
  purpose: AddressPurpose,
  id: string,
): string | null {
  if (!MAIL_RETURNS) return null;
  const [local, domain] = MAIL_RETURNS.split('@');
  return `${local}+${LETTERS[purpose]}${links.addressDetail(purpose, id)}@${domain}`;
}

/** Whether an address is the service mailbox or one of its own addresses, in any case (RFC 5233: detail after `+`). */
export function isReturnAddress(
  { MAIL_RETURNS }: Pick<Environment, 'MAIL_RETURNS'>,
  address: string,
): boolean {
  const [local, domain] = MAIL_RETURNS?.toLowerCase().split('@') ?? [];
  const given = address.toLowerCase();
  return given === `${local}@${domain}` || (given.startsWith(`${local}+`) && given.endsWith(`@${domain}`));
}

/** What an address proves; null when it holds no secret of ours. */
export function provedByAddress(
  links: Links,
  address: string,
): { purpose: AddressPurpose; id: string } | null {
  const [, letter, detail] = /^[^@+]+\+([bc])([^@]+)@/i.exec(address) ?? [];
  const purpose = letter?.toLowerCase() === 'b' ? 'bounce' : 'calendar';
  const id = detail === undefined ? null : links.idOfAddressDetail(purpose, detail);
  return id === null ? null : { purpose, id };
}
