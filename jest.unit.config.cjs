// The pure rules alone: no PostgreSQL, Redis or browser is started for them, and no module of NestJS, so that they answer in seconds.
const { globalSetup, globalTeardown, ...shared } = require('./jest.config.json');

module.exports = {
  ...shared,
  testMatch: ['<rootDir>/{apps,libs,test}/**/*.rules.spec.ts'],
  // They read every zone there is, and every sentence in six languages: `npm test` has them.
  testPathIgnorePatterns: ['vtimezone.rules', 'catalogs.rules'],
};
