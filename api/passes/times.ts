/** A pass lives for one minute of the clock, and is known by that minute: floor(epoch seconds / 60). */
export const passSeconds = 60;

/** How many minutes ahead a phone holds passes for. */
export const bookletMinutes = 120;

export const minuteOf = (epochSeconds: number): number => Math.floor(epochSeconds / passSeconds);

/** The pass of a minute expires when the minute ends. */
export const expiryOf = (minute: number): number => (minute + 1) * passSeconds;
