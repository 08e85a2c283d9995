import type { InferRequestType, InferResponseType } from 'hono/client';
import type { api } from '../../api.ts';

type Of = (typeof api.benefits)[':id'];

export type Desk = InferResponseType<Of['claim-terms']['$get'], 200>;
export type Terms = NonNullable<Desk['terms']>;
export type Session = Desk['sessions'][number];
export type Wave = Desk['waves'][number];
export type TermsForm = InferRequestType<Of['claim-terms']['$put']>['json'];
export type NewSession = InferRequestType<Of['sessions']['$post']>['json']['sessions'][number];
export type NewWave = InferRequestType<Of['waves']['$post']>['json'];
export type Claimant = InferResponseType<Of['claimants']['$get'], 200>['claimants'][number];
export type ClaimState = Claimant['state'];
export type Drop = InferResponseType<Of['drop']['$get'], 200>;
export type Kind = Terms['kind'];
