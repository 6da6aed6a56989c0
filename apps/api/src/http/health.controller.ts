import { setTimeout as sleep } from 'node:timers/promises';
import { Controller, Get, Header } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { DataSource } from 'typeorm';
import { MailQueue } from '@app/mail';
import { HealthAnswer } from './health.dto';
import { Public } from './organiser.guard';
import { RetryLater } from './problems';
import { storageFull, StorageWatch } from './storage-watch.service';

const PATIENCE_MS = 2_000;

/** For those who watch over the process. */
@ApiTags('health')
@Public()
@Controller('health')
export class HealthController {
  constructor(
    private readonly dataSource: DataSource,
    private readonly mailQueue: MailQueue,
    private readonly storage: StorageWatch,
  ) {}

  /** The process runs. */
  @Get('live')
  @Header('cache-control', 'no-store')
  live(): HealthAnswer {
    return { status: 'up' };
  }

  /** The process can answer: the database is there, and has room for what is sent. */
  @Get('ready')
  @Header('cache-control', 'no-store')
  async ready(): Promise<HealthAnswer> {
    const [database, queue] = await Promise.all([
      answers(this.dataSource.query('SELECT 1')),
      answers(this.mailQueue.backlog()),
    ]);
    if (!database) {
      throw new RetryLater(503, 'database_unavailable', 'The database does not answer.', 5);
    }
    if (!(await this.storage.hasRoom())) throw storageFull();
    return { status: 'up', queue: queue ? 'up' : 'down' };
  }
}

function answers(question: Promise<unknown>): Promise<boolean> {
  return Promise.race([
    question.then(
      () => true,
      () => false,
    ),
    sleep(PATIENCE_MS, false, { ref: false }),
  ]);
}
