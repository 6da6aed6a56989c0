import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { hashSecret, Links, newSecret } from '@app/platform';
import { World } from '../support/world';

/** A day that is far enough and has no change of clocks near. */
const DAY = `${new Date().getUTCFullYear() + 1}-01-28`;

/** Someone who is invited, with the path of their personal link. */
export interface Invitee {
  invitationId: string;
  name: string;
  link: string;
}

/** What came back. */
export interface Answer<Body = unknown> {
  status: number;
  location: string | null;
  body: Body;
}

/** An organiser who can use the API. */
export interface RacingOrganiser {
  id: string;
  email: string;
  token: string;
}

/** A system of its own with two API processes on one database, and what scenarios need to set up and to ask. */
export class Ground {
  private turn = 0;

  private constructor(
    readonly world: World,
    private readonly origins: string[],
    private readonly links: Links,
    readonly organiser: RacingOrganiser,
  ) {}

  /** @param guarded false: the API reads places without their lock, and no constraint stands under them. */
  static async open({ guarded }: { guarded: boolean }): Promise<Ground> {
    const world = await World.create('postgres');
    try {
      const options = guarded ? [] : ['--require', join(__dirname, 'without-lock.js')];
      if (!guarded) await world.database.query('ALTER TABLE places DROP CONSTRAINT places_not_exceeded');
      const origins: string[] = [];
      for (let api = 1; api <= 2; api++) origins.push((await world.start('api', {}, options)).origin!);
      const links = new Links(world.environment()['LINK_KEY']!);
      return new Ground(world, origins, links, await newOrganiser(world));
    } catch (error) {
      await world.close();
      throw error;
    }
  }

  close(): Promise<void> {
    return this.world.close();
  }

  /** One more organiser, who has no role anywhere yet. */
  newOrganiser(): Promise<RacingOrganiser> {
    return newOrganiser(this.world);
  }

  /** A published dialogue by invitation. @param later what can be set only once it is there. */
  async dialogue(settings: object, later?: object): Promise<string> {
    const { body } = await this.api<{ id: string }>('POST', '/v1/dialogues', {
      title: 'Dialogue for which many ask at once',
      starts_at_local: `${DAY}T11:00`,
      ends_at_local: `${DAY}T13:00`,
      time_zone: 'Africa/Cairo',
      venue: { kind: 'virtual', platform: 'Kudo', join_url: 'https://meet.example/races' },
      hosts: ['International Organization for Migration'],
      working_languages: ['en', 'fr', 'ar'],
      registration: 'invitation',
      ...settings,
    });
    if (later) await this.api('PATCH', `/v1/dialogues/${body.id}`, later);
    await this.api('POST', `/v1/dialogues/${body.id}/publication`);
    return body.id;
  }

  /** People with invitations that were sent; by SQL, as hundreds of them are wanted and no route is under test here. */
  async invite(
    dialogueId: string,
    count: number,
    seat: { delegationId: string; role: string } | null = null,
  ): Promise<Invitee[]> {
    const batch = randomBytes(3).toString('hex');
    const rows: { id: string; name: string; link_generation: number }[] = await this.world.database.query(
      `WITH person AS (
         INSERT INTO people (organiser_id, name, name_key, email, email_key, affiliation, language, time_zone)
         SELECT $2, 'Delegate ' || $4 || ' ' || n, 'delegate ' || $4 || ' ' || n, $4 || '.' || n || '@ministry.example',
           $4 || '.' || n || '@ministry.example', 'Ministry of Foreign Affairs', (ARRAY['en', 'fr', 'ar'])[1 + n % 3], 'Asia/Jakarta'
         FROM generate_series(1, $3::int) AS n RETURNING id, name)
       INSERT INTO invitations (dialogue_id, person_id, state, sent_at, delegation_id, role)
       SELECT $1, person.id, 'sent', now(), $5::uuid, $6 FROM person
       RETURNING id, link_generation, (SELECT name FROM person WHERE person.id = person_id) AS name`,
      [dialogueId, this.organiser.id, count, batch, seat?.delegationId ?? null, seat?.role ?? null],
    );
    return rows.map(({ id, name, link_generation: generation }) => ({
      invitationId: id,
      name,
      link: `/i/${this.links.compose('invitation', id, generation)}`,
    }));
  }

  /** The path of the personal link of a registration. */
  registrationLink(registrationId: string): string {
    return `/r/${this.links.compose('registration', registrationId, 1)}`;
  }

  /** The path of a focal point's link. */
  delegationLink(delegationId: string): string {
    return `/n/${this.links.compose('delegation', delegationId, 1)}`;
  }

  /** Does something while a worker runs, which lets offers lapse and sends the mails that are caused meanwhile. */
  async withWorker<Result>(work: () => Promise<Result>): Promise<Result> {
    // What was played before is not to be sent now.
    await this.world.database.query(`UPDATE mails SET state = 'suppressed' WHERE state = 'queued'`);
    const worker = await this.world.start('worker');
    try {
      return await work();
    } finally {
      await worker.stop();
    }
  }

  /** Accepts an invitation by its page's form. */
  accept(invitee: Invitee): Promise<Answer> {
    return this.submit(`${invitee.link}/acceptance`, ANSWERS);
  }

  /**
   * Sends a form without following the redirect, to the two processes in turn.
   * A dropped connection is an answer of 0: the person would see an error.
   */
  async submit(path: string, fields: Record<string, string> = {}): Promise<Answer> {
    const response = await fetch(new URL(path, this.nextOrigin()), {
      method: 'POST',
      redirect: 'manual',
      headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'text/html' },
      body: new URLSearchParams(fields).toString(),
      signal: AbortSignal.timeout(60_000),
    });
    return {
      status: response.status,
      location: response.headers.get('location'),
      body: await response.text(),
    };
  }

  /** Asks the API as an organiser. @throws Error when it is refused, unless refusals are wanted. */
  async api<Body>(
    method: string,
    path: string,
    body?: unknown,
    { organiser = this.organiser, mayRefuse = false, headers = {} }: ApiOptions = {},
  ): Promise<Answer<Body>> {
    const response = await fetch(new URL(path, this.nextOrigin()), {
      method,
      headers: {
        authorization: `Bearer ${organiser.token}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(60_000),
    });
    const text = await response.text();
    if (!response.ok && !mayRefuse) throw new Error(`${method} ${path} answers ${response.status}: ${text}`);
    return {
      status: response.status,
      location: null,
      body: (text.startsWith('{') ? JSON.parse(text) : text) as Body,
    };
  }

  /** All of a list, page by page. */
  async list<Item>(path: string): Promise<Item[]> {
    const items: Item[] = [];
    let cursor: string | null = null;
    do {
      const after: string = cursor ? `&cursor=${encodeURIComponent(cursor)}` : '';
      const { body } = await this.api<{ items: Item[]; next_cursor: string | null }>(
        'GET',
        `${path}?limit=200${after}`,
      );
      items.push(...body.items);
      cursor = body.next_cursor;
    } while (cursor);
    return items;
  }

  private nextOrigin(): string {
    return this.origins[this.turn++ % this.origins.length]!;
  }
}

interface ApiOptions {
  organiser?: RacingOrganiser;
  /** Whether a refusal is an answer like others. */
  mayRefuse?: boolean;
  headers?: Record<string, string>;
}

/** What a person fills in when they accept. */
export const ANSWERS = {
  affiliation: 'Ministry of Foreign Affairs',
  language: 'en',
  time_zone: 'Asia/Jakarta',
  consent_to_be_listed: 'after',
};

async function newOrganiser(world: World): Promise<RacingOrganiser> {
  const secret = newSecret();
  const email = `organiser.${randomBytes(4).toString('hex')}@secretariat.example`;
  const [row] = (await world.database.query(
    `WITH organiser AS (
       INSERT INTO organisers (email, email_key, name) VALUES ($1, $1, 'Organiser') RETURNING id)
     INSERT INTO api_tokens (organiser_id, name, secret_hash, scope, expires_at)
     SELECT id, 'races', $2, 'write', now() + interval '1 day' FROM organiser RETURNING id, organiser_id`,
    [email, hashSecret(secret)],
  )) as { id: string; organiser_id: string }[];
  return { id: row!.organiser_id, email, token: `plenary_${row!.id}.${secret}` };
}
