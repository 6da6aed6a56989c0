import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { ownDialogue } from '@app/dialogues';
import { contentHash, fitting, Mail, MailRenderers, type ComposedMail } from '@app/mail';
import { Problem } from '@app/platform';
import { withoutSecrets, type ShownMail } from './without-secrets';

/** A mail of the ledger as it would be written today. */
export interface MailContents {
  mail: Mail;
  /** Whether that is what was sent, word for word; null: it was not sent, or can't be written any more. */
  same: boolean | null;
  /** What may have made it another, or keeps it from being written, as far as can be told. */
  reasons: string[];
  /** Null when it can't be written any more. */
  shown: ShownMail | null;
}

/**
 * What a mail said. Nothing that was sent is kept but its hash: the mail is written again from what is so today, by the
 * renderer that wrote it, and compared.
 */
@Injectable()
export class MailContentsService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly renderers: MailRenderers,
  ) {}

  /** @throws Problem 404, 403 */
  async of(organiserId: string, dialogueId: string, mailId: string): Promise<MailContents> {
    await ownDialogue(this.dataSource, organiserId, dialogueId, 'manage');
    const mail = await this.dataSource.manager.findOneBy(Mail, { id: mailId, dialogueId });
    if (!mail) throw Problem.notFound('mail');
    const warranted = (await this.renderers.of(mail.kind).render([mail])).get(mail.id);
    const reasons: string[] = [];
    if (!warranted) reasons.push('What it was about is gone.');
    else if ('stale' in warranted) reasons.push(warranted.stale);
    const composed = warranted && 'stale' in warranted ? await this.writtenAnyway(mail) : warranted;
    if (!composed) return { mail, same: null, reasons, shown: null };
    const fits = fitting(mail, composed);
    const same = mail.state === 'sent' && mail.contentHash ? contentHash(fits) === mail.contentHash : null;
    if (same === false) reasons.push(...(await this.differences(mail, composed)));
    const shown = withoutSecrets(fits, { hasCode: mail.kind === 'code' });
    return { mail, same, reasons: same === true ? [] : reasons, shown };
  }

  /** A mail that is no longer warranted has said something all the same; null when it can't be written any more. */
  private async writtenAnyway(mail: Mail): Promise<ComposedMail | null> {
    try {
      const composed = (await this.renderers.of(mail.kind).render([mail], {})).get(mail.id);
      return composed && !('stale' in composed) ? composed : null;
    } catch {
      // Written from what is not so any more, such as a substitution that is gone.
      return null;
    }
  }

  private async differences(mail: Mail, composed: ComposedMail): Promise<string[]> {
    const [{ words, dialogue, reader }]: [Record<'words' | 'dialogue' | 'reader', boolean>] =
      await this.dataSource.query(
        `SELECT coalesce(bool_or(action LIKE 'mail\\_wording.%' AND details->>'kind' = $3
             AND details->>'language' = $4), false) AS words,
           coalesce(bool_or(action <> 'dialogue.announced' AND (action LIKE 'dialogue.%' OR action LIKE 'agenda.%')),
             false) AS dialogue,
           coalesce(bool_or(subject_id = $5), false) AS reader
         FROM audit_entries WHERE dialogue_id = $1 AND happened_at > $2`,
        [mail.dialogueId, mail.createdAt, mail.kind, composed.language, mail.subjectId],
      );
    return [
      ...(mail.language === composed.language
        ? []
        : [`It was sent in another language (${mail.language}) than its reader has now.`]),
      ...(words ? ['The own words for it were changed since.'] : []),
      ...(dialogue ? ['The dialogue or its agenda was changed since.'] : []),
      ...(reader ? ['What it is about was changed since.'] : []),
      ...(mail.withoutAttachments
        ? ['It went without calendar entry and pictures, which were too large.']
        : []),
    ];
  }
}
