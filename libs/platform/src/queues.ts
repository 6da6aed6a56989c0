import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { createPostgresBackend, createRedisBackend, Queue, Worker, type Job, type Telemetry } from 'bullmq';
import { Cluster, Redis, type RedisOptions } from 'ioredis';
import { Environment } from './environment';
import { log } from './logger';
import { isTracing } from './tracing';

/** A retained job id would make a later `add` a no-op, so nothing is kept. A job is tried once: retries belong to the ledger. */
const JOB_OPTIONS = { removeOnComplete: true, removeOnFail: true, attempts: 1 };

/** The PostgreSQL schema of BullMQ's own tables. */
export const QUEUE_SCHEMA = 'bullmq';

/** The braces keep the keys of a queue on one node of a Redis Cluster. */
const PREFIX = '{plenary}';

/**
 * BullMQ on PostgreSQL, or on Redis when `REDIS_URL` is set: the same queues and workers on either.
 * A job is a hint and may be lost at any moment; what must happen stands in PostgreSQL (design, idea 1).
 */
@Injectable()
export class Queues implements OnApplicationShutdown {
  private readonly connections: (Redis | Cluster)[] = [];
  private readonly queues: Queue[] = [];

  constructor(private readonly environment: Environment) {}

  /** A queue to add to. Adding fails at once when the backend is gone: no offline queue. */
  queue(name: string): Queue {
    const queue = this.environment.REDIS_URL
      ? new Queue(
          name,
          {
            connection: this.redis({ enableOfflineQueue: false, maxRetriesPerRequest: 1 }),
            prefix: PREFIX,
            defaultJobOptions: JOB_OPTIONS,
            ...telemetry(),
          },
          createRedisBackend,
        )
      : new Queue(
          name,
          { connection: this.postgres(2), defaultJobOptions: JOB_OPTIONS, ...telemetry() },
          createPostgresBackend,
        );
    queue.on('error', (error) => log.warn({ err: error, queue: name }, 'queue connection'));
    this.queues.push(queue as Queue);
    return queue as Queue;
  }

  /**
   * A worker that is not yet running; call `run()`.
   * A job that stalls is taken up by another worker within seconds; that is harmless, since rows are claimed.
   */
  worker<Data>(name: string, process: (job: Job<Data>) => Promise<void>, concurrency: number): Worker {
    const options = {
      autorun: false,
      concurrency,
      lockDuration: 15_000,
      stalledInterval: 5_000,
      maxStalledCount: 100,
      removeOnComplete: { count: 0 },
      removeOnFail: { count: 0 },
      ...telemetry(),
    };
    const worker = this.environment.REDIS_URL
      ? new Worker(
          name,
          process,
          { ...options, connection: this.redis({ maxRetriesPerRequest: null }), prefix: PREFIX },
          createRedisBackend,
        )
      : new Worker(name, process, { ...options, connection: this.postgres(3) }, createPostgresBackend);
    worker.on('error', (error) => log.warn({ err: error, queue: name }, 'worker connection'));
    worker.on('failed', (job, error) => log.error({ err: error, queue: name, jobId: job?.id }, 'job failed'));
    return worker as unknown as Worker;
  }

  /**
   * Refuses a Redis that may throw jobs away when its memory is full.
   * @throws Error when its `maxmemory-policy` is not `noeviction`.
   */
  async check(): Promise<void> {
    if (!this.environment.REDIS_URL) return;
    const redis = this.redis({ maxRetriesPerRequest: null });
    const policy = /maxmemory_policy:(\S+)/.exec(await redis.info('memory'))?.[1];
    if (policy !== undefined && policy !== 'noeviction') {
      throw new Error(`Redis may evict jobs: its maxmemory-policy is ${policy}; set it to noeviction.`);
    }
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.allSettled(this.queues.map((queue) => queue.close()));
    for (const connection of this.connections) connection.disconnect();
  }

  private postgres(max: number) {
    return { connectionString: this.environment.DATABASE_URL, schema: QUEUE_SCHEMA, max };
  }

  private redis(options: RedisOptions): Redis | Cluster {
    const connection = connectRedis(this.environment.REDIS_URL!, options);
    connection.on('error', (error: Error) => log.warn({ err: error }, 'redis'));
    this.connections.push(connection);
    return connection;
  }
}

/** Spans of queues and jobs, which lead from the request that hinted to the job that sends. */
function telemetry(): { telemetry?: Telemetry } {
  if (!isTracing()) return {};
  // oxlint-disable-next-line typescript/no-require-imports -- only where traces are asked for
  const { BullMQOtel } = require('bullmq-otel') as typeof import('bullmq-otel');
  return { telemetry: new BullMQOtel({ tracerName: 'plenary' }) as Telemetry };
}

/**
 * A connection for any kind of Redis: `redis://host` (single), `redis://a,redis://b` (cluster),
 * `redis-sentinel://a:26379,b:26379/name` (sentinel).
 */
export function connectRedis(url: string, options: RedisOptions): Redis | Cluster {
  const retryStrategy = (attempt: number) => Math.min(attempt * 200, 2_000);
  if (url.startsWith('redis-sentinel://')) {
    const [hosts = '', name = 'mymaster'] = url.slice('redis-sentinel://'.length).split('/');
    const sentinels = hosts.split(',').map((host) => {
      const [address, port = '26379'] = host.split(':');
      return { host: address, port: Number(port) };
    });
    return new Redis({ ...options, sentinels, name, retryStrategy });
  }
  const nodes = url.split(',');
  if (nodes.length > 1) {
    return new Cluster(nodes, { enableOfflineQueue: options.enableOfflineQueue, redisOptions: options });
  }
  return new Redis(url, { ...options, retryStrategy });
}
