import { Problem } from './errors.ts';

/** Connection trouble, a server going down, conflicts between transactions, and waits that ran out. */
const passing = /^(08...|53...|57P0[1-4]|57014|55P03|40001|40P01)$/;
const passingInDriver = new Set([
  'CONNECT_TIMEOUT',
  'CONNECTION_CLOSED',
  'CONNECTION_ENDED',
  'CONNECTION_DESTROYED',
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
]);

/** What an unexpected error is to the caller: `busy` when trying again can help, else `internal_error`; never its text. */
export function asProblem(error: unknown): Problem {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : '';
    if (passing.test(code) || passingInDriver.has(code))
      return new Problem('busy', {}, { 'Retry-After': '1' });
  }
  return new Problem('internal_error');
}
