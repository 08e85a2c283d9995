import type { InferResponseType } from 'hono/client';
import type { api } from '#lib/api.ts';

export type ClaimPage = InferResponseType<(typeof api.benefits)[':id']['claims']['$get'], 200>;
export type Kind = ClaimPage['kind'];
export type HeldClaim = ClaimPage['own'][number];
export type OwnClaim = InferResponseType<(typeof api.claims)[':id']['$get'], 200>;
export type State = OwnClaim['state'];
export type Session = ClaimPage['sessions'][number];
export type Person = ClaimPage['people'][number];
export type Question = ClaimPage['questions'][number];
export type InboxItem = InferResponseType<typeof api.me.inbox.$get, 200>['items'][number];

/** A claim in a list: somebody else's has a holder. */
export type Listed = OwnClaim & Partial<Pick<HeldClaim, 'holder'>>;
