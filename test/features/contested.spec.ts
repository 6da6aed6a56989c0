import type { CallHandler, ExecutionContext } from '@nestjs/common';
import { defer, lastValueFrom } from 'rxjs';
import { startApi, type TestApi } from '../support/api';
import { publishDialogue } from '../support/participants';

let api: TestApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());

const newDelegation = async (dialogueId: string, organisation: string): Promise<string> =>
  (await api.request('POST', `/v1/dialogues/${dialogueId}/delegations`, { organisation, seats: 2 })).json()
    .id;

/** Waits until somebody waits for a lock. */
async function untilWaiting(): Promise<void> {
  for (;;) {
    const rows = await api.dataSource.query(
      `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
    );
    if (rows.length > 0) return;
  }
}

test('a link that is renewed or revoked while its delegation is deleted was answered with 500', async () => {
  const { id } = await publishDialogue(api);
  for (const method of ['POST', 'DELETE'] as const) {
    const delegation = await newDelegation(id, `Organisation ${method}`);
    const other = api.dataSource.createQueryRunner();
    await other.startTransaction();
    await other.query('SELECT FROM delegations WHERE id = $1 FOR UPDATE', [delegation]);
    const link = api.request(method, `/v1/delegations/${delegation}/link`);
    await untilWaiting();
    await other.query('DELETE FROM places WHERE delegation_id = $1', [delegation]);
    await other.query('DELETE FROM delegations WHERE id = $1', [delegation]);
    await other.commitTransaction();
    await other.release();
    const answer = await link;
    expect([method, answer.statusCode, answer.json().code]).toEqual([method, 404, 'not_found']);
  }
});

test('a delegation that is read while it is deleted was answered with 500', async () => {
  const { id } = await publishDialogue(api);
  const delegation = await newDelegation(id, 'Deleted while it is read');
  // The reader waits in its middle, after it found whose the delegation is and before it reads it.
  const other = api.dataSource.createQueryRunner();
  await other.startTransaction();
  await other.query('LOCK TABLE dialogue_roles IN ACCESS EXCLUSIVE MODE');
  const reading = api.request('GET', `/v1/delegations/${delegation}`);
  await untilWaiting();
  await other.query('DELETE FROM places WHERE delegation_id = $1', [delegation]);
  await other.query('DELETE FROM delegations WHERE id = $1', [delegation]);
  await other.commitTransaction();
  await other.release();
  const answer = await reading;
  expect([answer.statusCode, answer.json().code]).toEqual([404, 'not_found']);
});

test('a dialogue that is copied while a delegation is added was answered with 500', async () => {
  const { id } = await publishDialogue(api);
  await newDelegation(id, 'There before');
  // The copy waits in its middle, after it was begun and before it reads delegations and places.
  const other = api.dataSource.createQueryRunner();
  await other.startTransaction();
  await other.query('LOCK TABLE agenda_sessions IN ACCESS EXCLUSIVE MODE');
  const copying = api.request('POST', `/v1/dialogues/${id}/copies`, { starts_at_local: '2061-01-28T11:00' });
  await untilWaiting();
  await other.query(
    `WITH added AS (INSERT INTO delegations (dialogue_id, organisation) VALUES ($1, 'Added meanwhile') RETURNING id)
     INSERT INTO places (dialogue_id, scope, delegation_id, places) SELECT $1, 'delegation', id, 1 FROM added`,
    [id],
  );
  await other.commitTransaction();
  await other.release();
  const answer = await copying;
  expect([answer.statusCode, answer.json().code]).toEqual([201, undefined]);
  const copied = await api.request('GET', `/v1/dialogues/${answer.json().id}/delegations`);
  expect(copied.json().items.map(({ name }: { name: string }) => name)).toEqual(['There before']);
});

test('deadlocks and rows in the way of each other were answered with 503 and 500', async () => {
  const { ContestedInterceptor } =
    require('../../apps/api/src/http/contested.interceptor') as typeof import('../../apps/api/src/http/contested.interceptor');
  const { toProblem } =
    require('../../apps/api/src/http/problem.filter') as typeof import('../../apps/api/src/http/problem.filter');
  const host = {
    switchToHttp: () => ({ getResponse: () => ({ sent: false }) }),
  } as unknown as ExecutionContext;
  /** What comes of a handler that fails so often with this SQLSTATE, and how often it was tried. */
  const play = async (code: string, failures: number) => {
    let tried = 0;
    const next: CallHandler = {
      handle: () =>
        defer(() => {
          tried += 1;
          if (tried <= failures) throw Object.assign(new Error('refused'), { code });
          return Promise.resolve('done');
        }),
    };
    const outcome = await lastValueFrom(new ContestedInterceptor().intercept(host, next)).catch(
      (error: unknown) => toProblem(error).status,
    );
    return [outcome, tried];
  };
  for (const code of ['40P01', '40001', '23503', '23505']) expect(await play(code, 3)).toEqual(['done', 4]);
  expect(await play('40P01', 9)).toEqual([503, 4]);
  expect(await play('23503', 9)).toEqual([409, 4]);
  // What took too long takes as long again.
  expect(await play('55P03', 1)).toEqual([503, 1]);
  expect(await play('XX000', 1)).toEqual([500, 1]);
});
