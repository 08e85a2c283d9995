import { signedIn } from '../authority.ts';
import type { Ctx, Services } from '../context.ts';
import { Problem } from '../errors.ts';
import { readTicket } from '../scans/ticket.ts';
import { cellOf, cellOfCard } from './id.ts';
import type { Item, Outcome } from './item.ts';
import { redeem } from './redeem.ts';

export type Wanted = { id: string; ticket: string; benefit: number; quantity: number };

export type Redeemed = {
  id: string;
  at: Date;
  benefit: number;
  quantity: number;
  priceFen: number;
  coPaymentFen: number;
  memberLeft: number;
};

/** One scan's use of one benefit, under the caller's id. Nothing but redeem() itself asks the database. */
export async function put(
  c: Ctx,
  { id, ticket, benefit, quantity }: Wanted,
): Promise<{ isNew: boolean; redeemed: Redeemed }> {
  const { userId, sessionAt } = signedIn(c);
  c.env.batcher?.admit(benefit);
  const { tickets } = await c.env.keys.derived();
  const { pass, outlet, scannedAt, validUntil } = readTicket(
    tickets,
    c.env.config.origin,
    userId,
    ticket,
  );
  const cell = cellOfCard(pass.card);
  if (cellOf(id) !== cell) throw new Problem('id_not_of_card');
  const scan = { ...pass, outlet, scannedAt, scanValidUntil: validUntil, user: userId, sessionAt };
  const answer = await send(c.env, { ...scan, id, cell, benefit, quantity });
  if (answer.outcome !== 'accepted' && answer.outcome !== 'replayed') {
    c.env.misses.refusal(c.env, answer.outcome, benefit, { outlet });
    throw new Problem(answer.outcome, answer.detail ?? {});
  }
  const { at, priceFen, coPaymentFen, memberLeft } = answer;
  return {
    isNew: answer.outcome === 'accepted',
    redeemed: { id, at, benefit, quantity, priceFen, coPaymentFen, memberLeft },
  };
}

async function send(services: Services, item: Item): Promise<Outcome> {
  if (services.batcher) return services.batcher.add(item);
  const [answer] = await redeem(services.sql, [item]);
  if (answer?.status !== 'fulfilled') throw answer?.reason;
  return answer.value;
}
