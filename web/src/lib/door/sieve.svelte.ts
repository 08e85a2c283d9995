import type { DoorClaim } from './types.ts';

/** Whom to show of a door's list: by the beginning of a name, or the end of a claim's id. */
export class Sieve {
  words = $state('');
  standing = $state<'all' | 'out' | 'in'>('all');

  pick(claims: readonly DoorClaim[]): DoorClaim[] {
    const sought = this.words.trim();
    const code = sought.toUpperCase();
    return claims.filter(({ name, code: end, used, quantity }) => {
      const isIn = used === quantity;
      const isOfStanding = this.standing === 'all' || isIn === (this.standing === 'in');
      const isSought =
        sought === '' || name.startsWith(sought) || end === code || code.endsWith(end);
      return isOfStanding && isSought;
    });
  }
}
