import type { MailState } from '@app/mail';
import type { Backend, Program, World, WorldDialogue } from '../support/world';

export const BOTH: Backend[] = ['postgres', 'redis'];

/** Something that goes wrong while thousands of mails are in flight. */
export interface Fault {
  name: string;
  /** What is done, and what must come of it beside that nothing is lost; for whoever reads the table. */
  story: string;
  /** Where it makes sense. */
  backends: Backend[];
  /** Whether the short form plays it; `npm run full` plays every fault. */
  inShort?: true;
  /** At most so many mails are in flight, since the server is slow. */
  mails?: number;
  /** So many mails may come twice, under the same Message-ID and marked uncertain. */
  mayDouble: number;
  /** In which states the mails of a kind may end; `sent` unless said. What ends otherwise must not have come. */
  ends?: Record<string, MailState[]>;
  /** Whether people register meanwhile; they do unless said. */
  visitors?: boolean;
  /** With what registering may be answered beside 201, and 0 for a line that broke; whoever was told so owes nothing. */
  mayAnswer?: number[];
  /** Settings of a process: the first (0) or the second (1) of its kind. */
  settings?(program: 'api' | 'worker', index: number, world: World): ProgramSettings;
  /** What is there before the programs start; confirmations, as many as are wanted, unless said. */
  prepare?(world: World, mails: number): Promise<{ dialogue: WorldDialogue; queued: number }>;
  /** Strikes while two workers deliver. May return what else was seen, or throw what was wrong. */
  strike(scene: Scene): Promise<string | void>;
  /** Looks once more when all has settled. May return what was seen, or throw what was wrong. */
  afterwards?(scene: Scene): Promise<string | void>;
}

export interface ProgramSettings {
  environment?: Record<string, string>;
  nodeOptions?: string[];
}

/** What a fault finds when it strikes: one mail in ten has arrived, the rest waits at the server's door. */
export interface Scene {
  world: World;
  apis: Program[];
  workers: Program[];
  dialogue: WorldDialogue;
  /** How many mails were wanted in flight. */
  mails: number;
  /** From now on the server takes what it is given, as far as it was not told otherwise. Done after the strike at the latest. */
  letGo(): void;
  /** Resolves when it does. */
  opened: Promise<void>;
  /** So many seconds, or fewer in the short form. */
  seconds(full: number, short: number): number;
  /** Whether a measured time may decide: only in the full form, in which nothing else is asked of the machine. */
  judgesTime: boolean;
  /** From now on so many more mails are owed than were queued at first. */
  owe(mails: number): void;
}
