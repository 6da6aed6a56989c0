import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { Controller, Get, Header, Param, Req, Res, type OnModuleDestroy } from '@nestjs/common';
import { ApiOkResponse, ApiProduces, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { DialoguesService } from '@app/dialogues';
import { MailProgress } from '@app/mail';
import { log, Problem } from '@app/platform';
import { IdPipe } from '../http/fields';
import { CurrentOrganiser, OrganiserGuard } from '../http/organiser.guard';
import { ProgressAnswer } from './dto/mails.dto';

/** How often it is looked for something new, in milliseconds. */
const LOOK_MS = 1_000;
/** After so long without news a comment goes, so that no proxy thinks the line dead, in milliseconds. */
const HEARTBEAT_MS = 15_000;
/** How often it is asked anew whether the listener still may, in milliseconds. */
const ASK_ANEW_MS = 60_000;

@ApiTags('mails')
@Controller('v1/dialogues/:id/mails/progress')
export class ProgressController implements OnModuleDestroy {
  private readonly stopping = new AbortController();

  constructor(
    private readonly dialogues: DialoguesService,
    private readonly progress: MailProgress,
    private readonly guard: OrganiserGuard,
  ) {}

  onModuleDestroy(): void {
    this.stopping.abort();
  }

  /** How many mails of the dialogue are in which state, as it was a second ago at most. */
  @Get()
  @Header('cache-control', 'no-store')
  async get(
    @CurrentOrganiser() organiserId: string,
    @Param('id', IdPipe) id: string,
  ): Promise<ProgressAnswer> {
    await this.dialogues.get(organiserId, id);
    return this.progress.of(id);
  }

  /**
   * The same, live (server-sent events): an event `progress` at once and whenever something changed, at most one a second.
   *
   * It ends when the listener goes, may no longer look, or this server stops; whoever wants more connects again.
   */
  @Get('events')
  @ApiProduces('text/event-stream')
  @ApiOkResponse({ schema: { type: 'string' } })
  async events(
    @CurrentOrganiser() organiserId: string,
    @Param('id', IdPipe) id: string,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    await this.dialogues.get(organiserId, id);
    const mayStill = async () => {
      const who = await this.guard.whoAsks(request);
      if (who?.organiserId !== organiserId) return false;
      await this.dialogues.get(organiserId, id);
      return true;
    };
    const gone = new AbortController();
    const events = Readable.from(
      this.listen(id, mayStill, AbortSignal.any([gone.signal, this.stopping.signal])),
    );
    // Not the stream's own end, which waits until there is something to tell.
    reply.raw.once('close', () => gone.abort());
    await reply
      .type('text/event-stream; charset=utf-8')
      .header('cache-control', 'no-store')
      // Else nginx keeps it until there is enough.
      .header('x-accel-buffering', 'no')
      .send(events);
  }

  private async *listen(
    dialogueId: string,
    mayStill: () => Promise<boolean>,
    over: AbortSignal,
  ): AsyncGenerator<string> {
    let told = '';
    let toldAt = 0;
    let askedAt = Date.now();
    while (!over.aborted) {
      try {
        if (Date.now() - askedAt >= ASK_ANEW_MS) {
          if (!(await mayStill())) return;
          askedAt = Date.now();
        }
        const now = JSON.stringify(await this.progress.of(dialogueId));
        if (now !== told) {
          yield `event: progress\ndata: ${now}\n\n`;
          told = now;
          toldAt = Date.now();
        } else if (Date.now() - toldAt >= HEARTBEAT_MS) {
          yield ': still here\n\n';
          toldAt = Date.now();
        }
      } catch (error) {
        if (error instanceof Problem) return;
        // The database is away: who listens waits for it as we do.
        log.warn({ err: error }, 'progress not counted');
      }
      await sleep(LOOK_MS, undefined, { signal: over }).catch(() => undefined);
    }
  }
}
