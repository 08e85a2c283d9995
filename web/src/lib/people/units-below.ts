import type { UnionInScope } from '#lib/console/types.ts';

/** What stands anywhere below a union, of a list that has every union after the one above it. */
export function unitsBelow(units: readonly UnionInScope[], top: number): UnionInScope[] {
  const inside = new Set([top]);
  return units.filter(({ id, parentId }) => {
    if (parentId === null || !inside.has(parentId)) return false;
    inside.add(id);
    return true;
  });
}
