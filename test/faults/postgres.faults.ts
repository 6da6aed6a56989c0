import { setTimeout as sleep } from 'node:timers/promises';
import { CONNECTIONS } from '../support/world';
import { BOTH, type Fault } from './fault';
import { holdAt } from './helpers';
import { until } from '../support/until';

export const postgresFaults: Fault[] = [
  {
    name: 'PostgreSQL restarted',
    story:
      'The database stops for three seconds and every session ends. Registering answers 503 meanwhile, and what was answered 201 is there afterwards.',
    backends: BOTH,
    inShort: true,
    mayDouble: 0,
    mayAnswer: [503],
    async strike({ world, letGo }) {
      letGo();
      await world.postgres.stop();
      await sleep(3_000);
      await world.postgres.start();
    },
  },
  {
    name: 'PostgreSQL crashed',
    story: 'The database ends as in a crash and recovers from its log: what it had confirmed is there.',
    backends: BOTH,
    mayDouble: 0,
    mayAnswer: [503],
    async strike({ world, letGo }) {
      letGo();
      await world.postgres.kill();
      await world.postgres.start();
    },
  },
  {
    name: 'PostgreSQL gone after the 250',
    story:
      'The server takes every mail that is on the line and says so while the database is away for longer than a dead worker is waited for. The workers keep the answers and record them: nothing comes twice.',
    backends: BOTH,
    mayDouble: 0,
    mayAnswer: [503],
    async strike({ world, letGo, seconds }) {
      const held = holdAt(world, 'received');
      letGo();
      await until(() => held.count() === 2 * CONNECTIONS);
      await world.postgres.stop();
      const before = world.mailbox.mails.length;
      held.release();
      await until(() => world.mailbox.mails.length >= before + 2 * CONNECTIONS);
      await sleep(seconds(20, 5) * 1_000);
      await world.postgres.start();
      return `${2 * CONNECTIONS} mails were answered 250 while nothing could be recorded`;
    },
  },
  {
    name: 'statements timing out',
    story:
      'Another session locks the ledger while statements may take one second at most, so every claim, record and heartbeat fails. Nobody is taken for dead, and registering says 503.',
    backends: BOTH,
    mayDouble: 0,
    mayAnswer: [503],
    async strike({ world, letGo, seconds }) {
      await world.database.query(`ALTER DATABASE plenary SET statement_timeout = '1s'`);
      // Sessions that are open keep what was said when they began.
      await world.database.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name ~ '^(api|worker)-'`,
      );
      const lock = await world.session();
      await lock.query('SET statement_timeout = 0; BEGIN; LOCK TABLE mails IN SHARE ROW EXCLUSIVE MODE');
      letGo();
      await sleep(seconds(20, 17) * 1_000);
      await lock.end();
      await world.database.query('ALTER DATABASE plenary RESET statement_timeout');
    },
  },
];
