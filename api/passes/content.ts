import { Problem } from '../errors.ts';
import { packPass, tokenLength, type Pass, unpackPass } from './pack.ts';

/** No host name is longer than 253 characters. */
const contentLengthMax = 'https://'.length + 253 + ':65535/q/'.length + tokenLength;

/**
 * What the QR holds: a web address all in upper case, so that any camera app opens it and the QR stays in its smaller
 * alphanumeric mode.
 */
export function toContent(origin: string, pass: Pass): string {
  return `${origin.toUpperCase()}/Q/${packPass(pass)}`;
}

/** Takes the address in either case, or the token alone, as the page behind the address has it. */
export function fromContent(origin: string, content: string): Pass {
  if (content.length > contentLengthMax) throw new Problem('pass_invalid');
  const address = /^(https?:\/\/[^/?#@\s]+)\/q\/([a-z2-7]+)$/i.exec(content);
  const pass = unpackPass(address?.[2] ?? content);
  if (pass === null) throw new Problem('pass_invalid');
  const issuedAt = address?.[1]?.toLowerCase();
  if (issuedAt !== undefined && issuedAt !== origin.toLowerCase())
    throw new Problem('pass_of_another_city');
  return pass;
}
