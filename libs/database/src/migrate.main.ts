import { migrate } from './migrate';

/** The command `npm run migrate`: brings the database of `DATABASE_URL` to the schema of this version. */
async function main(): Promise<void> {
  const url = process.env.DATABASE_URL;
  if (!url) throw new Error('DATABASE_URL is not set; give the URL of the database to migrate.');
  const migrated = await migrate(url);
  for (const name of migrated) console.log(`migrated ${name}`);
  console.log('The schema is up to date. Next: start the API and the worker.');
}

main().catch((error: Error) => {
  console.error(`Not migrated: ${error.message}`);
  process.exit(1);
});
