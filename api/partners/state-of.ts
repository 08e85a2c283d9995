import { sql } from 'drizzle-orm';

/** How partner `p` stands. */
export const stateOfPartner = sql`
  case when p.ended_at is not null then 'ended' when p.paused_at is not null then 'paused' else 'live' end`;
