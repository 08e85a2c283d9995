// Risk: what waits for an answer piles up without end, or who is turned away is not told when to come back (I21).
import { expect, test } from 'vitest';
import { Bounded } from '../../api/node/bounded.ts';

const request = new Request('http://localhost/api/session');

test('so many at once and no more, and the next one when there is room again', async () => {
  const bounded = new Bounded(2);
  const gates = [Promise.withResolvers<Response>(), Promise.withResolvers<Response>()];
  const waiting = gates.map((gate) => bounded.answer(request, () => gate.promise));
  const asked: string[] = [];
  const ask = () =>
    bounded.answer(request, () => {
      asked.push('asked');
      return new Response('answered');
    });
  const refused = await ask();
  expect([refused.status, refused.headers.get('Retry-After')]).toEqual([503, '1']);
  expect(await refused.json()).toMatchObject({ code: 'busy', status: 503 });
  expect(asked).toEqual([]);
  gates[0]?.resolve(new Response('first'));
  await waiting[0];
  expect(await (await ask()).text()).toBe('answered');
  // One that fails makes room as well.
  gates[1]?.reject(new Error('It failed.'));
  await expect(waiting[1]).rejects.toThrow('It failed.');
  expect((await Promise.all([ask(), ask()])).map(({ status }) => status)).toEqual([200, 200]);
});
