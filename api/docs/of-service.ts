import * as z from 'zod';
import type { Operations } from './operation.ts';
import { instant } from './shapes.ts';

const tag = 'Service';

const keys = z.array(
  z.object({
    kid: z.string(),
    alg: z.string(),
    use: z.string(),
    kty: z.string().optional(),
    crv: z.string().optional(),
    x: z.string().optional(),
    y: z.string().optional(),
  }),
);

export const ofService = {
  'GET /api/health': {
    tag,
    summary: 'Whether the process answers; touches nothing',
    caller: 'anyone',
    answers: { 200: z.object({ status: z.string() }) },
  },
  'GET /api/health/ready': {
    tag,
    summary: 'Whether the database answers, with its time',
    caller: 'anyone',
    answers: { 200: z.object({ status: z.string(), now: instant.optional() }) },
  },
  'GET /.well-known/jwks.json': {
    tag,
    summary: 'The public keys of passes (RFC 7517)',
    caller: 'anyone',
    answers: { 200: z.object({ keys }), 304: null },
  },
  'GET /api/openapi.json': {
    tag,
    summary: 'This document',
    caller: 'anyone',
    answers: { 200: z.looseObject({ openapi: z.string() }) },
  },
  'GET /api/docs': {
    tag,
    summary: 'This document, to read',
    caller: 'anyone',
    answers: { 200: 'text/html' },
  },
} satisfies Operations;
