import type { InferResponseType } from 'hono/client';
import type { api } from '#lib/api.ts';

export type Scan = InferResponseType<typeof api.scans.$post, 200>;
export type Offer = Scan['benefits'][number];
export type Receipt = InferResponseType<(typeof api.redemptions)[':id']['$put'], 200>;
export type Today = InferResponseType<(typeof api.outlets)[':id']['redemptions']['$get'], 200>;
export type Use = Today['items'][number];
