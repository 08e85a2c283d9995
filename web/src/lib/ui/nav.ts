import type { Component } from 'svelte';

/** The icon is a component, or the path of a line drawing of 24 units where a component weighs too much. */
export type NavItem = {
  href: string;
  label: string;
  icon: Component<{ class?: string }> | string;
};

/** The item whose address is the longest beginning of where we are. */
export function currentItem(items: readonly NavItem[], pathname: string): string | undefined {
  let best: string | undefined;
  for (const { href } of items) {
    const here = pathname === href || (href !== '/' && pathname.startsWith(`${href}/`));
    if (here && href.length > (best?.length ?? 0)) best = href;
  }
  return best;
}
