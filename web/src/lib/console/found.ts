/**
 * Things one of whose names holds what was typed, whatever its case and spaces; those that begin with it stand first,
 * otherwise they keep their order. `most` of them.
 */
export function found<Thing>(
  things: readonly Thing[],
  typed: string,
  namesOf: (thing: Thing) => readonly string[],
  most: number,
): Thing[] {
  const wanted = plain(typed);
  const placed = things.flatMap((thing) => {
    const places = namesOf(thing)
      .map((name) => plain(name).indexOf(wanted))
      .filter((place) => place >= 0);
    return places.length === 0 ? [] : [{ thing, isFirst: places.includes(0) }];
  });
  return [...placed.filter(({ isFirst }) => isFirst), ...placed.filter(({ isFirst }) => !isFirst)]
    .slice(0, most)
    .map(({ thing }) => thing);
}

function plain(text: string): string {
  return text.normalize('NFKC').toLowerCase().replace(/\s+/g, '');
}
