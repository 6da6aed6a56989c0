import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import {
  compose,
  readerLanguage,
  type ComposedMail,
  type Language,
  type Look,
  type Mail,
  type MailContent,
  type MailKind,
  type MailRenderer,
  type MailWriter,
  type Stale,
} from '@app/mail';
import {
  DELEGATION_CANCELLATION,
  DELEGATION_CHANGE,
  isNominated,
  loadNominees,
  NOMINATION_CHASER,
  NOMINATION_REQUEST,
  SILENCE,
  type DelegationRole,
  type Nominee,
} from '@app/participants';
import { cancellationMail } from '../change/cancellation.mail';
import { delegationChangeMail } from '../change/delegation-change.mail';
import { loadDialogues, type DialogueNow } from '../recipients/dialogues';
import { asWorded } from '../wording/own-words';
import { MailLinks } from '../recipients/links.service';
import { fullName } from '../recipients/registration-mails.service';
import {
  nominationChaserMail,
  nominationRequestMail,
  silenceMail,
  type DelegationMail,
} from './delegation.mails';
import { staleDelegationMail, staleDelegationNews, type DelegationFacts } from './delegation.rules';

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
  /** When the mail was sent, or now. */
  closed: boolean;
  /** Whether this focal point was asked to nominate. */
  asked: boolean;
  newerQueued: boolean;
  honorific: string | null;
  name: string;
  email: string;
  language: string;
  timeZone: string;
}

/** A delegation with those nominated for it, and the mail that is to be written. */
interface Addressed {
  row: DelegationRow;
  dialogue: DialogueNow;
  silent: Nominee[];
  /** How many seats nobody is nominated for. */
  empty: number;
  mail: Mail;
  /** The generation of the link that the mail was to carry. */
  generation: number;
}

/** Renders the mails to focal points: a page of them in three statements. */
@Injectable()
export class DelegationMails {
  constructor(
    private readonly dataSource: DataSource,
    private readonly links: MailLinks,
  ) {}

  renderers(): MailRenderer[] {
    return [
      this.renderer(NOMINATION_REQUEST, 'request', nominationRequestMail),
      this.renderer(NOMINATION_CHASER, 'empty', nominationChaserMail),
      this.renderer(SILENCE, 'silence', silenceMail),
      {
        kind: DELEGATION_CHANGE,
        render: (mails, look) =>
          this.render(mails, look, (addressed) => {
            const { row, dialogue, generation, mail } = addressed;
            const { parameters } = mail;
            const kind = parameters.what === 'postponement' ? 'postponement' : 'change';
            const { newerQueued } = row;
            const stale = staleDelegationNews({ kind, delegation: row, dialogue, generation, newerQueued });
            if (stale !== null && !look) return { stale };
            return (language) =>
              delegationChangeMail({ ...this.writtenFrom(addressed, language), parameters }, language);
          }),
      },
      {
        kind: DELEGATION_CANCELLATION,
        render: (mails, look) =>
          this.render(mails, look, ({ row, dialogue, generation, mail: { parameters } }) => {
            const { newerQueued, timeZone, delegation } = row;
            const kind = 'cancellation';
            const stale = staleDelegationNews({ kind, delegation: row, dialogue, generation, newerQueued });
            if (stale !== null && !look) return { stale };
            return (language) =>
              cancellationMail(
                {
                  name: fullName(row, language),
                  timeZone,
                  dialogue,
                  parameters,
                  wasConfirmed: false,
                  reader: { focalPointOf: delegation },
                },
                language,
              );
          }),
      },
    ];
  }

  private renderer(
    kind: MailKind,
    purpose: DelegationFacts['kind'],
    write: MailWriter<DelegationMail>,
  ): MailRenderer {
    return {
      kind,
      render: (mails, look) =>
        this.render(mails, look, (addressed) => {
          const { row, dialogue, silent, empty, generation } = addressed;
          const delegation = { ...row, empty, silent: silent.length };
          const stale = staleDelegationMail({ kind: purpose, delegation, dialogue, generation });
          if (stale !== null && !look) return { stale };
          return (language) => write(this.writtenFrom(addressed, language), language);
        }),
    };
  }

  private writtenFrom({ row, dialogue, empty, silent }: Addressed, language: Language): DelegationMail {
    return {
      ...row,
      name: fullName(row, language),
      dialogue,
      empty,
      silent,
      url: this.links.delegation(row.id, row.linkGeneration),
    };
  }

  private async render(
    mails: Mail[],
    look: Look | undefined,
    decide: (addressed: Addressed) => Stale | ((language: Language) => MailContent),
  ): Promise<Map<string, ComposedMail | Stale>> {
    const { manager = this.dataSource.manager, assumed } = look ?? {};
    const rows: DelegationRow[] = await manager.query(
      `SELECT m.id::text AS "mailId", l.id, l.dialogue_id AS "dialogueId",
         coalesce(mechanism.name, l.organisation) AS delegation, l.link_generation AS "linkGeneration",
         coalesce(seats.places, 0) AS seats,
         coalesce((SELECT jsonb_object_agg(role, places) FROM places
           WHERE delegation_id = l.id AND scope = 'role'), '{}') AS "seatsByRole",
         least(coalesce(l.nominations_close_at, d.starts_at), d.starts_at) AS "closesAt",
         least(coalesce(l.nominations_close_at, d.starts_at), d.starts_at) <= coalesce(m.sent_at, now()) AS closed, l.invited_at IS NOT NULL AS asked,
         EXISTS (SELECT FROM mails newer WHERE newer.subject_id = m.subject_id AND newer.kind = m.kind
           AND newer.id > m.id AND newer.state IN ('queued', 'deferred', 'held', 'sending', 'sent')) AS "newerQueued",
         p.honorific, p.name, p.email, p.language, p.time_zone AS "timeZone"
       FROM mails m JOIN delegations l ON l.id = m.subject_id JOIN dialogues d ON d.id = l.dialogue_id
       JOIN people p ON p.id = l.focal_point_id LEFT JOIN mechanisms mechanism ON mechanism.id = l.mechanism_id
       LEFT JOIN places seats ON seats.delegation_id = l.id AND seats.scope = 'delegation'
       WHERE m.id = ANY($1::bigint[])`,
      [mails.map(({ id }) => id)],
    );
    const nominees = await loadNominees(manager, [...new Set(rows.map(({ id }) => id))]);
    const dialogues = await loadDialogues(
      manager,
      [...new Set(rows.map((row) => row.dialogueId))],
      assumed?.dialogue,
    );
    const byId = new Map(mails.map((mail) => [mail.id, mail]));
    return new Map(
      rows.map((loaded): [string, ComposedMail | Stale] => {
        const row = { ...loaded, ...assumed?.subject };
        const dialogue = dialogues.get(row.dialogueId)!;
        const present = nominees.get(row.id) ?? [];
        const empty = row.seats - present.filter(({ state }) => isNominated(state)).length;
        const mail = byId.get(row.mailId)!;
        // Whoever was asked later is silent too, but not for long: their turn comes.
        const { invitations } = mail.parameters;
        const silent = present.filter(
          ({ state, id }) => state === 'sent' && (!Array.isArray(invitations) || invitations.includes(id)),
        );
        const generation = Number(mail.dedupeKey.split(':')[2]);
        const decided = decide({ row, dialogue, silent, empty, mail, generation });
        if (typeof decided !== 'function') return [row.mailId, decided];
        const language = look?.language ?? readerLanguage(row.language, dialogue.workingLanguages);
        const to = { name: row.name, address: row.email };
        const named = { name: fullName(row, language), timeZone: row.timeZone, dialogue };
        const content = asWorded(mail.kind, decided(language), language, named);
        return [row.mailId, compose({ to, fromName: dialogue.hosts[0] ?? '' }, content, language)];
      }),
    );
  }
}
