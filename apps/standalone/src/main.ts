import { existsSync } from 'node:fs';

/** The way in of `npm start`. It loads nothing before it knows that this Node can run it. */
const NODE = 26;
const major = Number(process.versions.node.split('.')[0]);
if (major < NODE) {
  console.error(
    `Plenary needs Node ${NODE} or later and this is ${process.versions.node}. ` +
      'Start it with "npm start": npm brings the right Node along.',
  );
  process.exit(1);
}

// A person reads along here: only what they should know. The log takes its level when it is loaded.
if (existsSync('.env')) process.loadEnvFile('.env');
process.env.LOG_LEVEL ??= 'warn';

/* oxlint-disable typescript/no-require-imports, import/no-unassigned-import -- only after the check above */
require('../../../libs/platform/src/start-tracing');
const { start } = require('./standalone') as typeof import('./standalone');

start().catch((error: Error) => {
  console.error(`\nPlenary could not start. ${error.message}`);
  process.exit(1);
});
