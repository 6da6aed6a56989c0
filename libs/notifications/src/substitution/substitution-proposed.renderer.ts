import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import {
  compose,
  readerLanguage,
  type ComposedMail,
  type Look,
  type Mail,
  type MailRenderer,
  type Stale,
} from '@app/mail';
import { MAY_DECIDE_ON_SUBSTITUTES, SUBSTITUTION_PROPOSED, type Substitution } from '@app/participants';
import { loadDialogues } from '../recipients/dialogues';
import { MailLinks } from '../recipients/links.service';
import { fullName } from '../recipients/registration-mails.service';
import { substitutionProposedMail } from './substitution-proposed.mail';
import { staleProposal } from './substitution.rules';

/** A proposal as it is now, and who is to decide; null where they may not any more. */
interface ProposalNow {
  mailId: string;
  dialogueId: string;
  state: Substitution['state'];
  honorific: string | null;
  name: string;
  leaver: { honorific: string | null; name: string };
  reader: {
    honorific: string | null;
    name: string;
    email: string;
    language: string;
    timeZone: string;
  } | null;
  /** Of a focal point. */
  delegation: { id: string; name: string; linkGeneration: number } | null;
}

/** Renders the mails that tell of a proposed substitute: a page in two statements. */
@Injectable()
export class SubstitutionProposedMails implements MailRenderer {
  readonly kind = SUBSTITUTION_PROPOSED;

  constructor(
    private readonly dataSource: DataSource,
    private readonly links: MailLinks,
  ) {}

  async render(mails: Mail[], look?: Look): Promise<Map<string, ComposedMail | Stale>> {
    const { manager = this.dataSource.manager, assumed } = look ?? {};
    const rows: ProposalNow[] = await manager.query(
      `SELECT m.id::text AS "mailId", s.dialogue_id AS "dialogueId", s.state, s.honorific, s.name,
         jsonb_build_object('honorific', r.honorific, 'name', r.name) AS leaver,
         CASE
           WHEN p.id IS NOT NULL THEN jsonb_build_object('honorific', p.honorific, 'name', p.name, 'email', p.email,
             'language', p.language, 'timeZone', p.time_zone)
           WHEN o.id IS NOT NULL THEN jsonb_build_object('name', o.name, 'email', o.email, 'language', o.language,
             'timeZone', o.time_zone) END AS reader,
         CASE WHEN p.id IS NOT NULL THEN jsonb_build_object('id', l.id, 'linkGeneration', l.link_generation,
           'name', coalesce(mechanism.name, l.organisation)) END AS delegation
       FROM mails m JOIN substitutions s ON s.id = m.subject_id JOIN registrations r ON r.id = s.registration_id
       JOIN dialogues d ON d.id = s.dialogue_id
       LEFT JOIN delegations l ON l.id = (m.parameters->>'delegation_id')::uuid AND l.id = r.delegation_id
         AND l.link_generation = (m.parameters->>'link_generation')::int
       LEFT JOIN mechanisms mechanism ON mechanism.id = l.mechanism_id
       LEFT JOIN people p ON p.id = l.focal_point_id
       LEFT JOIN organisers o ON o.id = (m.parameters->>'organiser_id')::uuid AND ${MAY_DECIDE_ON_SUBSTITUTES}
       WHERE m.id = ANY($1::bigint[])`,
      [mails.map(({ id }) => id)],
    );
    const dialogues = await loadDialogues(
      manager,
      [...new Set(rows.map(({ dialogueId }) => dialogueId))],
      assumed?.dialogue,
    );
    return new Map(
      rows.map((row): [string, ComposedMail | Stale] => {
        const { delegation, leaver, reader } = row;
        const dialogue = dialogues.get(row.dialogueId)!;
        const stale = staleProposal({
          substitution: { state: row.state, named: row.name !== '' && leaver.name !== '' },
          dialogue,
          mayDecide: reader !== null,
        });
        // Without a reader it is stale in any case, and can't be looked at either.
        if (reader === null || (stale !== null && !look)) return [row.mailId, { stale: stale! }];
        const ownLanguage = delegation
          ? readerLanguage(reader.language, dialogue.workingLanguages)
          : readerLanguage(reader.language);
        const language = look?.language ?? ownLanguage;
        const content = substitutionProposedMail(
          {
            name: fullName(reader, language),
            leaver: fullName(leaver, language),
            substitute: fullName(row, language),
            timeZone: reader.timeZone,
            dialogue,
            reader: delegation
              ? {
                  delegation: delegation.name,
                  url: this.links.delegation(delegation.id, delegation.linkGeneration),
                }
              : { page: this.links.organiserPage() },
          },
          language,
        );
        const to = { name: reader.name, address: reader.email };
        const fromName = delegation ? (dialogue.hosts[0] ?? '') : 'Plenary';
        return [row.mailId, compose({ to, fromName }, content, language)];
      }),
    );
  }
}
