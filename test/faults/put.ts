import { z } from 'zod';
import type { Receipt } from './book.ts';

export type Order = { id: string; benefit: number; ticket: string };
export type Answer =
  | { status: number; receipt: Receipt }
  | { status: number; code: string; retryAfter: string | null };

export const receipt = z.object({
  id: z.string(),
  at: z.string(),
  benefit: z.int(),
  quantity: z.int(),
  priceFen: z.int(),
  memberLeft: z.int(),
});
const problem = z.object({ code: z.string() });
const secondsMax = 15;

/** One redemption over HTTP, as a counter sends it. Throws when nothing, or nothing readable, comes back in time. */
export async function put(
  api: { url: string },
  cookie: string,
  { id, ...content }: Order,
): Promise<Answer> {
  const response = await fetch(`${api.url}/api/redemptions/${id}`, {
    method: 'PUT',
    headers: { 'Content-Type': 'application/json', Cookie: cookie },
    body: JSON.stringify({ ...content, quantity: 1 }),
    signal: AbortSignal.timeout(secondsMax * 1000),
  });
  const { status } = response;
  const body: unknown = await response.json();
  if (response.ok) return { status, receipt: receipt.parse(body) };
  return { status, ...problem.parse(body), retryAfter: response.headers.get('Retry-After') };
}
