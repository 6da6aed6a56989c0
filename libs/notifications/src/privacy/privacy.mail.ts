import { foreign, t, type Language, type MailContent, type MessageKey } from '@app/mail';

/** The six digits that prove more than a link does. */
export function codeMail(
  { name, title, code, isNewAddress }: { name: string; title: string; code: string; isNewAddress: boolean },
  language: Language,
): MailContent {
  const lead = t(language, isNewAddress ? 'mail.code.new_address' : 'mail.code.lead', { title });
  return {
    // Not in the subject, which stands on locked screens.
    subject: t(language, 'mail.code.subject', { title }),
    preheader: lead,
    title: t(language, 'mail.code.title'),
    blocks: [
      { kind: 'paragraph', text: t(language, 'mail.greeting', { name }) },
      { kind: 'paragraph', text: lead },
      {
        kind: 'facts',
        facts: [{ label: t(language, 'mail.code.label'), values: [foreign(language, code)] }],
      },
      { kind: 'small', text: t(language, 'mail.code.not_you') },
    ],
  };
}

/** The last mail to somebody whose data are erased. */
export function erasedMail(
  { name, title, withdrawn }: { name: string; title: string; withdrawn: boolean },
  language: Language,
): MailContent {
  const lead = t(language, 'mail.erased.lead', { title });
  return {
    subject: t(language, 'mail.erased.subject', { title }),
    preheader: lead,
    title: t(language, 'mail.erased.title'),
    blocks: [
      { kind: 'paragraph', text: t(language, 'mail.greeting', { name }) },
      { kind: 'paragraph', text: lead },
      ...(withdrawn ? [{ kind: 'paragraph' as const, text: t(language, 'mail.erased.withdrawn') }] : []),
      { kind: 'paragraph', text: t(language, 'mail.erased.kept') },
      { kind: 'small', text: t(language, 'mail.erased.last') },
    ],
  };
}

/** What a purge tells of, in this order; what was not there is not told. */
const PURGED_THINGS = [
  'registrations',
  'invitations',
  'answers',
  'files',
  'mails',
  'imports',
  'people',
] as const;

/** Tells an owner which personal data were removed. `days` is null when an owner asked for it. */
export function purgedMail(
  {
    name,
    title,
    days,
    counts,
  }: { name: string; title: string; days: number | null; counts: Record<string, unknown> },
  language: Language,
): MailContent {
  const lead =
    days === null
      ? t(language, 'mail.purged.lead_now', { title })
      : t(language, 'mail.purged.lead', { title, days });
  const removed = PURGED_THINGS.filter((thing) => Number(counts[thing]) > 0).map((thing) =>
    t(language, `mail.purged.${thing}` satisfies MessageKey, { count: Number(counts[thing]) }),
  );
  return {
    subject: t(language, 'mail.purged.subject', { title }),
    preheader: lead,
    title: t(language, 'mail.purged.title'),
    blocks: [
      { kind: 'paragraph', text: t(language, 'mail.greeting', { name }) },
      { kind: 'paragraph', text: lead },
      ...(removed.length > 0
        ? [
            { kind: 'heading' as const, text: t(language, 'mail.purged.removed') },
            { kind: 'list' as const, items: removed },
          ]
        : []),
      { kind: 'paragraph', text: t(language, 'mail.purged.kept') },
      { kind: 'small', text: t(language, 'mail.purged.why') },
    ],
  };
}
