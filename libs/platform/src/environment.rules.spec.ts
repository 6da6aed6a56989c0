import { readEnvironment } from './environment';

const complete = {
  DATABASE_URL: 'postgres://plenary@localhost/plenary',
  SMTP_URL: 'smtp://localhost:25',
  MAIL_FROM: 'secretariat@plenary.example',
  PUBLIC_URL: 'https://plenary.example',
  LINK_KEY: 'k'.repeat(32),
};

describe('the environment', () => {
  it('has defaults for what may be left out or left empty', () => {
    expect(readEnvironment({ ...complete, REDIS_URL: '', PORT: '' })).toMatchObject({
      PORT: 3000,
      CHANGE_GATHERING_SECONDS: 180,
      REDIS_URL: undefined,
    });
  });

  it('reads numbers', () => {
    expect(readEnvironment({ ...complete, PORT: '8080', SWEEP_SECONDS: '0.5' })).toMatchObject({
      PORT: 8080,
      SWEEP_SECONDS: 0.5,
    });
  });

  it('refuses to go on and names every variable that is missing or wrong', () => {
    expect(() =>
      readEnvironment({ ...complete, LINK_KEY: 'short', DATABASE_URL: undefined, PORT: 'x' }),
    ).toThrow(/DATABASE_URL must be.*|PORT must.*|LINK_KEY must have at least 32/);
    for (const name of Object.keys(complete)) {
      expect(() => readEnvironment({ ...complete, [name]: undefined })).toThrow(name);
    }
  });
});
