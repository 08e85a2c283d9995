import { Hono } from 'hono';
import { describeRoute, generateSpecs, resolver } from 'hono-openapi';
import type { Env } from '../context.ts';
import { describe, type ProblemCode, problemCodes } from '../errors.ts';
import { type Operation, type Operations, tags } from './operation.ts';
import { operations } from './operations.ts';
import { problem } from './shapes.ts';

type App = Pick<Hono<Env>, 'routes'>;
type Responses = NonNullable<Parameters<typeof describeRoute>[0]['responses']>;
export type Document = Awaited<ReturnType<typeof generateSpecs>>;

const byCaller: Record<Operation['caller'], ProblemCode[]> = {
  anyone: [],
  person: ['not_signed_in', 'session_revoked'],
  member: ['not_signed_in', 'session_revoked', 'not_a_member', 'not_found'],
  operator: ['not_signed_in', 'session_revoked', 'not_found'],
  manager: ['not_signed_in', 'session_revoked', 'not_found'],
  officer: ['not_signed_in', 'session_revoked', 'second_factor_required', 'not_found'],
  administrator: ['not_signed_in', 'session_revoked', 'second_factor_required', 'not_found'],
};

/**
 * The OpenAPI 3.1 document: paths, parameters and bodies from the app's own routes and validators, summaries, answers and
 * refusals from `operations`. It is made from a second set of routes that nobody calls.
 */
export function documentOf(app: App): Promise<Document> {
  const described = new Hono<Env>();
  for (const { method, path, handler } of app.routes) described.on(method, path, handler);
  for (const [key, operation] of Object.entries<Operation>(operations satisfies Operations)) {
    const [method = '', path = ''] = key.split(' ');
    const { tag, summary, caller } = operation;
    described.on(
      method,
      path,
      describeRoute({
        tags: [tag],
        summary,
        description: `For: ${caller}.`,
        responses: responsesOf(method, operation),
        ...(caller !== 'anyone' && { security: [{ session: [] }] }),
      }),
    );
  }
  return generateSpecs(described, {
    excludeStaticFile: false,
    defaultValidationErrorResponse: false,
    documentation: {
      info: {
        title: 'Tongka 通卡',
        version: '1',
        description: `One signed trade-union card, valid in every district.\n\n${codeTable()}`,
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      servers: [{ url: '/' }],
      tags: tags.map((name) => ({ name })),
      components: {
        securitySchemes: {
          session: { type: 'apiKey', in: 'cookie', name: 'tongka.session_token' },
        },
      },
    },
  });
}

function responsesOf(method: string, operation: Operation): Responses {
  const responses: Responses = {};
  for (const [status, body] of Object.entries(operation.answers)) {
    responses[status] = {
      description: status === '201' ? 'Made' : status === '304' ? 'Nothing new' : 'Done',
      ...(typeof body === 'string' && { content: { [body]: { schema: { type: 'string' } } } }),
      ...(typeof body === 'object' &&
        body !== null && { content: { 'application/json': { schema: resolver(body) } } }),
    };
  }
  for (const [status, codes] of Object.entries(codesByStatus(method, operation))) {
    responses[status] = {
      description: codes.map((code) => `\`${code}\`: ${describe(code).title}`).join('\n\n'),
      content: { 'application/problem+json': { schema: resolver(problem) } },
    };
  }
  return responses;
}

/** Every code that the route may answer, under its status. */
function codesByStatus(method: string, operation: Operation): Record<string, ProblemCode[]> {
  const codes = new Set<ProblemCode>([
    'invalid_request',
    ...(method === 'GET'
      ? []
      : (['invalid_json', 'foreign_origin', 'unsupported_media_type', 'body_too_large'] as const)),
    ...byCaller[operation.caller],
    ...(operation.refusals ?? []),
    'busy',
    'database_unavailable',
    'internal_error',
  ]);
  return Object.groupBy(codes, (code) => String(describe(code).status)) as Record<
    string,
    ProblemCode[]
  >;
}

/** All codes with their meaning, in the order in which one goes before another. */
function codeTable(): string {
  const rows = problemCodes.map((code) => {
    const { status, title } = describe(code);
    return `| \`${code}\` | ${status} | ${title} |`;
  });
  return ['| Code | Status | Meaning |', '|---|---|---|', ...rows].join('\n');
}
