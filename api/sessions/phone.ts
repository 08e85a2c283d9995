import * as z from 'zod';
import { Problem } from '../errors.ts';

/** As written; `readPhone` says more of a wrong one than a failed pattern would. */
export const phoneNumber = z.string().max(32);

/**
 * A mobile number of mainland China as people write it, with or without +86, 0086 or 86, spaces and hyphens; in E.164.
 * Other numbers are refused before anything is sent: calls to dear foreign numbers are what code pumping lives on.
 */
export function readPhone(written: string): string {
  const [, subscriber] =
    /^(?:\+86|0086|86)?(1[3-9]\d{9})$/.exec(written.replace(/[ -]/g, '')) ?? [];
  if (subscriber === undefined) throw new Problem('phone_invalid');
  return `+86${subscriber}`;
}
