import { base64url } from 'jose';
import * as z from 'zod';
import { Problem } from '../errors.ts';
import { isSameMac, macOf } from '../mac.ts';

const typ = 'tongka-scan+jwt';
export const ticketMinutes = 5;
export const ticketLengthMax = 1024;

const scanShape = {
  pass: z.object({ kid: z.int(), card: z.int(), jti: z.int(), exp: z.int() }),
  outlet: z.int(),
  scannedAt: z.iso.datetime(),
  validUntil: z.iso.datetime(),
};
const shape = z.object({ ...scanShape, iss: z.string(), sub: z.string() });

/** What was scanned, where and when; bound to the operator it was given to. */
export type Scan = z.infer<z.ZodObject<typeof scanShape>>;

/** The only header a ticket has: nothing in it is for its bearer to choose. */
const header = base64url.encode(JSON.stringify({ alg: 'HS256', typ }));

/**
 * A JWT. Its end stands in a claim of its own, because only the database's clock may judge it, and a retry may come later.
 */
export function issueTicket(key: Uint8Array, issuer: string, userId: string, scan: Scan): string {
  const payload = base64url.encode(JSON.stringify({ ...scan, iss: issuer, sub: userId }));
  const said = `${header}.${payload}`;
  return `${said}.${base64url.encode(macOf(key, said))}`;
}

/** Refuses one of another operator like an altered one. */
export function readTicket(key: Uint8Array, issuer: string, userId: string, ticket: string): Scan {
  try {
    const [head = '', payload = '', mac = '', ...more] = ticket.split('.');
    const said = `${header}.${payload}`;
    const isOurs =
      head === header && more.length === 0 && isSameMac(base64url.decode(mac), macOf(key, said));
    if (!isOurs) throw new Problem('ticket_invalid');
    const text = new TextDecoder().decode(base64url.decode(payload));
    const { iss, sub, ...scan } = shape.parse(JSON.parse(text));
    if (iss !== issuer || sub !== userId) throw new Problem('ticket_invalid');
    return scan;
  } catch {
    throw new Problem('ticket_invalid');
  }
}
