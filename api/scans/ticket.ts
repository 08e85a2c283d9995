import { jwtVerify, SignJWT } from 'jose';
import * as z from 'zod';
import { Problem } from '../errors.ts';

const typ = 'tongka-scan+jwt';
export const ticketMinutes = 5;
export const ticketLengthMax = 1024;

const shape = z.object({
  pass: z.object({ kid: z.int(), card: z.int(), jti: z.int(), exp: z.int() }),
  outlet: z.int(),
  scannedAt: z.iso.datetime(),
  validUntil: z.iso.datetime(),
});

/** What was scanned, where and when; bound to the operator it was given to. */
export type Scan = z.infer<typeof shape>;

/** Its end stands in a claim of its own, because only the database's clock may judge it, and a retry may come later. */
export async function issueTicket(
  key: CryptoKey,
  issuer: string,
  userId: string,
  scan: Scan,
): Promise<string> {
  return new SignJWT(scan)
    .setProtectedHeader({ alg: 'HS256', typ })
    .setIssuer(issuer)
    .setSubject(userId)
    .sign(key);
}

/** Refuses one of another operator like an altered one. */
export async function readTicket(
  key: CryptoKey,
  issuer: string,
  userId: string,
  ticket: string,
): Promise<Scan> {
  try {
    const options = { algorithms: ['HS256'], typ, issuer, subject: userId };
    const { payload } = await jwtVerify(ticket, key, options);
    return shape.parse(payload);
  } catch {
    throw new Problem('ticket_invalid');
  }
}
