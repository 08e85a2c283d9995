import { isShortCode, normalised } from './short-code.ts';

/** What else people hold under a scanner; each is told which code is needed instead. */
export type Stranger = 'payment' | 'collection' | 'wechat' | 'health' | 'transit' | 'link' | 'text';

export type Understood =
  /** `address` is what the QR said, without what a keyboard put around it. */
  | { kind: 'pass'; pass: string; address: string }
  | { kind: 'code'; code: string }
  /** The invitation that makes this phone a device of an outlet. */
  | { kind: 'pairing'; code: string }
  | { kind: 'stranger'; what: Stranger };

// Not tied to the beginning: a key touched by accident just before a USB scanner types does no harm.
const passAddress = /https?:\/\/[^/]+\/q\/([a-z2-7]{64,200})$/i;
const pairingAddress = /https?:\/\/[^/]+\/counter\/pair#([0-9A-HJKMNP-TV-Z]{26})$/i;

// In this order: a transit code is also a link, a payment code is also a text.
const strangers: readonly [Stranger, RegExp][] = [
  // WeChat Pay 10–15 and Alipay 25–30, UnionPay 62: what a member shows to pay.
  ['payment', /^(1[0-5]\d{16}|(2[5-9]|30)\d{14,22}|62\d{17})$/],
  ['collection', /^(wxp:\/\/|https:\/\/(qr\.alipay\.com|qr\.95516\.com|payapp\.weixin\.qq\.com))/i],
  ['health', /jkm|jiankang|healthcode|health_code|健康/i],
  ['transit', /metro|subway|ccmc|bus_?code|ruubypay|乘车/i],
  ['wechat', /^https?:\/\/(u\.wechat\.com|weixin\.qq\.com|mp\.weixin\.qq\.com|wx\.)/i],
  ['link', /^[a-z][a-z\d+.-]*:\/\//i],
];

/** What a text from a camera, a photo or a keyboard is. Whether a pass is genuine is for the server to say. */
export function understand(text: string): Understood {
  const trimmed = text.trim();
  const [address, pass] = passAddress.exec(trimmed) ?? [];
  if (address !== undefined && pass !== undefined) return { kind: 'pass', pass, address };
  const invitation = pairingAddress.exec(trimmed)?.[1];
  if (invitation !== undefined) return { kind: 'pairing', code: invitation.toUpperCase() };
  // Sixteen digits are a short code in form and a payment code in fact; payment codes have more.
  const code = normalised(trimmed);
  if (isShortCode(code)) return { kind: 'code', code };
  const what = strangers.find(([, form]) => form.test(trimmed))?.[0] ?? 'text';
  return { kind: 'stranger', what };
}
