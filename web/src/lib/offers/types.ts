import type { InferResponseType } from 'hono/client';
import type { api } from '#lib/api.ts';

export type Usage = InferResponseType<(typeof api.benefits)[':id']['usage']['$get'], 200>;
