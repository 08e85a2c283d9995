import { api, ask } from '#lib/api.ts';
import { asProblem, problemOf } from '#lib/problem.ts';
import type { Import } from './types.ts';

const triesMax = 4;
/** So that a slow line is full while an answer is on its way. */
const atOnce = 3;

/**
 * Sends what the server does not have yet of a file, and then that it is all there. A part that was lost on the way is sent
 * again; after a closed tab the same file goes on where it stopped.
 */
export async function upload(
  file: File,
  one: Import,
  onProgress: (share: number) => void,
): Promise<Import> {
  const parts = Math.ceil(file.size / one.partBytes);
  const digests: Uint8Array[] = [];
  const here = new Set(one.parts);
  let next = 0;
  let sent = 0;
  const send = async (): Promise<void> => {
    for (let number = next++; number < parts; number = next++) {
      const from = number * one.partBytes;
      const bytes = new Uint8Array(await file.slice(from, from + one.partBytes).arrayBuffer());
      digests[number] = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
      if (!here.has(number)) await putPart(one.id, number, bytes);
      onProgress(++sent / parts);
    }
  };
  try {
    await Promise.all(Array.from({ length: atOnce }, send));
  } finally {
    // Of one that failed, the others begin no further part.
    next = parts;
  }
  const all = new Uint8Array(digests.flatMap((digest) => [...digest]));
  const digest = hex(new Uint8Array(await crypto.subtle.digest('SHA-256', all)));
  return ask(api.imports[':id'].upload.$post({ param: { id: one.id }, json: { digest } }));
}

async function putPart(id: string, number: number, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      const answer = await fetch(`/api/imports/${id}/parts/${number}`, {
        method: 'PUT',
        body: bytes,
        credentials: 'same-origin',
        signal: AbortSignal.timeout(30_000),
      });
      if (answer.ok) return;
      if (answer.status < 500) throw await problemOf(answer);
    } catch (thrown) {
      const problem = asProblem(thrown);
      if (tries === triesMax || (problem.code !== 'offline' && problem.code !== 'timeout'))
        throw problem;
    }
    if (tries === triesMax) throw asProblem(new TypeError('The part did not arrive.'));
  }
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
