import type { InferResponseType } from 'hono/client';
import type { api } from './api.ts';

/** Who is signed in, and what they are here for. */
export type SessionFacts = InferResponseType<typeof api.session.$get, 200>;
