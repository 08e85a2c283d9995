import type { InferRequestType, InferResponseType } from 'hono/client';
import type { api } from '#lib/api.ts';

type Routes = typeof api;
export type Import = InferResponseType<Routes['imports'][':id']['$get'], 200>;
export type ImportLine = InferResponseType<
  Routes['unions'][':id']['imports']['$get'],
  200
>['imports'][number];
export type MemberPage = InferResponseType<
  Routes['unions'][':id']['members']['search']['$post'],
  200
>;
export type MemberLine = MemberPage['members'][number];
export type Member = InferResponseType<Routes['members'][':id']['$get'], 200>;
export type Transfers = InferResponseType<Routes['unions'][':id']['transfers']['$get'], 200>;
export type Transfer = Transfers['asked'][number];
export type Leaver = InferRequestType<
  Routes['unions'][':id']['leavers']['$post']
>['json']['leavers'][number];
export type LeaverAnswer = InferResponseType<
  Routes['unions'][':id']['leavers']['$post'],
  200
>['answers'][number];
type AffectedRoute = Routes['imports'][':id']['people']['$get'];
export type Affected = InferResponseType<AffectedRoute, 200>['people'][number];
export type AffectedGroup = InferRequestType<AffectedRoute>['query']['group'];
export type RowProblem = InferResponseType<
  Routes['imports'][':id']['rejected']['$get'],
  200
>['rejected'][number]['problem'];
export type Field = keyof NonNullable<Import['columns']>;
