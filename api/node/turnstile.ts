import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { Problem, problemDocument } from '../errors.ts';

/** What is wanted has few fields; what is longer goes the whole way and is refused there. */
const bytesMax = 4_096;
const busy = new Problem('busy');

/** Where one asks for a unit of a benefit (`PUT` below `path`), and who knows whether there is room to wait for one. */
export type Door = {
  path: string;
  batcher: { isRushed: boolean; hasRoom: (benefit: number) => boolean };
};

/**
 * Turns away who wants a benefit that has no room before anything is made of the request: in a rush most of them are, and
 * taking each one through the app to be refused there would leave no time for those who want another benefit (I21). While
 * nobody is turned away it looks at nothing.
 */
export function turnstile(doors: readonly Door[], listener: RequestListener): RequestListener {
  return (request, response) => {
    const door = doors.find(({ path, batcher }) => batcher.isRushed && isAt(path, request));
    if (!door) return listener(request, response);
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.once('end', () => {
      const body = Buffer.concat(pieces);
      const benefit = wantedIn(body);
      if (benefit !== null && !door.batcher.hasRoom(benefit)) return turnAway(response);
      listener(Object.assign(request, { rawBody: body }), response);
    });
  };
}

function isAt(path: string, { method, url, headers }: IncomingMessage): boolean {
  const length = Number(headers['content-length']);
  return method === 'PUT' && url?.startsWith(path) === true && length > 0 && length <= bytesMax;
}

/** As its text says; whether the text is what it should be is judged by the app. */
function wantedIn(body: Buffer): number | null {
  const [, digits] = /"benefit"\s*:\s*(\d{1,10})\b/.exec(body.toString('latin1')) ?? [];
  return digits === undefined ? null : Number(digits);
}

function turnAway(response: ServerResponse): void {
  const document = JSON.stringify(problemDocument(busy, crypto.randomUUID()));
  const headers = {
    'Content-Type': 'application/problem+json',
    'Content-Length': Buffer.byteLength(document),
    'Cache-Control': 'no-store',
    'Retry-After': '1',
  };
  response.writeHead(503, headers).end(document);
}
