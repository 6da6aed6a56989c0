import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { median } from '../support/median';
import type { Program, World } from '../support/world';
import type { Visit } from './judge';

const PAUSE_MILLISECONDS = 300;

/** People who register by the open link, one after the other at each API in turn, while something goes wrong. */
export class Visitors {
  readonly visits: Visit[] = [];
  private leaving = false;
  private readonly done: Promise<void>;

  constructor(
    private readonly world: World,
    private readonly apis: Program[],
    private readonly slug: string,
  ) {
    this.done = this.come();
  }

  async leave(): Promise<void> {
    this.leaving = true;
    await this.done;
  }

  private async come(): Promise<void> {
    for (let number = 1; !this.leaving; number++) {
      this.visits.push(
        await register(this.world, this.apis[number % this.apis.length]!, this.slug, `${number}`),
      );
      await sleep(PAUSE_MILLISECONDS);
    }
  }
}

/** Registers a person of that name. */
export async function register(world: World, api: Program, slug: string, name: string): Promise<Visit> {
  const email = `visitor.${name}@visitors.example`;
  const started = performance.now();
  const { status } = await world.ask(
    api,
    'POST',
    `/v1/public/dialogues/${slug}/registrations`,
    {
      name: `Visitor ${name}`,
      email,
      affiliation: 'Agency',
      language: 'en',
      time_zone: 'UTC',
      consent_to_be_listed: 'after',
    },
    // Each from a network of their own, else there would be too many from one.
    {
      authorization: '',
      'x-forwarded-for': `10.${createHash('sha1').update(name).digest().subarray(0, 3).join('.')}`,
    },
  );
  return { email, status, milliseconds: Math.round(performance.now() - started) };
}

/**
 * Registers so many people, one after the other.
 * @returns how long it took, in milliseconds: the median, since one alone may be slow on a busy machine.
 * @throws Error unless each is answered 201.
 */
export async function registerSeveral(
  world: World,
  api: Program,
  slug: string,
  name: string,
  count: number,
): Promise<number> {
  const took: number[] = [];
  for (let number = 1; number <= count; number++) {
    const { status, milliseconds } = await register(world, api, slug, `${name}.${number}`);
    if (status !== 201) throw new Error(`registering (${name}) answered ${status}`);
    took.push(milliseconds);
  }
  return median(took);
}
