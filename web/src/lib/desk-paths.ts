import { at, part, paths as own, type Query } from './paths.ts';

/** Every address: besides those of the member's screens, which load no others, the counter's and the desk's. */
export const paths = {
  ...own,

  counterToday: () => '/counter/today',
  counterDoor: (query?: Query) => at('/counter/door', query),
  counterOutlet: (next?: string) => at('/counter/outlet', { next }),
  counterOperators: () => '/counter/operators',
  counterDevices: () => '/counter/devices',
  counterReviews: (query?: Query) => at('/counter/reviews', query),
  counterTakings: (query?: Query) => at('/counter/takings', query),
  counterOutlets: (query?: Query) => at('/counter/outlets', query),
  takingsFile: (partner: number, query?: Query) =>
    at(`/api/partners/${partner}/redemptions.csv`, query),
  counterStatements: (query?: Query) => at('/counter/statements', query),
  counterStatement: (id: number) => `/counter/statements/${id}`,
  counterOffline: () => '/counter/offline',
  // In the fragment, so that no server and no log ever sees it.
  counterPair: (code?: string) => `/counter/pair${code === undefined ? '' : `#${part(code)}`}`,
  consoleBenefits: (query?: Query) => at('/console/benefits', query),
  consoleNewBenefit: () => '/console/benefits/new',
  consoleBenefit: (id: string) => `/console/benefits/${part(id)}`,
  consoleSession: (id: number) => `/console/sessions/${id}`,
  consoleClaims: (id: string, query?: Query) => at(`/console/benefits/${part(id)}/claims`, query),
  claimantsFile: (id: string, query?: Query) =>
    at(`/api/benefits/${part(id)}/claimants.csv`, query),
  consoleDraw: (id: string) => `/console/benefits/${part(id)}/draw`,
  draw: (id: string) => `/benefits/${part(id)}/draw`,
  drawListFile: (id: string) => `/api/benefits/${part(id)}/draw/list`,
  drawChancesFile: (id: string) => `/api/benefits/${part(id)}/draw/chances.csv`,
  offerFile: (benefit: number) => `/api/benefits/${benefit}/usage.csv`,
  consoleBudgets: (query?: Query) => at('/console/budgets', query),
  burnFile: (union: number, year: number) => `/api/unions/${union}/budgets/${year}/burn.csv`,
  consoleRedemptions: (query?: Query) => at('/console/redemptions', query),
  redemptionsFile: (query?: Query) => at('/api/redemptions.csv', query),
  consolePartners: (query?: Query) => at('/console/partners', query),
  consoleMembers: (query?: Query) => at('/console/members', query),
  memberTemplate: (query?: Query) => at('/api/member-template', query),
  notUndoneFile: (id: string, query?: Query) =>
    at(`/api/imports/${part(id)}/not-undone.csv`, query),
  rejectedFile: (id: string, query?: Query) => at(`/api/imports/${part(id)}/rejected.csv`, query),
  consoleDevices: () => '/console/devices',
  consoleReviews: (query?: Query) => at('/console/reviews', query),
  consoleAlerts: (query?: Query) => at('/console/alerts', query),
  consoleStatements: (query?: Query) => at('/console/statements', query),
  consoleStatement: (id: number) => `/console/statements/${id}`,
  statementsFile: (query?: Query) => at('/api/statements.csv', query),
  statementFile: (id: number, form: 'csv' | 'xlsx') => `/api/statements/${id}/lines.${form}`,
  consolePeople: (query?: Query) => at('/console/people', query),
  consoleProposals: (query?: Query) => at('/console/proposals', query),
  consoleAudit: (query?: Query) => at('/console/audit', query),
  consoleInsights: (query?: Query) => at('/console/insights', query),
  insightFile: (union: number, picture: string, query?: Query) =>
    at(`/api/unions/${union}/insights/${picture}`, query),
};

/** Where one is, to come back to. The counter itself is where one comes to anyway. */
export const hereOf = ({
  pathname,
  search,
}: Pick<URL, 'pathname' | 'search'>): string | undefined =>
  pathname === paths.counter() ? undefined : pathname + search;
