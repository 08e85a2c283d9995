import type { InferResponseType } from 'hono/client';
import type { api } from '#lib/api.ts';

export type OutletView = InferResponseType<(typeof api.outlets)[':id']['$get'], 200>;
export type Taking = InferResponseType<
  (typeof api.partners)[':id']['redemptions']['$get'],
  200
>['redemptions'][number];
export type PartnerWhole = InferResponseType<(typeof api.partners)[':id']['$get'], 200>;
export type Application = InferResponseType<(typeof api.applications)[':id']['$get'], 200>;
export type ApplicationLine = InferResponseType<
  typeof api.applications.$get,
  200
>['applications'][number];
export type OwnApplication = InferResponseType<
  typeof api.me.applications.$get,
  200
>['applications'][number];
export type Admissions = InferResponseType<(typeof api.benefits)[':id']['partners']['$get'], 200>;
export type Admission = Admissions['admissions'][number];
export type MemberNotice = InferResponseType<typeof api.me.notices.$get, 200>['notices'][number];
