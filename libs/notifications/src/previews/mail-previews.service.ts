import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { ownDialogue, type OwnDialogue } from '@app/dialogues';
import {
  Mail,
  mailKinds,
  MailRenderers,
  MailWording,
  type ComposedMail,
  type Language,
  type MailKind,
  type Words,
} from '@app/mail';
import { emailKey, nameKey, one, Problem, sql, valuesOf, type Sql } from '@app/platform';
import { adaptableKind, assertWords, type AdaptableKind } from '../wording/mail-wordings.service';
import {
  OTHER,
  READER,
  SAMPLE_ORGANISATION,
  SITUATIONS,
  SUBSTITUTE,
  TO_COME,
  type PreviewedDialogue,
} from './situations.rules';
import { withoutSecrets, type ShownMail } from './without-secrets';

/** A mail as it would be. */
export interface MailPreview extends ShownMail {
  kind: string;
  /** What is taken to be so, such as that the time has changed. */
  situation: string;
  /** Whether it is in the organisers' own words. */
  in_own_words: boolean;
  /** What to know about it: that its reader is invented, or why own words are not used. */
  notes: string[];
}

/** What to look at, beside the kind. */
export interface Looked {
  language: Language;
  /** What is taken to be so; left out: the first of the kind's situations. */
  situation?: string | undefined;
  /** What it would be about: a registration, an invitation and the like; left out: the first, else an invented one. */
  subjectId?: string | undefined;
  /** Words that are not saved yet, to be seen in the place of those that are. */
  words?: Words | undefined;
}

/** How many seats an invented delegation has. */
const SAMPLE_SEATS = 3;

/** Every kind of mail that can be looked at before it goes, with the names of its situations. */
export function previewedKinds(): (MailKind & { situations: string[] })[] {
  return mailKinds()
    .filter(({ name }) => Object.hasOwn(SITUATIONS, name))
    .map((kind) => ({ ...kind, situations: Object.keys(SITUATIONS[kind.name]!) }));
}

/**
 * Mails before they go, by the renderers that write them when they do. A ledger row, and where there is none a reader with
 * what they belong to, are inserted in a transaction that is never committed: nobody else ever sees them, nothing is
 * queued, and no row that others wait for is changed.
 */
@Injectable()
export class MailPreviews {
  constructor(
    private readonly dataSource: DataSource,
    private readonly renderers: MailRenderers,
  ) {}

  /** @throws Problem 404, 403; 422 `unknown_id`, `unknown_situation`, or each field of the words that is wrong */
  async preview(
    organiserId: string,
    dialogueId: string,
    kindName: string,
    looked: Looked,
  ): Promise<MailPreview> {
    return this.neverCommitted(async (manager) => {
      const own = await ownDialogue(manager, organiserId, dialogueId, 'manage');
      const kind = previewedKinds().find(({ name }) => name === kindName);
      if (!kind) throw Problem.notFound('kind of mail that can be looked at');
      const { composed, situation, notes } = await this.look(manager, own, dialogueId, kind, looked);
      const { language } = looked;
      const adapted =
        composed.wording === undefined &&
        (await manager.existsBy(MailWording, { dialogueId, kind: kind.name, language }));
      return {
        kind: kind.name,
        situation,
        in_own_words: composed.wording === 'own',
        notes: [...notes, ...notesOn(composed, adapted)],
        ...withoutSecrets(composed, { hasCode: kind.name === 'code' }),
      };
    });
  }

  /** What Plenary says in the place of own words: subject, and the paragraph that opens the mail. @throws Problem 404, 403 */
  async plenarys(
    organiserId: string,
    dialogueId: string,
    kind: AdaptableKind,
    language: Language,
  ): Promise<{ subject: string; opening: string[] }> {
    return this.neverCommitted(async (manager) => {
      const own = await ownDialogue(manager, organiserId, dialogueId, 'view');
      const assumed = { wordings: [] };
      const { composed } = await this.look(manager, own, dialogueId, kind, { language }, assumed);
      return { subject: composed.subject, opening: composed.opening === undefined ? [] : [composed.opening] };
    });
  }

  private async neverCommitted<Seen>(see: (manager: EntityManager) => Promise<Seen>): Promise<Seen> {
    const runner = this.dataSource.createQueryRunner();
    await runner.connect();
    try {
      await runner.startTransaction();
      return await see(runner.manager);
    } finally {
      if (runner.isTransactionActive) await runner.rollbackTransaction();
      await runner.release();
    }
  }

  private async look(
    manager: EntityManager,
    own: OwnDialogue,
    dialogueId: string,
    kind: MailKind,
    { language, situation: asked, subjectId, words }: Looked,
    assumed: object = {},
  ): Promise<{ composed: ComposedMail; situation: string; notes: string[] }> {
    const name = situationOf(kind, asked);
    const [dialogue]: PreviewedDialogue[] = await manager.query(
      `SELECT title, starts_at AS "startsAt", ends_at AS "endsAt", time_zone AS "timeZone", hosts,
         working_languages AS "workingLanguages", cancellation_reason AS "cancellationReason",
         least((now() AT TIME ZONE time_zone + offer_for::interval) AT TIME ZONE time_zone,
           CASE WHEN starts_at > now() THEN starts_at ELSE ends_at END) AS "offerUntil"
       FROM dialogues WHERE id = $1`,
      [dialogueId],
    );
    const notes: string[] = [];
    const situation = SITUATIONS[kind.name]![name]!(dialogue!);
    if (words) await saveForNow(manager, dialogueId, kind, language, words);
    let about = await subjectOf(manager, dialogueId, kind.about, subjectId);
    if (!about) {
      about = await insertSample(manager, own, dialogueId, kind.about, language);
      notes.push(
        kind.about === 'substitution'
          ? 'The proposal is invented: nobody has proposed a substitute yet.'
          : 'Its reader is invented: there is nobody yet to whom it could go.',
      );
    }
    if (kind.name === 'silence') await insertSilent(manager, own, dialogueId, about, language);
    const parameters =
      kind.about === 'substitution' ? await whoDecides(manager, about) : situation.parameters;
    const mail = await insertMail(manager, kind, dialogueId, about, parameters ?? {}, language);
    const state = situation.dialogue ?? 'published';
    const cancellationReason =
      situation.dialogue === undefined ? null : (dialogue!.cancellationReason ?? TO_COME);
    const rendered = await this.renderers.of(kind.name).render([mail], {
      manager,
      language,
      assumed: {
        dialogue: { state, cancellationReason, ...assumed },
        ...(situation.subject && { subject: situation.subject }),
        ...(situation.note && { note: situation.note }),
      },
    });
    const composed = rendered.get(mail.id);
    if (!composed || 'stale' in composed) {
      throw new Problem(409, 'not_to_be_seen', 'There is nothing of it to be seen now.');
    }
    return { composed, situation: name, notes };
  }
}

/** The name of what is taken to be so: the first, unless another is asked for. @throws Problem 422 `unknown_situation` */
function situationOf(kind: MailKind, asked: string | undefined): string {
  const names = Object.keys(SITUATIONS[kind.name]!);
  const name = asked ?? names[0]!;
  if (names.includes(name)) return name;
  const detail = `situation of ${kind.name} must be one of: ${names.join(', ')}.`;
  throw Problem.field('situation', 'unknown_situation', detail);
}

function notesOn({ wording }: ComposedMail, adapted: boolean): string[] {
  if (wording === undefined) return adapted ? ['In this situation it is always in Plenary’s own words.'] : [];
  if (wording === 'own') return [];
  const missing = wording.missing.map((name) => `{${name}}`).join(', ');
  return [`It is in Plenary’s own words, since this mail has nothing for ${missing}.`];
}

async function saveForNow(
  manager: EntityManager,
  dialogueId: string,
  kind: MailKind,
  language: Language,
  words: Words,
): Promise<void> {
  assertWords(adaptableKind(kind.name), words);
  await manager.upsert(MailWording, { dialogueId, kind: kind.name, language, ...words }, [
    'dialogueId',
    'kind',
    'language',
  ]);
}

const SUBJECTS = {
  registration: 'SELECT id FROM registrations WHERE dialogue_id = $1 AND erased_at IS NULL',
  invitation: 'SELECT id FROM invitations WHERE dialogue_id = $1 AND person_id IS NOT NULL',
  delegation: 'SELECT id FROM delegations WHERE dialogue_id = $1 AND focal_point_id IS NOT NULL',
  substitution: `SELECT id FROM substitutions WHERE dialogue_id = $1 AND state = 'proposed'`,
};
type About = keyof typeof SUBJECTS;

/** The one that is named, else the first; null when there is none. @throws Problem 422 `unknown_id` */
async function subjectOf(
  manager: EntityManager,
  dialogueId: string,
  about: MailKind['about'],
  id: string | undefined,
): Promise<string | null> {
  const [found]: { id: string }[] = await manager.query(
    `${SUBJECTS[about as About]} AND ($2::uuid IS NULL OR id = $2) ORDER BY created_at, id LIMIT 1`,
    [dialogueId, id ?? null],
  );
  if (!found && id !== undefined) {
    throw Problem.field(
      'subject_id',
      'unknown_id',
      `subject_id must be the id of a ${about} of this dialogue to which it could go.`,
    );
  }
  return found?.id ?? null;
}

async function insertSample(
  manager: EntityManager,
  own: OwnDialogue,
  dialogueId: string,
  about: MailKind['about'],
  language: Language,
): Promise<string> {
  if (about === 'registration') return insertRegistration(manager, dialogueId, READER, language);
  if (about === 'substitution') {
    const delegation =
      (await subjectOf(manager, dialogueId, 'delegation', undefined)) ??
      (await insertSample(manager, own, dialogueId, 'delegation', language));
    const leaver = await insertRegistration(manager, dialogueId, OTHER, language, delegation);
    return inserted(
      manager,
      sql`INSERT INTO substitutions ${valuesOf({
        dialogue_id: dialogueId,
        registration_id: leaver,
        honorific: SUBSTITUTE.honorific,
        name: SUBSTITUTE.name,
        email: SUBSTITUTE.email,
        language,
      })} RETURNING id`,
    );
  }
  const person = await insertPerson(manager, own, READER, language);
  if (about === 'invitation') {
    return inserted(
      manager,
      sql`INSERT INTO invitations (dialogue_id, person_id) VALUES (${dialogueId}, ${person}) RETURNING id`,
    );
  }
  return inserted(
    manager,
    sql`WITH delegation AS (
        INSERT INTO delegations (dialogue_id, organisation, focal_point_id)
        VALUES (${dialogueId}, ${SAMPLE_ORGANISATION}, ${person}) RETURNING id),
      seats AS (
        INSERT INTO places (dialogue_id, scope, delegation_id, places)
        SELECT ${dialogueId}::uuid, 'delegation', id, ${SAMPLE_SEATS}::int FROM delegation)
      SELECT id FROM delegation`,
  );
}

function insertRegistration(
  manager: EntityManager,
  dialogueId: string,
  { honorific, name, email }: typeof READER,
  language: Language,
  delegationId: string | null = null,
): Promise<string> {
  return inserted(
    manager,
    sql`INSERT INTO registrations (dialogue_id, honorific, name, name_key, email, email_key, language, time_zone, state,
        confirmed_at, attends, delegation_id)
      SELECT id, ${honorific}, ${name}, ${nameKey(name)}, ${email}, ${unused()}, ${language}, time_zone, 'confirmed', now(),
        CASE WHEN venue->>'kind' = 'hybrid' THEN 'in_person' END, ${delegationId}::uuid
      FROM dialogues WHERE id = ${dialogueId} RETURNING id`,
  );
}

/** To whom a proposal went, as the mail's parameters say it; one that is invented goes to the delegation's focal point. */
async function whoDecides(manager: EntityManager, substitutionId: string): Promise<Mail['parameters']> {
  const [{ parameters }]: [{ parameters: Mail['parameters'] | null }] = await manager.query(
    `SELECT coalesce(
       (SELECT m.parameters FROM mails m WHERE m.subject_id = s.id ORDER BY m.id LIMIT 1),
       jsonb_build_object('delegation_id', l.id, 'link_generation', l.link_generation)) AS parameters
     FROM substitutions s JOIN registrations r ON r.id = s.registration_id
     LEFT JOIN delegations l ON l.id = r.delegation_id WHERE s.id = $1`,
    [substitutionId],
  );
  return parameters ?? {};
}

/** A nominee who has not answered, beside those whom the delegation has. */
async function insertSilent(
  manager: EntityManager,
  own: OwnDialogue,
  dialogueId: string,
  delegationId: string,
  language: Language,
): Promise<void> {
  await manager.query(
    `INSERT INTO invitations (dialogue_id, person_id, delegation_id, role, state, sent_at)
     SELECT $1, $2, $3, 'member', 'sent', now()
     WHERE NOT EXISTS (SELECT FROM invitations WHERE delegation_id = $3 AND state = 'sent')`,
    [dialogueId, await insertPerson(manager, own, OTHER, language), delegationId],
  );
}

function insertPerson(
  manager: EntityManager,
  { directoryOf, timeZone }: OwnDialogue,
  { honorific, name, email }: typeof READER,
  language: Language,
): Promise<string> {
  return inserted(
    manager,
    sql`INSERT INTO people ${valuesOf({
      organiser_id: directoryOf,
      honorific,
      name,
      name_key: nameKey(name),
      email,
      email_key: unused(),
      language,
      time_zone: timeZone,
    })} RETURNING id`,
  );
}

/** An address for comparison that is nobody's, so that an invented person never meets a real one under one key. */
function unused(): string {
  return emailKey(`${randomUUID()}@delegation.example`);
}

async function inserted(manager: EntityManager, statement: Sql): Promise<string> {
  return (await one<{ id: string }>(manager, statement))!.id;
}

async function insertMail(
  manager: EntityManager,
  kind: MailKind,
  dialogueId: string,
  subjectId: string,
  parameters: Mail['parameters'],
  language: Language,
): Promise<Mail> {
  // The mail with the six digits is found by the id of its code.
  const key =
    kind.name === 'code'
      ? await inserted(
          manager,
          sql`INSERT INTO personal_codes (registration_id, code_hash, expires_at) VALUES (${subjectId}, '', now()) RETURNING id`,
        )
      : randomUUID();
  const id = await inserted(
    manager,
    sql`INSERT INTO mails ${valuesOf({
      kind: kind.name,
      dialogue_id: dialogueId,
      subject_id: subjectId,
      recipient_name: READER.name,
      recipient: READER.email,
      language,
      dedupe_key: `preview:${key}:0`,
      parameters: JSON.stringify(parameters),
    })} RETURNING id::text`,
  );
  return manager.findOneByOrFail(Mail, { id });
}
