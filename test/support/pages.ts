import { buildWeb, isWebStale } from '../../api/node/build.ts';

/** Vitest's global set-up of what serves the pages: they are built once, before two files could build them at once. */
export async function setup(): Promise<void> {
  if (await isWebStale()) await buildWeb();
}
