import { Hono } from 'hono';
import { HTTPException } from 'hono/http-exception';
import { secureHeaders } from 'hono/secure-headers';
import { alerts } from './alerts/routes.ts';
import { allocations } from './allocations/routes.ts';
import { applications } from './applications/routes.ts';
import { audit } from './audit/routes.ts';
import { benefits } from './benefits/routes.ts';
import { terms } from './benefits/terms-routes.ts';
import { budgets } from './budgets/routes.ts';
import { bodySize } from './body-size.ts';
import { cardBlocks } from './cards/block-routes.ts';
import { printedCards } from './cards/print-routes.ts';
import { cards } from './cards/routes.ts';
import { draws } from './claims/draw-routes.ts';
import { door } from './claims/door-routes.ts';
import { claimDesk } from './claims/desk-routes.ts';
import { claims } from './claims/routes.ts';
import { cardStatusList } from './cards/status-routes.ts';
import type { Env } from './context.ts';
import { asProblem } from './database-errors.ts';
import { devices } from './devices/routes.ts';
import { addDocs, pagePolicy } from './docs/add.ts';
import { Problem, problemResponse } from './errors.ts';
import { health } from './health/routes.ts';
import { insights } from './insights/routes.ts';
import { rooms } from './rooms/routes.ts';
import { requestLog } from './request-log.ts';
import { ownData } from './members/own-routes.ts';
import { offline } from './offline/routes.ts';
import { notices } from './notices/routes.ts';
import { imports } from './imports/routes.ts';
import { members } from './members/routes.ts';
import { offers } from './offers/routes.ts';
import { operators } from './operators/routes.ts';
import { partners } from './partners/routes.ts';
import { people } from './people/routes.ts';
import { proposals } from './proposals/routes.ts';
import { proxies } from './proxies/routes.ts';
import { wellKnown } from './passes/routes.ts';
import { redemptionList } from './redemptions/list-routes.ts';
import { ownRedemptions } from './redemptions/own-routes.ts';
import { redemptions } from './redemptions/routes.ts';
import { sameOrigin } from './same-origin.ts';
import { scans } from './scans/routes.ts';
import { actor } from './sessions/actor.ts';
import { demo } from './sessions/demo-routes.ts';
import { sessions } from './sessions/routes.ts';
import { trials } from './trials/routes.ts';
import { settlements } from './settlements/routes.ts';
import { unions } from './unions/routes.ts';

/** The whole API, the same on every runtime; a shell calls `app.fetch(request, services)`. */
export const app = new Hono<Env>()
  .use(async (c, next) => {
    c.set('requestId', crypto.randomUUID());
    c.set('actor', null);
    await next();
    // Not c.header(): after the answer it copies it, and the copy is a stream.
    c.res.headers.set('X-Request-Id', c.get('requestId'));
  })
  .use(requestLog)
  .use('/api/docs', pagePolicy)
  .use(
    '/api/*',
    secureHeaders({
      contentSecurityPolicy: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
      strictTransportSecurity: 'max-age=31536000; includeSubDomains',
      xFrameOptions: 'DENY',
      referrerPolicy: 'no-referrer',
    }),
  )
  .use(sameOrigin)
  .use(bodySize)
  // Asks nobody who calls.
  .route('/api', health)
  .use('/api/*', actor)
  .route('/api', sessions)
  .route('/api', demo)
  .route('/api', unions)
  .route('/api', insights)
  .route('/', wellKnown)
  .route('/api', cards)
  .route('/api', printedCards)
  .route('/api', proxies)
  .route('/api', ownData)
  .route('/api', scans)
  .route('/api', redemptions)
  .route('/api', ownRedemptions)
  .route('/api', benefits)
  .route('/api', claims)
  .route('/api', draws)
  .route('/api', door)
  .route('/api', rooms)
  .route('/api', offers)
  .route('/api', claimDesk)
  .route('/api', terms)
  .route('/api', allocations)
  .route('/api', budgets)
  .route('/api', partners)
  .route('/api', operators)
  .route('/api', applications)
  .route('/api', trials)
  .route('/api', notices)
  .route('/api', redemptionList)
  .route('/api', cardBlocks)
  .route('/api', alerts)
  .route('/api', devices)
  .route('/api', cardStatusList)
  .route('/api', offline)
  .route('/api', people)
  .route('/api', proposals)
  .route('/api', imports)
  .route('/api', members)
  .route('/api', settlements)
  .route('/api', audit);

addDocs(app);

app.notFound((c) => problemResponse(new Problem('not_found'), c.get('requestId')));

app.onError((error, c) => {
  const problem = error instanceof Problem ? error : (asHttp(error) ?? asProblem(error));
  if (problem.code === 'internal_error') c.env.log.error(error, c.get('requestId'));
  return problemResponse(problem, c.get('requestId'));
});

/** Hono's own exceptions, which its JSON parser raises. */
function asHttp(error: Error): Problem | undefined {
  if (!(error instanceof HTTPException)) return undefined;
  if (error.status === 400) return new Problem('invalid_json');
  if (error.status === 413) return new Problem('body_too_large');
  return undefined;
}

export type Api = typeof app;
