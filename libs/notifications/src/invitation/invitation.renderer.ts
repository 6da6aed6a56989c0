import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import {
  compose,
  honoured,
  readerLanguage,
  type ComposedMail,
  type Language,
  type Look,
  type Mail,
  type MailContent,
  type MailRenderer,
  type Stale,
} from '@app/mail';
import {
  CHASER,
  INVITATION,
  INVITATION_CANCELLATION,
  INVITATION_CHANGE,
  isRegisteredAlready,
  type DelegationRole,
  type InvitationState,
} from '@app/participants';
import { cancellationMail } from '../change/cancellation.mail';
import { loadDialogues, type DialogueNow } from '../recipients/dialogues';
import { asWorded } from '../wording/own-words';
import { MailLinks } from '../recipients/links.service';
import { fullName } from '../recipients/registration-mails.service';
import { chaserMail } from '../chasing/chaser.mail';
import { invitationChangeMail } from '../change/invitation-change.mail';
import { invitationMail, type InvitationMail } from './invitation.mail';
import { staleInvitation, staleInvitationCancellation, staleInvitationNews } from './invitation.rules';

/** An invitation as it is now, with the person it asks. */
interface InviteeNow {
  mailId: string;
  id: string;
  dialogueId: string;
  state: InvitationState;
  /** Whether they are registered without having answered the invitation, as by the open link. */
  registered: boolean;
  linkGeneration: number;
  honorific: string | null;
  name: string;
  email: string;
  language: string;
  timeZone: string;
  /** The delegation for which they were nominated, null: invited directly; and its focal point. */
  delegation: string | null;
  role: DelegationRole | null;
  focalPoint: { honorific: string | null; name: string } | null;
  /** Until when they should answer; null: no deadline, or it had passed when the mail was sent. */
  answerBy: Date | null;
  newerQueued: boolean;
}

/** Renders the mails about invitations: a page of them in two statements. */
@Injectable()
export class InvitationMails {
  constructor(
    private readonly dataSource: DataSource,
    private readonly links: MailLinks,
  ) {}

  renderers(): MailRenderer[] {
    return [
      {
        kind: INVITATION,
        render: (mails, look) =>
          this.render(mails, look, (invitation, dialogue, mail) => {
            const generation = Number(mail.dedupeKey.split(':')[2]);
            const stale = staleInvitation({ invitation, dialogue, generation });
            if (stale !== null && !look) return { stale };
            return (language) =>
              invitationMail(this.inviting(invitation, dialogue, mail, language), language);
          }),
      },
      {
        kind: CHASER,
        render: (mails, look) =>
          this.render(mails, look, (invitation, dialogue, mail) => {
            const generation = Number(mail.dedupeKey.split(':')[2]);
            const stale = staleInvitation({ invitation, dialogue, generation });
            if (stale !== null && !look) return { stale };
            return (language) => chaserMail(this.inviting(invitation, dialogue, mail, language), language);
          }),
      },
      {
        kind: INVITATION_CHANGE,
        render: (mails, look) =>
          this.render(mails, look, (invitation, dialogue, mail) => {
            const { parameters } = mail;
            const isPostponement = parameters.what === 'postponement';
            const stale = staleInvitationNews({
              invitation,
              dialogue,
              isPostponement,
              newerQueued: invitation.newerQueued,
            });
            if (stale !== null && !look) return { stale };
            return (language) =>
              invitationChangeMail(
                { ...this.inviting(invitation, dialogue, mail, language), parameters },
                language,
              );
          }),
      },
      {
        kind: INVITATION_CANCELLATION,
        render: (mails, look) =>
          this.render(mails, look, (invitation, dialogue, { parameters }) => {
            const stale = staleInvitationCancellation({ invitation, dialogue });
            if (stale !== null && !look) return { stale };
            return (language) =>
              cancellationMail(
                {
                  name: fullName(invitation, language),
                  timeZone: invitation.timeZone,
                  dialogue,
                  parameters,
                  wasConfirmed: false,
                  reader: 'invited',
                },
                language,
              );
          }),
      },
    ];
  }

  /** What the mails that ask for an answer are written from. */
  private inviting(
    invitation: InviteeNow,
    dialogue: DialogueNow,
    { parameters }: Mail,
    language: Language,
  ): InvitationMail {
    const { delegation, role, focalPoint } = invitation;
    const isByOrganiser = parameters.nominated_by === 'organiser' || !focalPoint;
    const by = isByOrganiser ? null : honoured(focalPoint);
    return {
      answerBy: invitation.answerBy,
      name: fullName(invitation, language),
      timeZone: invitation.timeZone,
      dialogue,
      url: this.links.invitation(invitation.id, invitation.linkGeneration),
      nomination: delegation === null ? null : { delegation, role, by },
    };
  }

  private async render(
    mails: Mail[],
    look: Look | undefined,
    decide: (
      invitation: InviteeNow,
      dialogue: DialogueNow,
      mail: Mail,
    ) => Stale | ((language: Language) => MailContent),
  ): Promise<Map<string, ComposedMail | Stale>> {
    const { manager = this.dataSource.manager, assumed } = look ?? {};
    const invitees: InviteeNow[] = await manager.query(
      `SELECT m.id::text AS "mailId", i.id, i.dialogue_id AS "dialogueId", i.state,
         ${isRegisteredAlready('p')} AS registered, i.link_generation AS "linkGeneration",
         p.honorific, p.name, p.email, p.language, p.time_zone AS "timeZone",
         coalesce(mechanism.name, l.organisation) AS delegation, i.role,
         CASE WHEN focal.id IS NOT NULL THEN jsonb_build_object('honorific', focal.honorific, 'name', focal.name) END
           AS "focalPoint",
         CASE WHEN coalesce(l.nominations_close_at, d.answers_due_at) > coalesce(m.sent_at, now())
           THEN coalesce(l.nominations_close_at, d.answers_due_at) END AS "answerBy",
         EXISTS (SELECT FROM mails newer WHERE newer.subject_id = m.subject_id AND newer.kind = m.kind
           AND newer.id > m.id AND newer.state IN ('queued', 'deferred', 'held', 'sending', 'sent')) AS "newerQueued"
       FROM mails m JOIN invitations i ON i.id = m.subject_id JOIN people p ON p.id = i.person_id
       JOIN dialogues d ON d.id = i.dialogue_id
       LEFT JOIN delegations l ON l.id = i.delegation_id LEFT JOIN mechanisms mechanism ON mechanism.id = l.mechanism_id
       LEFT JOIN people focal ON focal.id = l.focal_point_id
       WHERE m.id = ANY($1::bigint[])`,
      [mails.map(({ id }) => id)],
    );
    const dialogues = await loadDialogues(
      manager,
      [...new Set(invitees.map((row) => row.dialogueId))],
      assumed?.dialogue,
    );
    const byId = new Map(mails.map((mail) => [mail.id, mail]));
    return new Map(
      invitees.map((loaded): [string, ComposedMail | Stale] => {
        const invitation = { ...loaded, ...assumed?.subject };
        const dialogue = dialogues.get(invitation.dialogueId)!;
        const row = byId.get(invitation.mailId)!;
        const decided = decide(invitation, dialogue, row);
        if (typeof decided !== 'function') return [invitation.mailId, decided];
        const language = look?.language ?? readerLanguage(invitation.language, dialogue.workingLanguages);
        const to = { name: invitation.name, address: invitation.email };
        const { timeZone } = invitation;
        const named = { name: fullName(invitation, language), timeZone, dialogue };
        const content = asWorded(row.kind, decided(language), language, named);
        const mail = compose({ to, fromName: dialogue.hosts[0] ?? '' }, content, language);
        return [invitation.mailId, mail];
      }),
    );
  }
}
