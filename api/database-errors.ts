import { Problem } from './errors.ts';

/** The way to the database is lost, or it is going down or coming up. */
const away = /^(08...|57P0[1-4])$/;
const awayInDriver = new Set([
  'CONNECT_TIMEOUT',
  'CONNECTION_CLOSED',
  'CONNECTION_ENDED',
  'CONNECTION_DESTROYED',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EPIPE',
  'ETIMEDOUT',
]);
/** It has too much to do, transactions met each other, or a wait ran out. */
const busy = /^(53...|57014|55P03|40001|40P01)$/;

/** What reserve() refuses: the code is its message, and which union and how much its detail. */
const money = 'TK001';

/**
 * What an unexpected error is to the caller: `database_unavailable` or `busy` when trying again can help, else
 * `internal_error`; never its text.
 */
export function asProblem(error: unknown): Problem {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : '';
    if (away.test(code) || awayInDriver.has(code)) return later('database_unavailable');
    if (code === money && 'detail' in cause) return moneyProblem(cause.message, cause.detail);
    if (busy.test(code)) return later('busy');
    if ('constraint_name' in cause && cause.constraint_name === 'session_within_codes')
      return new Problem('codes_bound');
  }
  return new Problem('internal_error');
}

/** Whether it was refused by this constraint: it alone tells which of two that do the same at once came first. */
export function breaks(error: unknown, constraint: string): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause)
    if ('constraint_name' in cause && cause.constraint_name === constraint) return true;
  return false;
}

function moneyProblem(message: string, detail: unknown): Problem {
  const code = message === 'budget_missing' ? 'budget_missing' : 'budget_short';
  const extra = typeof detail === 'string' ? (JSON.parse(detail) as Record<string, unknown>) : {};
  return new Problem(code, extra);
}

function later(code: 'busy' | 'database_unavailable'): Problem {
  return new Problem(code, {}, { 'Retry-After': '1' });
}
