import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import {
  compose,
  readerLanguage,
  type ComposedMail,
  type Language,
  type Mail,
  type MailContent,
  type MailRenderer,
  type Stale,
} from '@app/mail';
import { INVITATION, INVITATION_CANCELLATION, type InvitationState } from '@app/participants';
import { cancellationMail } from '../change/cancellation.mail';
import { loadDialogues, type DialogueNow } from '../recipients/dialogues';
import { MailLinks } from '../recipients/links.service';
import { fullName } from '../recipients/registration-mails.service';
import { invitationMail } from './invitation.mail';
import { staleInvitation, staleInvitationCancellation } from './invitation.rules';

/** An invitation as it is now, with the person it asks. */
interface InviteeNow {
  mailId: string;
  id: string;
  dialogueId: string;
  state: InvitationState;
  linkGeneration: number;
  honorific: string | null;
  name: string;
  email: string;
  language: string;
  timeZone: string;
}

/** Renders the mails about invitations: a page of them in two statements. */
@Injectable()
export class InvitationMails {
  constructor(
    @Inject(DataSource) private readonly dataSource: DataSource,
    @Inject(MailLinks) private readonly links: MailLinks,
  ) {}

  renderers(): MailRenderer[] {
    return [
      {
        kind: INVITATION,
        render: (mails) =>
          this.render(mails, (invitation, dialogue, mail) => {
            const generation = Number(mail.dedupeKey.split(':')[2]);
            const stale = staleInvitation({ invitation, dialogue, generation });
            if (stale !== null) return { stale };
            const url = this.links.invitation(invitation.id, invitation.linkGeneration);
            return (language) =>
              invitationMail(
                { name: fullName(invitation, language), timeZone: invitation.timeZone, dialogue, url },
                language,
              );
          }),
      },
      {
        kind: INVITATION_CANCELLATION,
        render: (mails) =>
          this.render(mails, (invitation, dialogue, { parameters }) => {
            const stale = staleInvitationCancellation({ invitation, dialogue });
            if (stale !== null) return { stale };
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

  private async render(
    mails: Mail[],
    decide: (
      invitation: InviteeNow,
      dialogue: DialogueNow,
      mail: Mail,
    ) => Stale | ((language: Language) => MailContent),
  ): Promise<Map<string, ComposedMail | Stale>> {
    const { manager } = this.dataSource;
    const invitees: InviteeNow[] = await manager.query(
      `SELECT m.id::text AS "mailId", i.id, i.dialogue_id AS "dialogueId", i.state, i.link_generation AS "linkGeneration",
         p.honorific, p.name, p.email, p.language, p.time_zone AS "timeZone"
       FROM mails m JOIN invitations i ON i.id = m.subject_id JOIN people p ON p.id = i.person_id
       WHERE m.id = ANY($1::bigint[])`,
      [mails.map(({ id }) => id)],
    );
    const dialogues = await loadDialogues(manager, [...new Set(invitees.map((row) => row.dialogueId))]);
    const byId = new Map(mails.map((mail) => [mail.id, mail]));
    return new Map(
      invitees.map((invitation): [string, ComposedMail | Stale] => {
        const dialogue = dialogues.get(invitation.dialogueId)!;
        const decided = decide(invitation, dialogue, byId.get(invitation.mailId)!);
        if (typeof decided !== 'function') return [invitation.mailId, decided];
        const language = readerLanguage(invitation.language, dialogue.workingLanguages);
        const to = { name: invitation.name, address: invitation.email };
        const mail = compose({ to, fromName: dialogue.hosts[0] ?? '' }, decided(language), language);
        return [invitation.mailId, mail];
      }),
    );
  }
}
