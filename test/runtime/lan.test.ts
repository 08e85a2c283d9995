// Risk: a phone that cannot reach the demo, or whose camera stays shut because the connection is not secure.
import { readFile } from 'node:fs/promises';
import { get } from 'node:https';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freePort } from '../../api/node/wrangler.ts';
import { lanAddress } from '../../api/node/lan.ts';
import { Clone } from '../support/clone.ts';

let clone: Clone;
beforeAll(async () => {
  clone = await Clone.make();
});
afterAll(() => clone.remove());

function secureGet(url: string, ca: string): Promise<string> {
  return new Promise((settle, fail) => {
    get(url, { ca }, (response) => void text(response).then(settle, fail)).on('error', fail);
  });
}

test('--lan serves https at an address of this machine, with a certificate for it', async () => {
  const PORT = String(await freePort());
  const address = lanAddress();
  const started = clone.run(['start', '--lan'], { PORT });
  await started.says(`is ready:  https://${address}:${PORT}`);
  const kept = await readFile(join(clone.folder, '.data', `certificate-${address}.json`), 'utf8');
  const { cert } = JSON.parse(kept) as { cert: string };
  expect(await secureGet(`https://${address}:${PORT}/api/health`, cert)).toBe('{"status":"ok"}');
  expect(await secureGet(`https://${address}:${PORT}/`, cert)).toContain('<title');
  started.process.kill('SIGINT');
  expect(await started.ended).toBe(0);
});
