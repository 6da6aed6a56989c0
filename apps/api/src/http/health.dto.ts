/** What a probe is told. */
export class HealthAnswer {
  /** `up`; a probe that is not `up` is answered with a problem. */
  status: 'up';

  /** Whether jobs can be queued. Without them mails wait for the worker's sweep, so this fails no probe. */
  queue?: 'up' | 'down';
}
