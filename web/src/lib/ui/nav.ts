import type { Component } from 'svelte';

export type NavItem = { href: string; label: string; icon: Component<{ class?: string }> };

/** The item whose address is the longest beginning of where we are. */
export function currentItem(items: readonly NavItem[], pathname: string): string | undefined {
  let best: string | undefined;
  for (const { href } of items) {
    const here = pathname === href || (href !== '/' && pathname.startsWith(`${href}/`));
    if (here && href.length > (best?.length ?? 0)) best = href;
  }
  return best;
}
