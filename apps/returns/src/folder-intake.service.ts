import { access, constants, lstat, mkdir, readdir, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { isReturnAddress, provedByAddress, recipientsOf } from '@app/mail';
import { context, Environment, Links, log } from '@app/platform';
import { Intake } from './intake.service';
import { MOST_BYTES } from './smtp-intake.service';

/** Whoever copies a file here, and does not rename it, may still be writing. */
const AT_REST_MILLISECONDS = 1_000;

/**
 * Reads what comes back from a folder of `.eml` files, as a mail server's delivery agent or a script writes them. A file
 * that was taken in goes to the folder `read` beside it, one that can't be to `unreadable`. When this process dies in
 * between, or two of them read one folder, a file is taken in again, which changes nothing.
 */
@Injectable()
export class FolderIntake implements OnApplicationBootstrap, OnModuleDestroy {
  private timer: NodeJS.Timeout | undefined;
  private round: Promise<void> = Promise.resolve();
  private stopping = false;

  constructor(
    private readonly environment: Environment,
    private readonly links: Links,
    private readonly intake: Intake,
  ) {}

  /** @throws Error in one line when there is no such folder, or nothing can be moved in it. */
  async onApplicationBootstrap(): Promise<void> {
    const folder = this.environment.RETURNS_FOLDER;
    if (folder === undefined) return;
    try {
      await access(folder, constants.R_OK | constants.W_OK);
      for (const name of ['read', 'unreadable']) await mkdir(join(folder, name), { recursive: true });
    } catch (error) {
      throw new Error(
        `RETURNS_FOLDER ${folder} can't be read and written to (${(error as NodeJS.ErrnoException).code}).`,
        { cause: error },
      );
    }
    this.next(folder, 0);
  }

  /** The file in hand is finished. */
  async onModuleDestroy(): Promise<void> {
    this.stopping = true;
    clearTimeout(this.timer);
    await this.round;
  }

  private next(folder: string, after: number): void {
    this.timer = setTimeout(() => {
      this.round = this.readAll(folder);
    }, after);
  }

  private async readAll(folder: string): Promise<void> {
    let left = 0;
    let why: unknown;
    try {
      const names = (await readdir(folder)).filter((name) => name.toLowerCase().endsWith('.eml')).toSorted();
      for (const name of names) {
        if (this.stopping) return;
        try {
          await context.run({ jobId: name, actor: 'returns' }, () => this.readOne(folder, name));
        } catch (error) {
          // The database is away, or the mail is on the line still; another file may fare better.
          left += 1;
          why = error;
        }
      }
    } catch (error) {
      why = error;
    }
    if (why) log.warn({ err: why, left }, 'returns not taken in yet; the next turn will');
    if (!this.stopping) this.next(folder, this.environment.SWEEP_SECONDS * 1_000);
  }

  private async readOne(folder: string, name: string): Promise<void> {
    const file = join(folder, name);
    let message: Buffer;
    let recipient: string;
    try {
      const found = await lstat(file);
      // A pipe would be read for ever, and a link leads out of the folder.
      if (!found.isFile()) throw new Error('no file');
      // Written in the future, it was by another clock than ours.
      if (Math.abs(Date.now() - found.mtimeMs) < AT_REST_MILLISECONDS) return;
      if (found.size > MOST_BYTES) throw new Error(`larger than ${MOST_BYTES} bytes`);
      message = await readFile(file);
      recipient = await this.recipientOf(message);
    } catch (error) {
      // Another process was faster.
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
      log.error({ file: name, reason: (error as Error).message }, 'file can not be read; it was put aside');
      await move(file, join(folder, 'unreadable', name));
      return;
    }
    await this.intake.take(recipient, message);
    await move(file, join(folder, 'read', name));
  }

  /** Of the addresses it was delivered to, the one that proves something; else the first of the service mailbox. */
  private async recipientOf(message: Buffer): Promise<string> {
    const ours = (await recipientsOf(message)).filter((address) =>
      isReturnAddress(this.environment, address),
    );
    return ours.find((address) => provedByAddress(this.links, address)) ?? ours[0] ?? '';
  }
}

async function move(from: string, to: string): Promise<void> {
  await rename(from, to).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
  });
}
