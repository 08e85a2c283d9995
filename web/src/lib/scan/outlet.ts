import type { SessionFacts } from '#lib/session.svelte.ts';
import { keep, kept } from './kept.ts';

const outletKey = 'tongka-outlet';

type Post = SessionFacts['posts'][number];
export type Place = Post['outlets'][number] & { partner: Post['partner'] };

/** Where this person may scan, over all who employ them. */
export function placesOf(facts: SessionFacts | null): Place[] {
  const posts = facts?.posts ?? [];
  const all = posts.flatMap(({ partner, outlets }) =>
    outlets.map((outlet) => ({ ...outlet, partner })),
  );
  return [...new Map(all.map((place) => [place.id, place])).values()];
}

/** Where they stand: the only outlet there is, or the one last chosen on this phone. */
export function placeChosen(places: readonly Place[]): Place | undefined {
  if (places.length === 1) return places[0];
  const chosen = Number(kept(outletKey));
  return places.find(({ id }) => id === chosen);
}

export function choosePlace(place: Place): void {
  keep(outletKey, String(place.id));
}

export function managedPartners(facts: SessionFacts | null): Post['partner'][] {
  return (facts?.posts ?? [])
    .filter(({ role }) => role === 'manager')
    .map(({ partner }) => partner);
}
