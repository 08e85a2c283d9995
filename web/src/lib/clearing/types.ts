import type { InferResponseType } from 'hono/client';
import type { api } from '../api.ts';

type Statements = typeof api.statements;

export type Period = InferResponseType<typeof api.periods.$get, 200>['periods'][number];
export type Statement = InferResponseType<Statements['$get'], 200>['statements'][number];
export type StatementDetail = InferResponseType<Statements[':id']['$get'], 200>;
export type Suspension = StatementDetail['suspensions'][number];
export type Dispute = StatementDetail['disputes'][number];
export type Line = InferResponseType<Statements[':id']['lines']['$get'], 200>['lines'][number];
export type Decision = 'accept' | 'decline' | 'withdraw' | 'uphold' | 'dismiss';
