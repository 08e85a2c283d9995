import type { InferRequestType, InferResponseType } from 'hono/client';
import type { api } from '../api.ts';

type Benefits = (typeof api.benefits)[':id'];
type OfUnion = (typeof api.unions)[':id']['benefits'];

export type UnionInScope = InferResponseType<typeof api.unions.$get, 200>['unions'][number];
/** Whatever the data names in both languages. */
export type Named = Pick<UnionInScope, 'id' | 'nameZh' | 'nameEn'>;
export type BenefitOfUnion = InferResponseType<OfUnion['$get'], 200>['benefits'][number];
export type NewTerms = InferRequestType<OfUnion['$post']>['json'];
export type Terms = InferResponseType<Benefits['terms']['$get'], 200>;
export type OfflineTerms = NonNullable<Terms['offline']>;
export type TermsChange = InferRequestType<Benefits['terms']['$patch']>['json'];
export type Allocations = InferResponseType<Benefits['allocations']['$get'], 200>;
export type Pool = Allocations['allocations'][number];
export type Partner = InferResponseType<typeof api.partners.$get, 200>['partners'][number];
export type Redemption = InferResponseType<typeof api.redemptions.$get, 200>['redemptions'][number];
export type RedemptionFilter = Omit<
  InferRequestType<typeof api.redemptions.$get>['query'],
  'cursor' | 'limit'
>;
export type Alert = InferResponseType<typeof api.alerts.$get, 200>['alerts'][number];
export type AuditEntry = InferResponseType<typeof api.audit.$get, 200>['entries'][number];
export type Overview = InferResponseType<(typeof api.unions)[':id']['overview']['$get'], 200>;
