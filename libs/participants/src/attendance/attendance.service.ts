import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { ownDialogue, raiseVersion, versionOf, versionWithRows, type DialogueState } from '@app/dialogues';
import { audit, context, nameKey, Problem } from '@app/platform';
import type { DelegationRole } from '../delegations/delegation.entity';
import type { RegistrationState } from '../registrations/registration.entity';
import type { Attendance } from './attendance.entity';
import {
  doorOpensAt,
  doorStanding,
  joinStanding,
  LET_IN,
  readCheckInToken,
  readSpokenCode,
  type DoorFacts,
  type DoorStanding,
} from './attendance.rules';
import { DoorLinks } from './door-links.service';

/** Someone as the officers at the door see them, with their attendance. */
export interface DoorRow {
  registration_id: string;
  state: RegistrationState;
  /** Whether they are let in: confirmed, or approved before a change that is still to be decided on. */
  may_enter: boolean;
  honorific: string | null;
  name: string;
  functional_title: string | null;
  affiliation: string | null;
  /** What they belong to: their delegation, else their mechanism. */
  delegation: string | null;
  role: DelegationRole | null;
  attends: 'in_person' | 'virtual' | null;
  /** Whether it is noted at all that they came. */
  present: boolean;
  arrived_at: Date | null;
  left_at: Date | null;
  /** Whether they arrived after the start. */
  late: boolean;
  how: Attendance['notedHow'] | null;
  /** Name of the officer who noted it; null for what was noted online. */
  noted_by: string | null;
}

/** What the pages at the door say of their dialogue. */
export interface DoorDialogue extends DoorFacts {
  id: string;
  title: string;
  /** The host's IANA zone. */
  timeZone: string;
  workingLanguages: string[];
  slug: string;
}

/** Whose code for the door a link opens, as they see it themselves. */
export interface CodeHolder {
  row: DoorRow;
  dialogue: DoorDialogue;
  /** The language they read, BCP 47. */
  language: string;
}

/** Whom an officer means: what the scanner read or the person said, or the row of the list. */
export type AtTheDoor = { code: string } | { registrationId: string };

/** What became of a check-in; `already`: somebody else was first, and nothing was changed. */
export interface Arrival {
  row: DoorRow;
  already: boolean;
}

/** What the page of a link to join shows. The platform's own address is not in it: it is in no page, mail or feed. */
export interface Joining {
  standing: DoorStanding;
  dialogue: DoorDialogue;
  registration: {
    id: string;
    name: string;
    state: RegistrationState;
    /** Whether they are let in, see `DoorRow`. */
    mayEnter: boolean;
    language: string;
    timeZone: string;
  };
  /** The platform's name. */
  platform: string | null;
  /** Whether the dialogue has somewhere to join. */
  hasLink: boolean;
}

const ROW = `r.id AS registration_id, r.state, ${LET_IN} AS may_enter, r.honorific, r.name, r.functional_title, r.affiliation, r.role, r.attends,
  coalesce(delegated.name, delegation.organisation, m.name) AS delegation, a.registration_id IS NOT NULL AS present,
  a.arrived_at, a.left_at, coalesce(a.arrived_at > d.starts_at, false) AS late, a.noted_how AS how, officer.name AS noted_by`;

const FROM = `registrations r JOIN dialogues d ON d.id = r.dialogue_id
  LEFT JOIN mechanisms m ON m.id = r.mechanism_id
  LEFT JOIN delegations delegation ON delegation.id = r.delegation_id
  LEFT JOIN mechanisms delegated ON delegated.id = delegation.mechanism_id
  LEFT JOIN attendances a ON a.registration_id = r.id
  LEFT JOIN organisers officer ON a.noted_by = 'organiser:' || officer.id`;

const DOOR_DIALOGUE = `d.id, d.title, d.slug, d.state, d.starts_at AS "startsAt", d.ends_at AS "endsAt",
  d.time_zone AS "timeZone", d.working_languages AS "workingLanguages", now() AS now`;

/** How many rows the export holds in memory at once. */
const EXPORT_PAGE = 1_000;

/** What of an attendance a writer has to have read: whose rows there are, and what they say. */
function attendanceVersion(
  version: number,
  rows: readonly Pick<DoorRow, 'registration_id' | 'arrived_at' | 'left_at'>[],
): string {
  return versionWithRows(
    version,
    rows.map((row) => [row.registration_id, row.arrived_at, row.left_at]),
  );
}

/** Why somebody can't be checked in, for whoever asks through the API; pages have their own words. */
const NOT_CONFIRMED: Record<Exclude<RegistrationState, 'confirmed'>, string> = {
  unconfirmed: 'has not confirmed the address and is not registered',
  awaiting_approval: 'is not approved yet and has no place',
  waitlisted: 'is on the waiting list and has no place',
  offered: 'has not accepted the place yet',
  under_review: 'is a substitute and not approved yet',
  refused: 'was refused',
  withdrawn: 'has withdrawn',
};

/** Who came. */
@Injectable()
export class Attendances {
  constructor(
    private readonly dataSource: DataSource,
    private readonly links: DoorLinks,
  ) {}

  /** Those who came, with when and how, in the order of their registrations' ids; none when no attendance was kept. */
  async read(organiserId: string, dialogueId: string): Promise<{ attendances: DoorRow[]; version: string }> {
    await ownDialogue(this.dataSource, organiserId, dialogueId, 'view');
    const version = await versionOf(this.dataSource, dialogueId, 'attendance');
    const attendances: DoorRow[] = await this.dataSource.query(
      `SELECT ${ROW} FROM ${FROM} WHERE r.dialogue_id = $1 AND a.registration_id IS NOT NULL ORDER BY r.id`,
      [dialogueId],
    );
    return { attendances, version: attendanceVersion(version, attendances) };
  }

  /**
   * Replaces the attendance. An empty list means that none was kept. What is known of who stays on it is kept. An arrival
   * that is noted while this runs is kept, too: only what the writer has read is removed.
   * @param expected the version that the writer read.
   * @throws Problem `changed_meanwhile` (412); `unknown_registration` (422) when one is no confirmed registration of this dialogue.
   */
  async replace(
    organiserId: string,
    dialogueId: string,
    registrationIds: string[],
    expected: string,
  ): Promise<void> {
    await this.dataSource.transaction(async (manager) => {
      // The lock on the dialogue keeps two replacements at once from mixing.
      await ownDialogue(manager, organiserId, dialogueId, 'record', 'FOR NO KEY UPDATE');
      const present = await this.holdAttendance(manager, dialogueId, expected);
      const unknown: { id: string; number: string }[] = await manager.query(
        `SELECT given.id, given.number FROM unnest($2::uuid[]) WITH ORDINALITY AS given (id, number)
          WHERE NOT EXISTS (SELECT FROM registrations r JOIN dialogues d ON d.id = r.dialogue_id
                             WHERE r.id = given.id AND r.dialogue_id = $1 AND ${LET_IN})
          ORDER BY given.number LIMIT 20`,
        [dialogueId, registrationIds],
      );
      if (unknown.length > 0) {
        const errors = unknown.map(({ id, number }) => {
          const field = `registration_ids.${Number(number) - 1}`;
          const detail = `${field}: ${id} is not a confirmed registration of this dialogue. Take it out, or confirm it first.`;
          return { field, code: 'unknown_registration', detail };
        });
        throw new Problem(422, 'unknown_registration', errors[0]!.detail, errors);
      }
      await manager.query(
        `WITH gone AS (
           DELETE FROM attendances WHERE registration_id = ANY ($4::uuid[]) AND registration_id <> ALL ($2::uuid[]))
         INSERT INTO attendances (registration_id, dialogue_id, noted_by)
         SELECT DISTINCT id, $1::uuid, $3 FROM unnest($2::uuid[]) AS given (id)
         ON CONFLICT DO NOTHING`,
        [dialogueId, registrationIds, actor(), present],
      );
      await audit(manager, {
        action: 'attendance.noted',
        dialogueId,
        details: { attended: new Set(registrationIds).size },
      });
    });
  }

  /**
   * An officer checks somebody in. Of two officers at once one is written; the other is told who was first. Whoever
   * left is let in again, and keeps the time of the first arrival.
   * @throws Problem 404, 403, 409 `door_closed` or `not_confirmed`, 422 `code_unknown` or `code_of_another_dialogue`
   */
  async arrive(organiserId: string, dialogueId: string, who: AtTheDoor): Promise<Arrival> {
    return this.dataSource.transaction(async (manager) => {
      await ownDialogue(manager, organiserId, dialogueId, 'record');
      assertOpen(await this.dialogue(manager, dialogueId));
      const id = await this.meant(manager, dialogueId, who);
      await this.holdConfirmed(manager, dialogueId, id);
      const already = !(await this.note(manager, dialogueId, id, 'code' in who ? 'code' : 'list'));
      return { row: await this.row(manager, id), already };
    });
  }

  /** An officer notes that somebody left. @throws Problem 404, 403, 409 `door_closed` or `not_there` */
  async leave(organiserId: string, dialogueId: string, who: AtTheDoor): Promise<DoorRow> {
    return this.dataSource.transaction(async (manager) => {
      await ownDialogue(manager, organiserId, dialogueId, 'record');
      assertOpen(await this.dialogue(manager, dialogueId));
      const id = await this.meant(manager, dialogueId, who);
      const [[left]]: [unknown[], number] = await manager.query(
        `UPDATE attendances SET left_at = now()
         WHERE registration_id = $1 AND dialogue_id = $2 AND arrived_at IS NOT NULL AND left_at IS NULL
         RETURNING registration_id`,
        [id, dialogueId],
      );
      if (!left) {
        throw new Problem(
          409,
          'not_there',
          'They have not arrived, or left already; read the attendance again.',
        );
      }
      await audit(manager, { action: 'attendance.left', dialogueId, subjectId: id });
      return this.row(manager, id);
    });
  }

  /**
   * Takes an arrival back that was noted by mistake, also when the dialogue is over: the record has to be right.
   * @throws Problem 404, 403
   */
  async takeBack(organiserId: string, dialogueId: string, registrationId: string): Promise<void> {
    await this.dataSource.transaction(async (manager) => {
      await ownDialogue(manager, organiserId, dialogueId, 'record');
      const [[gone]]: [unknown[], number] = await manager.query(
        'DELETE FROM attendances WHERE registration_id = $1 AND dialogue_id = $2 RETURNING registration_id',
        [registrationId, dialogueId],
      );
      if (!gone) throw Problem.notFound('arrival');
      await audit(manager, { action: 'attendance.taken_back', dialogueId, subjectId: registrationId });
    });
  }

  /** What the pages at the door say of their dialogue. @throws Problem 404, 403 */
  async door(
    organiserId: string,
    dialogueId: string,
  ): Promise<{ dialogue: DoorDialogue; arrived: number; confirmed: number }> {
    await ownDialogue(this.dataSource, organiserId, dialogueId, 'record');
    const [row]: (DoorDialogue & { arrived: number; confirmed: number })[] = await this.dataSource.query(
      `SELECT ${DOOR_DIALOGUE},
         (SELECT count(*)::int FROM registrations r WHERE r.dialogue_id = d.id AND ${LET_IN}) AS confirmed,
         (SELECT count(*)::int FROM attendances a JOIN registrations r ON r.id = a.registration_id
          WHERE a.dialogue_id = d.id AND ${LET_IN}) AS arrived
       FROM dialogues d WHERE d.id = $1`,
      [dialogueId],
    );
    const { arrived, confirmed, ...dialogue } = row!;
    return { dialogue, arrived, confirmed };
  }

  /**
   * A page of the list at the door, by name; one row more than `limit` when there are more. Who never confirmed their
   * address is not on it.
   * @param said part of a name, or the code that somebody says
   */
  async list(
    organiserId: string,
    dialogueId: string,
    page: { limit: number; after?: string[]; said?: string },
  ): Promise<(DoorRow & { name_key: string })[]> {
    await ownDialogue(this.dataSource, organiserId, dialogueId, 'record');
    const said = page.said?.trim() ?? '';
    const [nameAfter, idAfter] = page.after ?? [null, null];
    return this.dataSource.query(
      `SELECT ${ROW}, r.name_key FROM ${FROM}
       WHERE r.dialogue_id = $1 AND r.state <> 'unconfirmed' AND r.erased_at IS NULL
         -- Every word somewhere in the name, in any order, with or without its accents.
         AND (NOT EXISTS (SELECT FROM unnest(string_to_array(${unaccented('$2::text')}, ' ')) AS word
                WHERE strpos(${unaccented('r.name_key')}, word) = 0)
              OR r.id::text LIKE $3 || '-%')
         AND ($4::text IS NULL OR (r.name_key, r.id) > ($4, $5::uuid))
       ORDER BY r.name_key, r.id LIMIT $6`,
      [dialogueId, nameKey(said), readSpokenCode(said) ?? 'none', nameAfter, idAfter, page.limit + 1],
    );
  }

  /** Whose code this is, no matter who shows it; null when it opens nothing. Reads and never writes. */
  async holderOf(token: string): Promise<CodeHolder | null> {
    const found = await this.links.ofCode(token);
    if (!found) return null;
    const [holder]: { language: string }[] = await this.dataSource.query(
      'SELECT language FROM registrations WHERE id = $1',
      [found.id],
    );
    const { manager } = this.dataSource;
    const [row, dialogue] = await Promise.all([
      this.row(manager, found.id),
      this.dialogue(manager, found.dialogueId),
    ]);
    return { row, dialogue, language: holder!.language };
  }

  /** Whether an officer may note who comes to a dialogue. */
  async mayNote(organiserId: string, dialogueId: string): Promise<boolean> {
    try {
      await ownDialogue(this.dataSource, organiserId, dialogueId, 'record');
      return true;
    } catch (error) {
      if (error instanceof Problem && (error.status === 403 || error.status === 404)) return false;
      throw error;
    }
  }

  /** Whose code this is, for an officer of that dialogue. @throws Problem 404, the same for every reason; 403 */
  async ofCode(organiserId: string, token: string): Promise<{ dialogueId: string; row: DoorRow }> {
    const found = await this.links.ofCode(token);
    if (!found) throw Problem.notFound('code');
    await ownDialogue(this.dataSource, organiserId, found.dialogueId, 'record');
    return { dialogueId: found.dialogueId, row: await this.row(this.dataSource.manager, found.id) };
  }

  /** What a link to join opens; null when it opens nothing. Reads and never writes. */
  async joining(token: string): Promise<Joining | null> {
    const found = await this.links.ofJoin(token);
    return found && (await this.joiningOf(this.dataSource.manager, found.id)).joining;
  }

  /**
   * Somebody joins by their link: within the hour before the start and until the end the arrival is noted, once. Whoever
   * tries the platform earlier is led to it and not noted; anyone who is not let in, or comes too late, is not led there.
   * @returns what the link opens, and where the platform is; null when the link opens nothing.
   */
  async join(token: string): Promise<{ joining: Joining; platformUrl: string | null } | null> {
    const found = await this.links.ofJoin(token);
    if (!found) return null;
    return this.dataSource.transaction(async (manager) => {
      const { joining, joinUrl } = await this.joiningOf(manager, found.id);
      const { standing, registration } = joining;
      const isLed = registration.mayEnter && (standing === 'open' || standing === 'early');
      if (!isLed || !joinUrl) return { joining, platformUrl: null };
      if (standing === 'open') await this.note(manager, found.dialogueId, found.id, 'online');
      return { joining, platformUrl: joinUrl };
    });
  }

  /** Everyone who is confirmed or came, by name, page by page: memory does not grow with the list. */
  async export(
    organiserId: string,
    dialogueId: string,
  ): Promise<{ slug: string; timeZone: string; pages: AsyncGenerator<DoorRow[]> }> {
    const { slug, timeZone } = await ownDialogue(this.dataSource, organiserId, dialogueId, 'view');
    return { slug, timeZone, pages: this.pages(dialogueId) };
  }

  private async *pages(dialogueId: string): AsyncGenerator<DoorRow[]> {
    let after: [string | null, string | null] = [null, null];
    for (;;) {
      const rows: (DoorRow & { name_key: string })[] = await this.dataSource.query(
        `SELECT ${ROW}, r.name_key FROM ${FROM}
         WHERE r.dialogue_id = $1 AND (${LET_IN} OR a.registration_id IS NOT NULL)
           AND ($2::text IS NULL OR (r.name_key, r.id) > ($2, $3::uuid))
         ORDER BY r.name_key, r.id LIMIT $4`,
        [dialogueId, ...after, EXPORT_PAGE],
      );
      if (rows.length > 0) yield rows;
      const last = rows.at(-1);
      if (!last || rows.length < EXPORT_PAGE) return;
      after = [last.name_key, last.registration_id];
    }
  }

  /** Whether it was for us to write: the arrival is there once, whoever notes it and however often. */
  private async note(
    manager: EntityManager,
    dialogueId: string,
    registrationId: string,
    how: Attendance['notedHow'],
  ): Promise<boolean> {
    const written: unknown[] = await manager.query(
      `INSERT INTO attendances AS a (registration_id, dialogue_id, arrived_at, noted_how, noted_by)
       VALUES ($1, $2, now(), $3, $4)
       ON CONFLICT (registration_id) DO UPDATE SET arrived_at = coalesce(a.arrived_at, excluded.arrived_at),
         left_at = NULL, noted_how = excluded.noted_how, noted_by = excluded.noted_by, noted_at = now()
         WHERE a.arrived_at IS NULL OR a.left_at IS NOT NULL
       RETURNING registration_id`,
      [registrationId, dialogueId, how, actor()],
    );
    if (written.length === 0) return false;
    await audit(manager, {
      action: 'attendance.arrived',
      dialogueId,
      subjectId: registrationId,
      details: { how },
    });
    return true;
  }

  /**
   * Which registration of this dialogue an officer means: an id they give is of one as well as a code.
   * @throws Problem 404 also for a registration of another dialogue; 422
   */
  private async meant(manager: EntityManager, dialogueId: string, who: AtTheDoor): Promise<string> {
    if ('registrationId' in who) {
      const [own]: unknown[] = await manager.query(
        'SELECT 1 FROM registrations WHERE id = $1 AND dialogue_id = $2',
        [who.registrationId, dialogueId],
      );
      if (!own) throw Problem.notFound('registration');
      return who.registrationId;
    }
    const spoken = readSpokenCode(who.code);
    if (spoken) {
      const rows: { id: string }[] = await manager.query(
        `SELECT id FROM registrations WHERE dialogue_id = $1 AND id::text LIKE $2 || '-%' LIMIT 2`,
        [dialogueId, spoken],
      );
      if (rows.length === 1) return rows[0]!.id;
    }
    const token = readCheckInToken(who.code);
    const found = token && (await this.links.ofCode(token));
    if (!found) {
      throw Problem.field(
        'code',
        'code_unknown',
        'code is no code of this dialogue. Scan it again, or find the person by name.',
      );
    }
    if (found.dialogueId !== dialogueId) {
      throw Problem.field(
        'code',
        'code_of_another_dialogue',
        'code is for another dialogue. Ask for the code of this one, or find the person by name.',
      );
    }
    return found.id;
  }

  /** Holds the registration as it is until the arrival is written. @throws Problem 404, 409 `not_confirmed` */
  private async holdConfirmed(manager: EntityManager, dialogueId: string, id: string): Promise<void> {
    const [registration]: { state: RegistrationState; mayEnter: boolean }[] = await manager.query(
      `SELECT r.state, ${LET_IN} AS "mayEnter" FROM registrations r JOIN dialogues d ON d.id = r.dialogue_id
       WHERE r.id = $1 AND d.id = $2 FOR SHARE OF r`,
      [id, dialogueId],
    );
    if (!registration) throw Problem.notFound('registration');
    const { state, mayEnter } = registration;
    if (mayEnter || state === 'confirmed') return;
    throw new Problem(
      409,
      'not_confirmed',
      `This person ${NOT_CONFIRMED[state]}. Only who is confirmed can be checked in.`,
    );
  }

  /**
   * Holds the rows of an attendance as they are, when they are still as the writer read them, and raises the version.
   * @returns whose rows they are. @throws Problem 412
   */
  private async holdAttendance(
    manager: EntityManager,
    dialogueId: string,
    expected: string,
  ): Promise<string[]> {
    const present: Parameters<typeof attendanceVersion>[1] = await manager.query(
      `SELECT registration_id, arrived_at, left_at FROM attendances WHERE dialogue_id = $1
       ORDER BY registration_id FOR UPDATE`,
      [dialogueId],
    );
    const version = await versionOf(manager, dialogueId, 'attendance');
    if (attendanceVersion(version, present) !== expected) throw Problem.changedMeanwhile();
    await raiseVersion(manager, dialogueId, 'attendance', String(version));
    return present.map((row) => row.registration_id);
  }

  private async row(manager: EntityManager, id: string): Promise<DoorRow> {
    const [row]: DoorRow[] = await manager.query(`SELECT ${ROW} FROM ${FROM} WHERE r.id = $1`, [id]);
    if (!row) throw Problem.notFound('registration');
    return row;
  }

  private async dialogue(manager: EntityManager, id: string): Promise<DoorDialogue> {
    const [dialogue]: DoorDialogue[] = await manager.query(
      `SELECT ${DOOR_DIALOGUE} FROM dialogues d WHERE d.id = $1`,
      [id],
    );
    return dialogue!;
  }

  private async joiningOf(
    manager: EntityManager,
    registrationId: string,
  ): Promise<{ joining: Joining; joinUrl: string | null }> {
    const [row]: (DoorDialogue &
      Pick<Joining, 'registration' | 'platform'> & { state: DialogueState; joinUrl: string | null })[] =
      await manager.query(
        `SELECT ${DOOR_DIALOGUE}, d.venue->>'platform' AS platform, d.venue->>'join_url' AS "joinUrl",
           jsonb_build_object('id', r.id, 'name', r.name, 'state', r.state, 'mayEnter', ${LET_IN}, 'language', r.language,
             'timeZone', r.time_zone) AS registration
         FROM registrations r JOIN dialogues d ON d.id = r.dialogue_id WHERE r.id = $1`,
        [registrationId],
      );
    const { registration, platform, joinUrl, ...dialogue } = row!;
    const hasLink = joinUrl !== null;
    return {
      joining: { standing: joinStanding(dialogue), dialogue, registration, platform, hasLink },
      joinUrl,
    };
  }
}

/** @throws Problem 409 `door_closed` that says when it is open */
function assertOpen(dialogue: DoorDialogue): void {
  const standing = doorStanding(dialogue);
  if (standing === 'open') return;
  const period = `from ${doorOpensAt(dialogue).toISOString()} to ${dialogue.endsAt.toISOString()}`;
  const detail = {
    early: `It is too early: arrivals are noted ${period}.`,
    over: `The dialogue is over: arrivals were noted ${period}. The whole attendance can still be replaced, and an arrival taken back.`,
    not_held: `The dialogue is ${dialogue.state}; nobody arrives.`,
  }[standing];
  throw new Problem(409, 'door_closed', detail);
}

function actor(): string {
  return context.getStore()?.actor ?? 'system';
}

/** SQL of a text without combining marks (Unicode's decomposition): an officer at the door types Zoe for Zoë. */
function unaccented(text: string): string {
  return `regexp_replace(normalize(${text}, NFD), '[\u0300-\u036f]', '', 'g')`;
}
