import { type SQL, sql } from 'drizzle-orm';
import type { ProposalAction } from './propose.ts';

/** The proposals of one kind about a subject that wait for a second person now: rows of `proposal`. */
export const waiting = (action: ProposalAction, subject: string, subjectId: SQL): SQL => sql`
  select p.* from proposal p
  where p.action = ${action} and p.subject = ${subject} and p.subject_id = (${subjectId})::text
    and p.state = 'open' and p.expires_at > clock()`;
