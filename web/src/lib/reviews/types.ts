import type { InferResponseType } from 'hono/client';
import type { api } from '../api.ts';

type Items = (typeof api)['offline-items'];

export type ReviewItem = InferResponseType<Items['$get'], 200>['items'][number];
export type Verdict = ReviewItem['verdict'];
export type Decision = NonNullable<ReviewItem['decision']>;
