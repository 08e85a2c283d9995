import { expect, test } from 'vitest';
import { asProblem, problemOf } from '../../web/src/lib/problem.ts';

const json = (status: number, body: unknown) => Response.json(body, { status });

// Risk: a refusal that reaches the person as "something went wrong".
test.each([
  ['a problem document', json(409, { code: 'cap_below_used', used: 3 }), 'cap_below_used'],
  ['better-auth’s capitals', json(400, { code: 'INVALID_OTP' }), 'invalid_otp'],
  ['a page of some proxy', new Response('<html>', { status: 503 }), 'busy'],
  ['an empty 401', new Response(null, { status: 401 }), 'not_signed_in'],
  ['a code that is no word', json(500, { code: 7 }), 'internal_error'],
  ['null', json(404, null), 'not_found'],
  ['too many', new Response('', { status: 429 }), 'too_many_attempts'],
])('%s', async (_name, response, code) => {
  const problem = await problemOf(response);
  expect(problem.code).toBe(code);
  expect(problem.status).toBe(response.status);
});

test('what came with the refusal is kept', async () => {
  const { facts } = await problemOf(json(409, { code: 'cap_below_used', used: 3 }));
  expect(facts['used']).toBe(3);
});

test('no answer at all is told apart from a slow one, and a defect is not hidden', () => {
  expect(asProblem(new TypeError('Failed to fetch'))).toMatchObject({ code: 'offline', status: 0 });
  const slow = asProblem(new DOMException('', 'TimeoutError'));
  expect(slow).toMatchObject({ code: 'timeout', isUnreachable: true });
  expect(() => asProblem(new RangeError('ours'))).toThrow(RangeError);
});
