import { sql } from 'drizzle-orm';
import type { Tx } from '../audit/record.ts';
import { Problem } from '../errors.ts';
import type { Terms } from './terms.ts';

/**
 * Refuses terms that name a district which does not exist, or a union that is neither below the benefit's own nor above
 * it, where its neighbours are: the same answer for both, so that nothing can be found out by trying ids.
 */
export async function requirePlaces(
  tx: Tx,
  unionId: number,
  { audience, validDistricts }: Pick<Terms, 'audience' | 'validDistricts'>,
): Promise<void> {
  const named = {
    'audience.districts': audience.districts ?? [],
    'audience.unions': audience.unions ?? [],
    validDistricts: validDistricts ?? [],
  };
  const wrong = await tx.execute<{ field: string }>(sql`
    select distinct named.key as field
    from jsonb_each(${JSON.stringify(named)}::jsonb) named,
      jsonb_array_elements_text(named.value) id
      left join trade_union u on u.id = id.value::int
      join trade_union own on own.id = ${unionId}
    where u.id is null or case named.key
      when 'audience.unions' then not (u.path @> array[own.id] or own.path @> array[u.id])
      else u.level <> 2 end`);
  if (wrong.length > 0)
    throw new Problem('invalid_request', {
      fields: wrong.map(({ field }) => ({
        field,
        message: 'names a union that cannot stand here',
      })),
    });
}
