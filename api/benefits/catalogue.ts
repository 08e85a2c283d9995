import { refuse, signedIn } from '../authority.ts';
import type { Ctx } from '../context.ts';
import { requireMember } from '../members/me.ts';
import {
  type Asked,
  type BenefitPage,
  type CatalogueItem,
  type CatalogueRow,
  readBenefit,
  readCatalogue,
} from './catalogue-queries.ts';

/** By which place the list is sorted, and which district that is, when it is one. */
export type Catalogue = {
  sortedBy: 'location' | 'district' | 'home';
  district: number | null;
  items: CatalogueItem[];
};

export type Filter = { kind?: string | undefined; q?: string | undefined };

/** What this member can use. A district is a filter that he chooses, never a wall that hides from him what he may use. */
export async function listCatalogue(c: Ctx, asked: Asked, filter: Filter): Promise<Catalogue> {
  const actor = signedIn(c);
  const rows = await readCatalogue(c.env.sql, actor, asked);
  const { near, district } = asked;
  const home = rows[0]?.homeDistrictId ?? (await requireMember(c, actor)).districtId;
  const items = rows.filter((row) => isWanted(row, asked, filter)).map((row) => row.item);
  const { kind, q: word } = filter;
  if (items.length === 0) c.env.misses.search(c.env, actor.userId, { kind, word, district });
  return {
    sortedBy: near ? 'location' : district === undefined ? 'home' : 'district',
    district: district ?? (near ? null : home),
    items,
  };
}

/** One benefit and where it can be used, also when it is over. */
export async function showBenefit(c: Ctx, asked: Asked, id: number): Promise<BenefitPage> {
  const actor = signedIn(c);
  const page = (await readBenefit(c.env.sql, actor, asked, id)) ?? (await refuse(c));
  if (page.reason !== null) c.env.misses.refusal(c.env, page.reason, id, { user: actor.userId });
  return page;
}

function isWanted(row: CatalogueRow, { district }: Asked, { kind, q }: Filter): boolean {
  return (
    (kind === undefined || row.item.kind === kind) &&
    (district === undefined || row.districtIds.includes(district)) &&
    (q === undefined || mentions(row.item, q.toLowerCase()))
  );
}

function mentions(item: CatalogueItem, word: string): boolean {
  const { titleZh, titleEn, summaryZh, summaryEn, nearest } = item;
  const said = [titleZh, titleEn, summaryZh, summaryEn, nearest?.nameZh, nearest?.nameEn];
  return said.some((text) => text?.toLowerCase().includes(word) === true);
}
