import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import {
  compose,
  readerLanguage,
  type ComposedMail,
  type Mail,
  type MailKind,
  type MailRenderer,
  type MailWriter,
  type Stale,
} from '@app/mail';
import {
  isNominated,
  loadNominees,
  NOMINATION_CHASER,
  NOMINATION_REQUEST,
  nominationsClosed,
  SILENCE,
  type DelegationRole,
} from '@app/participants';
import { loadDialogues } from '../recipients/dialogues';
import { MailLinks } from '../recipients/links.service';
import { fullName } from '../recipients/registration-mails.service';
import {
  nominationChaserMail,
  nominationRequestMail,
  silenceMail,
  type DelegationMail,
} from './delegation.mails';
import { staleDelegationMail, type DelegationFacts } from './delegation.rules';

/** A delegation as it is now, with its focal point. */
interface DelegationRow {
  mailId: string;
  id: string;
  dialogueId: string;
  delegation: string;
  linkGeneration: number;
  seats: number;
  seatsByRole: Partial<Record<DelegationRole, number>>;
  closesAt: Date;
  closed: boolean;
  honorific: string | null;
  name: string;
  email: string;
  language: string;
  timeZone: string;
}

/** Renders the mails to focal points: a page of them in three statements. */
@Injectable()
export class DelegationMails {
  constructor(
    @Inject(DataSource) private readonly dataSource: DataSource,
    @Inject(MailLinks) private readonly links: MailLinks,
  ) {}

  renderers(): MailRenderer[] {
    return [
      this.renderer(NOMINATION_REQUEST, 'request', nominationRequestMail),
      this.renderer(NOMINATION_CHASER, 'empty', nominationChaserMail),
      this.renderer(SILENCE, 'silence', silenceMail),
    ];
  }

  private renderer(
    kind: MailKind,
    purpose: DelegationFacts['kind'],
    write: MailWriter<DelegationMail>,
  ): MailRenderer {
    return { kind, render: (mails) => this.render(mails, purpose, write) };
  }

  private async render(
    mails: Mail[],
    kind: DelegationFacts['kind'],
    write: MailWriter<DelegationMail>,
  ): Promise<Map<string, ComposedMail | Stale>> {
    const { manager } = this.dataSource;
    const rows: DelegationRow[] = await manager.query(
      `SELECT m.id::text AS "mailId", l.id, l.dialogue_id AS "dialogueId",
         coalesce(mechanism.name, l.organisation) AS delegation, l.link_generation AS "linkGeneration",
         coalesce(seats.places, 0) AS seats,
         coalesce((SELECT jsonb_object_agg(role, places) FROM places
           WHERE delegation_id = l.id AND scope = 'role'), '{}') AS "seatsByRole",
         least(coalesce(l.nominations_close_at, d.starts_at), d.starts_at) AS "closesAt",
         ${nominationsClosed} AS closed,
         p.honorific, p.name, p.email, p.language, p.time_zone AS "timeZone"
       FROM mails m JOIN delegations l ON l.id = m.subject_id JOIN dialogues d ON d.id = l.dialogue_id
       JOIN people p ON p.id = l.focal_point_id LEFT JOIN mechanisms mechanism ON mechanism.id = l.mechanism_id
       LEFT JOIN places seats ON seats.delegation_id = l.id AND seats.scope = 'delegation'
       WHERE m.id = ANY($1::bigint[])`,
      [mails.map(({ id }) => id)],
    );
    const nominees = await loadNominees(manager, [...new Set(rows.map(({ id }) => id))]);
    const dialogues = await loadDialogues(manager, [...new Set(rows.map((row) => row.dialogueId))]);
    const keys = new Map(mails.map(({ id, dedupeKey }) => [id, dedupeKey]));
    return new Map(
      rows.map((row): [string, ComposedMail | Stale] => {
        const dialogue = dialogues.get(row.dialogueId)!;
        const present = nominees.get(row.id) ?? [];
        const empty = row.seats - present.filter(({ state }) => isNominated(state)).length;
        const silent = present.filter(({ state }) => state === 'sent');
        const stale = staleDelegationMail({
          kind,
          delegation: { ...row, empty, silent: silent.length },
          dialogue,
          generation: Number(keys.get(row.mailId)!.split(':')[2]),
        });
        if (stale !== null) return [row.mailId, { stale }];
        const language = readerLanguage(row.language, dialogue.workingLanguages);
        const content = write(
          {
            ...row,
            name: fullName(row, language),
            dialogue,
            empty,
            silent,
            url: this.links.delegation(row.id, row.linkGeneration),
          },
          language,
        );
        const to = { name: row.name, address: row.email };
        return [row.mailId, compose({ to, fromName: dialogue.hosts[0] ?? '' }, content, language)];
      }),
    );
  }
}
