import { Problem } from '../errors.ts';
import type { SmsTransport } from './sms.ts';

const text = new TextEncoder();

/**
 * Posts `{"phone","code"}` to the configured gateway, signed: `X-Tongka-Signature` is the hex HMAC-SHA-256, under the
 * gateway's secret, of `X-Tongka-Timestamp` (epoch seconds), a full stop and the body. Any answer but 2xx is a failure.
 */
export function createSmsGateway(
  gateway: { url: string; secret: string },
  patienceMs = 5_000,
): SmsTransport {
  return {
    async send(phone, code) {
      const body = JSON.stringify({ phone, code });
      const timestamp = String(Math.floor(Date.now() / 1000));
      const answer = await fetch(gateway.url, {
        method: 'POST',
        headers: {
          'Content-Type': 'application/json',
          'X-Tongka-Timestamp': timestamp,
          'X-Tongka-Signature': await sign(gateway.secret, `${timestamp}.${body}`),
        },
        body,
        // A redirect would carry the code to an address that nobody configured.
        redirect: 'manual',
        signal: AbortSignal.timeout(patienceMs),
      }).catch(() => null);
      await answer?.body?.cancel();
      if (answer?.ok !== true) throw new Problem('sms_unavailable', {}, { 'Retry-After': '30' });
    },
  };
}

async function sign(secret: string, message: string): Promise<string> {
  const algorithm = { name: 'HMAC', hash: 'SHA-256' };
  const key = await crypto.subtle.importKey('raw', text.encode(secret), algorithm, false, ['sign']);
  const mac = new Uint8Array(await crypto.subtle.sign('HMAC', key, text.encode(message)));
  return Array.from(mac, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
