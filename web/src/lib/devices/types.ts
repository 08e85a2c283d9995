import type { InferResponseType } from 'hono/client';
import type { api } from '../api.ts';

export type Device = InferResponseType<typeof api.devices.$get, 200>['devices'][number];
export type Invitation = InferResponseType<(typeof api.outlets)[':id']['pairings']['$post'], 201>;
