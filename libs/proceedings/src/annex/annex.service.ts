import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { ConsentToBeListed } from '@app/participants';
import { representedBy, type Represents } from '../note/people.rules';
import {
  composeAnnex,
  leftOut,
  type Annex,
  type AnnexEntry,
  type AnnexMechanism,
  type AnnexParticipant,
  type LeftOut,
} from './annex.rules';

/** Somebody registered who takes part or was there. */
export interface ListedParticipant extends AnnexParticipant {
  registrationId: string;
  /** Their entry in the directory, by which they were invited. */
  personId: string | null;
  mechanismName: string | null;
  consent: ConsentToBeListed;
  represents: Represents;
  /** Whether they have their place now. */
  takesPart: boolean;
  /** Whether their data are erased. */
  isErased: boolean;
  /** How it was noted that they were there; null when it was not. */
  notedHow: 'list' | 'code' | 'online' | null;
}

/** Who is in the annex of a note that is not published yet, and who of the dialogue is not. */
export interface Listing {
  annex: Annex<AnnexEntry & { of: ListedParticipant }>;
  /** Of how many it was noted in each way that they were there; nothing where no attendance was kept. */
  attendance: Partial<Record<'list' | 'code' | 'online', number>>;
  leftOut: { participant: ListedParticipant; why: LeftOut }[];
}

/** The annex of a note until that is published, when it is frozen with it. */
@Injectable()
export class Annexes {
  /** The annex as it would be published now. */
  async of(manager: EntityManager, dialogueId: string): Promise<Listing> {
    const participants = await this.participants(manager, dialogueId);
    const attendance: Listing['attendance'] = {};
    for (const { notedHow } of participants)
      if (notedHow) attendance[notedHow] = (attendance[notedHow] ?? 0) + 1;
    const wasKept = Object.keys(attendance).length > 0;
    const judged = participants.map((participant) => ({
      participant,
      why: leftOut({ ...participant, attended: participant.notedHow !== null }, wasKept),
    }));
    return {
      // Who does not want to be listed was there all the same, and their mechanism with them.
      annex: this.compose(
        judged.flatMap(({ participant, why }) =>
          why === null || why === 'no_consent' ? { ...participant, consentToBeListed: why === null } : [],
        ),
      ),
      attendance,
      leftOut: judged.flatMap(({ participant, why }) => (why === null ? [] : { participant, why })),
    };
  }

  /** Before the dialogue: the confirmed who agreed to be listed by then, and the mechanisms of everybody confirmed. */
  async before(manager: EntityManager, dialogueId: string): Promise<Annex<AnnexEntry>> {
    const participants = await this.participants(manager, dialogueId);
    return this.compose(
      participants
        .filter(({ takesPart }) => takesPart)
        .map((participant) => ({ ...participant, consentToBeListed: participant.consent === 'before' })),
    );
  }

  private compose(participants: ListedParticipant[]): Annex<AnnexEntry & { of: ListedParticipant }> {
    const mechanisms = new Map<string, AnnexMechanism>();
    for (const { mechanism, mechanismName } of participants)
      if (mechanism !== null) mechanisms.set(mechanism, { code: mechanism, name: mechanismName! });
    return composeAnnex(participants, [...mechanisms.values()]);
  }

  private async participants(manager: EntityManager, dialogueId: string): Promise<ListedParticipant[]> {
    const rows: (Omit<ListedParticipant, 'represents' | 'consentToBeListed'> & {
      country: string | null;
      organisation: string | null;
      ofDelegation: string | null;
    })[] = await manager.query(
      `SELECT r.id AS "registrationId", i.person_id AS "personId", r.honorific, r.name, r.affiliation, r.capacity, r.country,
              r.consent_to_be_listed AS consent, r.state IN ('confirmed', 'under_review') AS "takesPart",
              r.erased_at IS NOT NULL AS "isErased", a.noted_how AS "notedHow", m.code AS mechanism,
              m.name AS "mechanismName", l.organisation, of_delegation.name AS "ofDelegation"
         FROM registrations r
         LEFT JOIN invitations i ON i.id = r.invitation_id
         LEFT JOIN attendances a ON a.registration_id = r.id
         LEFT JOIN mechanisms m ON m.id = r.mechanism_id
         LEFT JOIN delegations l ON l.id = r.delegation_id
         LEFT JOIN mechanisms of_delegation ON of_delegation.id = l.mechanism_id
        WHERE r.dialogue_id = $1
          AND (r.state IN ('confirmed', 'under_review') OR a.registration_id IS NOT NULL)
        ORDER BY r.id`,
      [dialogueId],
    );
    return rows.map(({ country, organisation, ofDelegation, ...row }) => ({
      ...row,
      consentToBeListed: row.consent !== 'never',
      represents: representedBy({
        ...row,
        country,
        organisation,
        mechanism: row.mechanismName ?? ofDelegation,
      }),
    }));
  }
}
