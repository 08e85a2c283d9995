import type { InferResponseType } from 'hono/client';
import type { api } from '../api.ts';

type OfUnion = (typeof api.unions)[':id'];

export type Flows = InferResponseType<OfUnion['flows']['$get'], 200>;
export type Flow = Flows['flows'][number];
export type TakeUp = InferResponseType<(typeof api.unions)[':id']['take-up']['$get'], 200>;
export type Unused = InferResponseType<OfUnion['unused']['$get'], 200>;
export type Unusual = InferResponseType<OfUnion['unusual']['$get'], 200>;
export type Unmet = InferResponseType<OfUnion['unmet']['$get'], 200>;
export type Picture = 'flows' | 'take-up' | 'unused' | 'unusual' | 'unmet';
/** Days of Beijing, both among them. */
export type Span = { from: string; to: string };
