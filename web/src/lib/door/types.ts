import type { InferResponseType } from 'hono/client';
import type { api } from '#lib/api.ts';

type Routes = typeof api;
export type Day = InferResponseType<Routes['outlets'][':id']['door']['$get'], 200>;
export type DoorSession = Day['sessions'][number];
export type DoorClaim = DoorSession['claims'][number];
export type Seen = InferResponseType<Routes['claim-sessions'][':id']['attendance']['$post'], 200>;
export type MarkPage = InferResponseType<Routes['unions'][':id']['marks']['$get'], 200>;
export type Mark = MarkPage['marks'][number];
export type OwnMarks = InferResponseType<Routes['me']['marks']['$get'], 200>;
export type Claimable = InferResponseType<
  Routes['unions'][':id']['claimable']['$get'],
  200
>['benefits'][number];
