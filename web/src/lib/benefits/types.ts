import type { InferResponseType } from 'hono/client';
import type { api } from '../api.ts';

export type BenefitList = InferResponseType<typeof api.benefits.$get, 200>;
export type BenefitItem = BenefitList['items'][number];
export type BenefitPage = InferResponseType<(typeof api.benefits)[':id']['$get'], 200>;
export type Outlet = BenefitPage['outlets'][number];
export type District = InferResponseType<typeof api.districts.$get, 200>['districts'][number];
