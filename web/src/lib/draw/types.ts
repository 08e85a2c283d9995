import type { InferResponseType } from 'hono/client';
import type { api } from '../api.ts';

export type Draw = InferResponseType<(typeof api.benefits)[':id']['draw']['$get'], 200>;
export type Prize = Draw['prizes'][number];
export type Winner = Draw['winners'][number];
export type Chance = Draw['chances'][number];
export type OwnEntry = NonNullable<Draw['own']>;
