/**
 * Who calls, read from the signed session without asking the database. Whether that still counts is for `authority()`
 * to say inside the route's own statement. Instants are ISO 8601.
 */
export type Actor = { userId: string; sessionAt: string; secondFactorAt: string | null };
