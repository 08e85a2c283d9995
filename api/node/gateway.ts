import { createHmac, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import * as z from 'zod';

const message = z.object({ phone: z.string(), code: z.string() });

/** An SMS gateway for development: checks the signature as a real one would, and prints the code instead of sending it. */
export async function printCodes(
  secret: string,
  say: (line: string) => void,
): Promise<{ url: string; close: () => Promise<void> }> {
  const server = createServer((request, response) => {
    const answer = async () => {
      const body = await text(request);
      const timestamp = String(request.headers['x-tongka-timestamp']);
      const wanted = createHmac('sha256', secret).update(`${timestamp}.${body}`).digest();
      const given = Buffer.from(String(request.headers['x-tongka-signature']), 'hex');
      const isOurs = given.length === wanted.length && timingSafeEqual(given, wanted);
      if (isOurs) {
        const { phone, code } = message.parse(JSON.parse(body));
        say(`Code for ${phone}: ${code}`);
      }
      response.writeHead(isOurs ? 204 : 403).end();
    };
    answer().catch(() => response.writeHead(400).end());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}/`,
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
