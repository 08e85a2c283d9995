import { expect, test } from 'vitest';
import { paths } from '../../web/src/lib/desk-paths.ts';
import { ownPath } from '../../web/src/lib/paths.ts';

// Risk: an address changes under the links, QR codes and bookmarks that point at it.
test('every address of the product', () => {
  const all = {
    signIn: [paths.signIn(), paths.signIn('/benefits?kind=gym')],
    card: paths.card(),
    benefits: [paths.benefits(), paths.benefits({ kind: 'gym', district: 7, q: '' })],
    benefit: paths.benefit('12'),
    history: paths.history(),
    settings: paths.settings(),
    mine: paths.mine({ view: 'data' }),
    counter: paths.counter(),
    counterToday: paths.counterToday(),
    counterOutlet: paths.counterOutlet(),
    counterOperators: paths.counterOperators(),
    counterTakings: paths.counterTakings({ state: 'booked' }),
    counterOutlets: paths.counterOutlets({ poster: 3, size: 'A5' }),
    takingsFile: paths.takingsFile(7, { language: 'en' }),
    apply: paths.apply(),
    counterOffline: paths.counterOffline(),
    counterPair: [paths.counterPair(), paths.counterPair('0ABC')],
    counterDevices: paths.counterDevices(),
    counterReviews: paths.counterReviews({ state: 'decided' }),
    pass: paths.pass('A B/C'),
    console: paths.console(),
    consoleBenefits: paths.consoleBenefits({ union: 1 }),
    consoleBudgets: paths.consoleBudgets({ year: 2026 }),
    burnFile: paths.burnFile(1, 2026),
    consoleNewBenefit: paths.consoleNewBenefit(),
    consoleBenefit: paths.consoleBenefit('12'),
    consoleClaims: paths.consoleClaims('12', { state: 'asked' }),
    claimantsFile: paths.claimantsFile('12', { session: 3 }),
    consoleRedemptions: paths.consoleRedemptions({ state: 'reversed', outlet: null }),
    redemptionsFile: paths.redemptionsFile({ state: 'reversed' }),
    consolePartners: paths.consolePartners({ partner: 12 }),
    consoleDevices: paths.consoleDevices(),
    consoleReviews: paths.consoleReviews({ state: 'decided', verdict: 'duplicate' }),
    consoleAlerts: paths.consoleAlerts(),
    consoleAudit: paths.consoleAudit(),
    consoleInsights: paths.consoleInsights({ tab: 'take-up' }),
    insightFile: paths.insightFile(3, 'flows', { from: '2026-11-01' }),
  } satisfies Record<keyof typeof paths, unknown>;
  expect(all).toMatchInlineSnapshot(`
    {
      "apply": "/apply",
      "benefit": "/benefits/12",
      "benefits": [
        "/benefits",
        "/benefits?kind=gym&district=7",
      ],
      "burnFile": "/api/unions/1/budgets/2026/burn.csv",
      "card": "/",
      "claimantsFile": "/api/benefits/12/claimants.csv?session=3",
      "console": "/console",
      "consoleAlerts": "/console/alerts",
      "consoleAudit": "/console/audit",
      "consoleBenefit": "/console/benefits/12",
      "consoleBenefits": "/console/benefits?union=1",
      "consoleBudgets": "/console/budgets?year=2026",
      "consoleClaims": "/console/benefits/12/claims?state=asked",
      "consoleDevices": "/console/devices",
      "consoleInsights": "/console/insights?tab=take-up",
      "consoleNewBenefit": "/console/benefits/new",
      "consolePartners": "/console/partners?partner=12",
      "consoleRedemptions": "/console/redemptions?state=reversed",
      "consoleReviews": "/console/reviews?state=decided&verdict=duplicate",
      "counter": "/counter",
      "counterDevices": "/counter/devices",
      "counterOffline": "/counter/offline",
      "counterOperators": "/counter/operators",
      "counterOutlet": "/counter/outlet",
      "counterOutlets": "/counter/outlets?poster=3&size=A5",
      "counterPair": [
        "/counter/pair",
        "/counter/pair#0ABC",
      ],
      "counterReviews": "/counter/reviews?state=decided",
      "counterTakings": "/counter/takings?state=booked",
      "counterToday": "/counter/today",
      "history": "/history",
      "insightFile": "/api/unions/3/insights/flows?from=2026-11-01",
      "mine": "/settings/mine?view=data",
      "pass": "/q/A%20B%2FC",
      "redemptionsFile": "/api/redemptions.csv?state=reversed",
      "settings": "/settings",
      "signIn": [
        "/sign-in",
        "/sign-in?next=%2Fbenefits%3Fkind%3Dgym",
      ],
      "takingsFile": "/api/partners/7/redemptions.csv?language=en",
    }
  `);
});

// Risk: a link to the sign-in that sends whoever follows it to somebody else's site.
test.each([
  ['/benefits?kind=gym', '/benefits?kind=gym'],
  [null, '/'],
  ['', '/'],
  ['https://elsewhere.example/', '/'],
  ['//elsewhere.example/', '/'],
  ['/\\elsewhere.example/', '/'],
  ['javascript:alert(1)', '/'],
])('after signing in, %s leads to %s', (next, path) => {
  expect(ownPath(next)).toBe(path);
});
