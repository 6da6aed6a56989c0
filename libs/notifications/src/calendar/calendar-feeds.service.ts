import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { calendarFeed, readerLanguage } from '@app/mail';
import { JOIN_GENERATION, takesPart, type Attends, type RegistrationState } from '@app/participants';
import { Environment, Links } from '@app/platform';
import { loadDialogues } from '../recipients/dialogues';
import { MailLinks } from '../recipients/links.service';
import { participantsEvent, publicEvent } from './calendar-event';

interface Subscriber {
  id: string;
  dialogueId: string;
  state: RegistrationState;
  /** Here only the confirmed: others read a feed, too, and see nothing of a change that is still considered. */
  mayEnter: boolean;
  attends: Attends | null;
  language: string;
  participationCount: number;
  linkGeneration: number;
  joinGeneration: number;
  changedAt: Date;
}

/**
 * Calendars to which programs subscribe. The secret of a participant's is for it alone: calendars are shared with assistants and
 * colleagues, and kept on servers of others.
 */
@Injectable()
export class CalendarFeeds {
  private readonly domain: string;

  constructor(
    private readonly dataSource: DataSource,
    private readonly secrets: Links,
    private readonly links: MailLinks,
    environment: Environment,
  ) {
    this.domain = environment.MAIL_FROM.split('@')[1]!;
  }

  /** Where a participant's own calendar is. */
  addressOf({ id, linkGeneration }: { id: string; linkGeneration: number }): string {
    return this.links.feed(id, linkGeneration);
  }

  /** Where a dialogue's public calendar is. */
  addressOfDialogue(slug: string): string {
    return this.links.dialogueFeed(slug);
  }

  /**
   * What this token opens; null for a wrong, expired and revoked one. Whoever never took part has no entry, as a calendar says
   * what is so (design, idea 14); of whoever did and does no longer it stays as cancelled.
   */
  async ofParticipant(token: string): Promise<string | null> {
    const id = this.secrets.idOf(token);
    if (!id) return null;
    const [subscriber]: Subscriber[] = await this.dataSource.query(
      `SELECT r.id, r.dialogue_id AS "dialogueId", r.state, r.state = 'confirmed' AS "mayEnter", r.attends, r.language,
         r.participation_count AS "participationCount", r.link_generation AS "linkGeneration",
         ${JOIN_GENERATION} AS "joinGeneration",
         greatest(d.schedule_changed_at, d.published_at, r.confirmed_at) AS "changedAt"
       FROM registrations r JOIN dialogues d ON d.id = r.dialogue_id
       WHERE r.id = $1 AND r.erased_at IS NULL AND d.published_at IS NOT NULL`,
      [id],
    );
    if (!subscriber || !this.secrets.proves(token, 'feed', id, subscriber.linkGeneration)) return null;
    const dialogue = (await loadDialogues(this.dataSource.manager, [subscriber.dialogueId])).get(
      subscriber.dialogueId,
    )!;
    const event = participantsEvent(subscriber, dialogue, {
      language: readerLanguage(subscriber.language, dialogue.workingLanguages),
      stamp: subscriber.changedAt,
      links: this.links,
      domain: this.domain,
    });
    const isCancelled = dialogue.state !== 'published' || !takesPart(subscriber.state);
    return calendarFeed({
      name: dialogue.title,
      event: subscriber.participationCount > 0 ? { ...event, isCancelled } : null,
    });
  }

  /** The public calendar of a dialogue; null where there is none, as for one that was never published. */
  async ofDialogue(slug: string): Promise<string | null> {
    const [found]: { id: string; changedAt: Date }[] = await this.dataSource.query(
      `SELECT id, greatest(schedule_changed_at, published_at) AS "changedAt"
       FROM dialogues WHERE slug = $1 AND published_at IS NOT NULL`,
      [slug],
    );
    if (!found) return null;
    const dialogue = (await loadDialogues(this.dataSource.manager, [found.id])).get(found.id)!;
    const event = publicEvent(dialogue, {
      language: readerLanguage(dialogue.workingLanguages[0]!),
      stamp: found.changedAt,
      links: this.links,
      domain: this.domain,
    });
    return calendarFeed({
      name: dialogue.title,
      event: { ...event, isCancelled: dialogue.state !== 'published' },
    });
  }
}
