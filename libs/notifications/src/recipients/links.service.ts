import { Injectable } from '@nestjs/common';
import { Environment, Links } from '@app/platform';

/** The addresses that stand in mails, composed anew for each (design, idea 8). */
@Injectable()
export class MailLinks {
  private readonly base: string;

  constructor(
    environment: Environment,
    private readonly links: Links,
  ) {
    this.base = environment.PUBLIC_URL.replace(/\/$/, '');
  }

  invitation(id: string, generation: number): string {
    return `${this.base}/i/${this.links.compose('invitation', id, generation)}`;
  }

  registration(id: string, generation: number): string {
    return `${this.base}/r/${this.links.compose('registration', id, generation)}`;
  }

  /** What the code for the door holds. */
  checkIn(id: string, generation: number): string {
    return `${this.base}/c/${this.links.compose('check-in', id, generation)}`;
  }

  /** The personal link to join. */
  join(id: string, generation: number): string {
    return `${this.base}/j/${this.links.compose('join', id, generation)}`;
  }

  /** Of the focal point. */
  delegation(id: string, generation: number): string {
    return `${this.base}/n/${this.links.compose('delegation', id, generation)}`;
  }

  /** The calendar of one participant, to which a program subscribes. */
  feed(id: string, generation: number): string {
    return `${this.base}/f/${this.links.compose('feed', id, generation)}.ics`;
  }

  /** The public calendar of a dialogue. */
  dialogueFeed(slug: string): string {
    return `${this.base}/d/${slug}/calendar.ics`;
  }

  dialogue(slug: string): string {
    return `${this.base}/d/${slug}`;
  }

  note(slug: string): string {
    return `${this.base}/d/${slug}/note`;
  }

  /** Where organisers find their dialogues, once they are signed in. */
  organiserPage(): string {
    return `${this.base}/organiser`;
  }

  signInPage(): string {
    return `${this.base}/sign-in`;
  }

  signIn(id: string): string {
    return `${this.base}/sign-in/${this.links.compose('sign-in', id, 1)}`;
  }
}
