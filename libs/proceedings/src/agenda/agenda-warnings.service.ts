import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { AgendaSession, Dialogue } from '@app/dialogues';
import { nameKey, ownKey } from '@app/platform';
import { agendaWarnings, type AgendaPerson, type AgendaWarning } from './agenda-warnings.rules';

/** How many people names are compared with beside those who have them; in a larger dialogue the invited come first. */
const MAX_COMPARED = 5_000;

/** Compares an agenda with the people of its dialogue. Anyone who may read the agenda may read their names and states. */
@Injectable()
export class AgendaWarnings {
  constructor(private readonly dataSource: DataSource) {}

  /** What an organiser should look at, as things are now: one statement. */
  async of(
    dialogue: Pick<Dialogue, 'id' | 'startsAt' | 'endsAt' | 'timeZone' | 'publishedAt'>,
    sessions: AgendaSession[],
  ): Promise<AgendaWarning[]> {
    const named = sessions
      .flatMap(({ moderator, items }) => [
        moderator,
        ...items.flatMap((item) => [item.moderator, ...item.speakers]),
      ])
      .filter((name) => name !== null);
    const people = named.length === 0 ? [] : await this.people(dialogue.id, named);
    return agendaWarnings({ ...dialogue, isPublished: dialogue.publishedAt !== null }, sessions, people);
  }

  /** Anyone who answered an invitation by a registration is known by that; an address never confirmed proves nothing. */
  private people(dialogueId: string, named: readonly string[]): Promise<AgendaPerson[]> {
    return this.dataSource.query(
      `WITH everybody AS (
         SELECT r.id AS "registrationId", r.invitation_id AS "invitationId", r.honorific, r.name,
           ${ownKey('r.name_key')} AS "nameKey", r.email_key AS "emailKey", r.state
         FROM registrations r WHERE r.dialogue_id = $1 AND r.erased_at IS NULL AND r.state <> 'unconfirmed'
         UNION ALL
         SELECT NULL, i.id, p.honorific, p.name, ${ownKey('p.name_key')}, p.email_key, i.state
         FROM invitations i JOIN people p ON p.id = i.person_id
         WHERE i.dialogue_id = $1 AND NOT EXISTS (
           SELECT FROM registrations own WHERE own.invitation_id = i.id AND own.state <> 'unconfirmed')),
       compared AS (
         SELECT * FROM everybody ORDER BY "invitationId" IS NULL, "nameKey", "registrationId" LIMIT ${MAX_COMPARED})
       SELECT * FROM everybody WHERE "nameKey" = ANY($2) UNION SELECT * FROM compared
       ORDER BY "nameKey", "registrationId", "invitationId"`,
      [dialogueId, [...new Set(named.map(nameKey))]],
    );
  }
}
