import { networkInterfaces } from 'node:os';
import { generate } from 'selfsigned';
import { StartError } from '../../db/start-error.ts';
import { keep } from './kept.ts';

/** This machine's address in the local network. */
export function lanAddress(): string {
  const found = Object.values(networkInterfaces())
    .flatMap((all) => all ?? [])
    .find(
      ({ family, internal, address }) =>
        family === 'IPv4' && !internal && !address.startsWith('169.254.'),
    );
  if (!found)
    throw new StartError('This machine has no address in a local network, which --lan needs.');
  return found.address;
}

/** A certificate signed by itself for that address, kept, so that a phone is asked to trust it once. */
export async function certificate(address: string): Promise<{ key: string; cert: string }> {
  const kept = await keep(`certificate-${address}.json`, async () => {
    const notAfterDate = new Date(Date.now() + 800 * 86_400_000);
    const made = await generate([{ name: 'commonName', value: address }], {
      keyType: 'ec',
      notAfterDate,
      extensions: [
        {
          name: 'subjectAltName',
          altNames: [
            { type: 7, ip: address },
            { type: 2, value: 'localhost' },
          ],
        },
      ],
    });
    return JSON.stringify({ key: made.private, cert: made.cert });
  });
  return JSON.parse(kept) as { key: string; cert: string };
}
