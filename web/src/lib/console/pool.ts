import { m } from '#lib/paraglide/messages.js';
import { asPlace, said } from '#lib/said.ts';
import type { Pool } from './types.ts';

/** 东城区, or the shared pool. */
export function poolName({ nameZh, nameEn }: Pick<Pool, 'nameZh' | 'nameEn'>): string {
  if (nameZh === null || nameEn === null) return m.console_shared();
  return asPlace(said({ nameZh, nameEn }, 'name'));
}
