import { AsyncLocalStorage } from 'node:async_hooks';

/** Who does what is being done now, and under which id it is logged. */
export interface Context {
  requestId?: string;
  jobId?: string;
  /** For the audit line: `organiser:<id>`, `link:<id>`, `public`, `worker`. */
  actor?: string;
  /** Address of origin of the request. */
  origin?: string;
}

/** The context of the request or job that is running; entered by the API's hook and the worker's processors. */
export const context = new AsyncLocalStorage<Context>();
