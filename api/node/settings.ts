import { randomBytes } from 'node:crypto';
import { type Config, environment, readConfig, type Reading } from '../config.ts';
import { keep } from './kept.ts';

/** This process's configuration; in demo mode with the secret that was made at the first start. */
export async function settings(reading: Omit<Reading, 'shell'> = {}): Promise<Config> {
  const first = readConfig(environment(), reading);
  if (!first.demo || first.secret !== '') return first;
  const secret = await keep('secret', () => randomBytes(48).toString('base64'));
  return readConfig(environment(), { ...reading, defaults: { ...reading.defaults, secret } });
}
