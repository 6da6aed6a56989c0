// The unit rules alone: no PostgreSQL is started for them, so that they answer in a second.
const { globalSetup, globalTeardown, ...shared } = require('./jest.config.json');

module.exports = {
  ...shared,
  testMatch: ['<rootDir>/{apps,libs,test}/**/*.rules.spec.ts', '<rootDir>/test/architecture.spec.ts'],
};
