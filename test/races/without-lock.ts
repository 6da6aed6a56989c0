/**
 * Loaded before the API (`node --require`) in the control run: places are read without their lock, so that two requests
 * can both see the last one. It shows that the race is there, and that the scenarios would notice it.
 */
import { Client } from 'pg';

type Query = (this: Client, asked: unknown, ...rest: unknown[]) => unknown;

const connection = Client.prototype as unknown as { query: Query };
const withLock = connection.query;

function careless(text: string): string {
  return /^SELECT id FROM places\b/.test(text) ? text.replace(/\bFOR UPDATE\b/, '') : text;
}

connection.query = function (asked, ...rest) {
  const { text } = (asked ?? {}) as { text?: string };
  if (typeof asked === 'string') return withLock.call(this, careless(asked), ...rest);
  return withLock.call(this, text ? { ...(asked as object), text: careless(text) } : asked, ...rest);
};
