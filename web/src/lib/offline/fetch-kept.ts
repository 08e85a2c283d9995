import { asProblem, problemOf } from '#lib/problem.ts';

const timeoutMilliseconds = 15_000;

export type Fetched = { isNew: false } | { isNew: true; etag: string; response: Response };

/** What lies at an address, or that it is still what the tag says. The browser's own cache would hide the difference. */
export async function fetchKept(address: string, etag: string | undefined): Promise<Fetched> {
  const response = await fetch(address, {
    cache: 'no-store',
    credentials: 'same-origin',
    headers: etag === undefined ? {} : { 'If-None-Match': etag },
    signal: AbortSignal.timeout(timeoutMilliseconds),
  }).catch((thrown: unknown) => {
    throw asProblem(thrown);
  });
  if (response.status === 304) return { isNew: false };
  if (!response.ok) throw await problemOf(response);
  return { isNew: true, etag: response.headers.get('ETag') ?? '', response };
}
