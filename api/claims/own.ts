import { refuse, signedIn } from '../authority.ts';
import type { Ctx } from '../context.ts';
import { refuseMember } from '../members/me.ts';
import { keepUp } from './queries.ts';
import {
  type ClaimPage,
  type OwnClaim,
  type OwnClaims,
  readClaim,
  readClaimPage,
  readOwnClaims,
} from './own-queries.ts';

/** Everything that a member, and whom he acts for, have claimed, to come, waiting and gone by. */
export async function listOwnClaims(c: Ctx): Promise<OwnClaims> {
  const actor = signedIn(c);
  return (await readOwnClaims(c.env.sql, actor)) ?? refuseMember(c, actor);
}

/**
 * One claim: what the screen asks for again and again while it is entered or held. The first to ask after its wave's
 * seconds of entry has it drawn.
 */
export async function showClaim(c: Ctx, id: string): Promise<OwnClaim> {
  const actor = signedIn(c);
  const found = await readClaim(c.env.sql, actor, id);
  if (!found) return refuse(c);
  if (!found.isDrawDue) return found.claim;
  await keepUp(c.env.sql, [found.claim.benefit.id]);
  return (await readClaim(c.env.sql, actor, id))?.claim ?? refuse(c);
}

export async function showClaimPage(c: Ctx, benefit: number): Promise<ClaimPage> {
  return (await readClaimPage(c.env.sql, signedIn(c), benefit)) ?? refuse(c);
}
