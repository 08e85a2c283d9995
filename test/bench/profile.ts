import type { Profiler } from 'node:inspector';

/** Shares of the time that was not spent waiting, by area, the greatest first. */
export type Profile = { area: string; share: number }[];

/** The first that fits the place of the code. */
const areas: [area: string, fits: RegExp][] = [
  ['garbage collection', /^\(garbage collector\)/],
  ['tickets and cookies (noble, jose, better-auth)', /noble|jose|better-auth|internal\/crypto/],
  ['HTTP adaptor (@hono/node-server, undici)', /@hono\/node-server|undici|internal\/webstreams/],
  ['database driver (postgres.js) and its socket', /node_modules\/postgres/],
  ['HTTP and sockets (node:http, node:net)', /node:(_?http|net|internal\/(http|streams?|stream_))/],
  ['checking shapes (zod)', /zod/],
  ['routes and middleware (hono)', /node_modules\/hono/],
  ['api/', /\/api\//],
  ['db/', /\/db\//],
];

/** Waiting, and the profiler's own start. */
const notServing = /^\(idle\)|node:inspector/;

/** What every part calls, and what has no place: counted for whoever called it. */
const lent = / $|node:(buffer|events|internal\/(util|encoding|process|timers|stream_base))/;

/** Sums up a sampled profile by the code that was running, or that had called what was. */
export function profileOf({ nodes, samples = [], timeDeltas = [] }: Profiler.Profile): Profile {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const parents = new Map(nodes.flatMap(({ id, children = [] }) => children.map((c) => [c, id])));
  const placeOf = (id: number): string => {
    const { functionName = '', url = '' } = byId.get(id)?.callFrame ?? {};
    const place = `${functionName} ${url}`;
    const parent = parents.get(id);
    const isItsOwn = place.startsWith('(') || !lent.test(place) || parent === undefined;
    return isItsOwn ? place : placeOf(parent);
  };
  const times = new Map<string, number>();
  let total = 0;
  for (const [i, id] of samples.entries()) {
    const place = placeOf(id);
    if (notServing.test(place)) continue;
    const area = areas.find(([, fits]) => fits.test(place))?.[0] ?? 'the rest of Node and V8';
    times.set(area, (times.get(area) ?? 0) + (timeDeltas[i] ?? 0));
    total += timeDeltas[i] ?? 0;
  }
  return [...times]
    .map(([area, time]) => ({ area, share: time / total }))
    .toSorted((a, b) => b.share - a.share);
}
