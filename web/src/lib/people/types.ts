import type { InferResponseType } from 'hono/client';
import type { api } from '../api.ts';

export type People = InferResponseType<(typeof api.unions)[':id']['people']['$get'], 200>;
export type Officer = People['officers'][number];
export type Invitation = People['invitations'][number];
export type Role = Officer['role'];
export type LoginSession = InferResponseType<typeof api.me.sessions.$get, 200>['sessions'][number];
export type Proposal = InferResponseType<typeof api.proposals.$get, 200>['proposals'][number];
export type Verification = InferResponseType<
  (typeof api.unions)[':id']['audit']['verification']['$get'],
  200
>;
