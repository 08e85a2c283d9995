import type { InferResponseType } from 'hono/client';
import type { api } from '#lib/api.ts';

type OfYear = (typeof api.unions)[':id']['budgets'][':year'];

export type Budget = InferResponseType<OfYear['$get'], 200>['budgets'][number];
export type Burn = InferResponseType<OfYear['burn']['$get'], 200>;
