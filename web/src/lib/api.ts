import type { ClientResponse } from 'hono/client';
import type { ClientErrorStatusCode, ServerErrorStatusCode } from 'hono/utils/http-status';
import { client } from './client.ts';
import { asProblem, problemOf, type Problem } from './problem.ts';

const timeoutMilliseconds = 15_000;

async function send(address: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(address, {
      ...init,
      credentials: 'same-origin',
      signal: init.signal ?? AbortSignal.timeout(timeoutMilliseconds),
    });
  } catch (thrown) {
    throw asProblem(thrown);
  }
}

/** Every call of the server, typed by the server itself: `ask(api.session.$get())`. */
export const api = client(send).api;

type Body<Answer> =
  Answer extends ClientResponse<infer Content, infer Status, string>
    ? Status extends ClientErrorStatusCode | ServerErrorStatusCode
      ? never
      : Content
    : never;

/** The answer's body, or a thrown Problem. A session that is over is told to whoever listens. */
export async function ask<Answer extends ClientResponse<unknown, number, string>>(
  answer: Promise<Answer>,
): Promise<Body<Answer>> {
  const response = await answer;
  if (!response.ok) throw await told(response as unknown as Response);
  if (response.status === 204) return undefined as Body<Answer>;
  return (await response.json()) as Body<Answer>;
}

/** The same for routes outside the typed application, which are better-auth's own. */
export async function post<Content>(path: string, body: unknown = {}): Promise<Content> {
  const response = await send(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw await told(response);
  return (await response.json()) as Content;
}

type Listener = (problem: Problem) => void;
const sessionOver = new Set(['not_signed_in', 'session_revoked']);
const signedOut = new Set<Listener>();

/** Calls back when the server no longer knows the session; returns how to stop. */
export function onSignedOut(listener: Listener): () => void {
  signedOut.add(listener);
  return () => signedOut.delete(listener);
}

async function told(response: Response): Promise<Problem> {
  const problem = await problemOf(response);
  if (sessionOver.has(problem.code)) for (const listener of signedOut) listener(problem);
  return problem;
}
