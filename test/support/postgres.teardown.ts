import { rm } from 'node:fs/promises';

/** Jest's globalTeardown. */
export default async function tearDown(): Promise<void> {
  const server = globalThis.plenaryTestPostgres;
  if (!server) return;
  await server.kill();
  globalThis.plenaryTestPostgres = undefined;
  await rm(server.dataDirectory, { recursive: true, force: true });
}
