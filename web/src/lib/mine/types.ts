import type { InferResponseType } from 'hono/client';
import type { api } from '#lib/api.ts';

export type Proxies = InferResponseType<typeof api.me.proxies.$get, 200>;
export type Mandate = InferResponseType<typeof api.me.mandates.$get, 200>['mandates'][number];
export type OwnTransfer = InferResponseType<typeof api.me.transfers.$get, 200>['transfers'][number];
export type CarriedCard = InferResponseType<(typeof api.me.mandates)[':id']['passes']['$get'], 200>;
export type OwnData = InferResponseType<typeof api.me.data.$get, 200>;
export type PrintableMember = InferResponseType<
  (typeof api.members)[':id']['printed-card']['$get'],
  200
>;
/** One card as it is printed. */
export type PrintedCard = InferResponseType<
  (typeof api.unions)[':id']['printed-cards']['$get'],
  200
>['cards'][number];
