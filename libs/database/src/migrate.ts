import { createDataSource } from './data-source';

/** The command `npm run migrate`: brings the database of `DATABASE_URL` to the schema of this version. */
async function main(): Promise<void> {
  const url = process.env.DATABASE_URL;
  if (!url) throw new Error('DATABASE_URL is not set; give the URL of the database to migrate.');
  const dataSource = createDataSource(url, 1);
  await dataSource.initialize();
  try {
    const done = await dataSource.runMigrations();
    for (const migration of done) console.log(`migrated ${migration.name}`);
    console.log(
      done.length > 0
        ? 'The schema is up to date. Next: start the API and the worker.'
        : 'Nothing to migrate.',
    );
  } finally {
    await dataSource.destroy();
  }
}

main().catch((error: Error) => {
  console.error(`Not migrated: ${error.message}`);
  process.exit(1);
});
