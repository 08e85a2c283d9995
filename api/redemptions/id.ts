/** The cell a redemption's or reversal's id lives in: the low six bits of its last byte (decision 8). */
export const cellOf = (id: string): number => Number.parseInt(id.slice(-2), 16) & 63;

/** The cell of a card: the top six of its number's 40 bits. */
export const cellOfCard = (card: number): number => Math.floor(card / 2 ** 34);
