import type { Component } from 'svelte';

/**
 * The icon is a component, or the path of a line drawing of 24 units where a component weighs too much. `also` are
 * addresses that belong to this place, too.
 */
export type NavItem = {
  href: string;
  also?: readonly string[];
  label: string;
  icon: Component<{ class?: string }> | string;
};

/** Places of one kind of work, under its name. */
export type NavGroup = { title: string; items: readonly NavItem[] };

/** The item whose address is the longest beginning of where we are. */
export function currentItem(items: readonly NavItem[], pathname: string): string | undefined {
  let best: string | undefined;
  let longest = 0;
  for (const { href, also = [] } of items) {
    for (const address of [href, ...also]) {
      const isHere =
        pathname === address || (address !== '/' && pathname.startsWith(`${address}/`));
      if (!isHere || address.length <= longest) continue;
      longest = address.length;
      best = href;
    }
  }
  return best;
}
