import { createHash } from 'node:crypto';

/**
 * The headers of the static files, the same from Node and from Workers. Scripts are ours only: from this origin, or inline
 * with a hash taken from the built page (Kit's bootstrap). WebAssembly is for the scanner.
 */
export function pageHeaders(page: string): Record<string, string> {
  const hashes = inlineScripts(page).map(
    (script) => `'sha256-${createHash('sha256').update(script).digest('base64')}'`,
  );
  const policy = {
    'default-src': ["'self'"],
    'script-src': ["'self'", ...hashes, "'wasm-unsafe-eval'"],
    'style-src': ["'self'"],
    // Svelte sets some styles as attributes; they cannot load or run anything.
    'style-src-attr': ["'unsafe-inline'"],
    'img-src': ["'self'", 'data:', 'blob:'],
    'media-src': ["'self'", 'blob:'],
    'worker-src': ["'self'", 'blob:'],
    'object-src': ["'none'"],
    'base-uri': ["'self'"],
    'form-action': ["'self'"],
    'frame-ancestors': ["'none'"],
  };
  return {
    'Content-Security-Policy': Object.entries(policy)
      .map(([name, sources]) => `${name} ${sources.join(' ')}`)
      .join('; '),
    'Strict-Transport-Security': 'max-age=31536000; includeSubDomains',
    'X-Content-Type-Options': 'nosniff',
    'X-Frame-Options': 'DENY',
    'Referrer-Policy': 'no-referrer',
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Permissions-Policy':
      'camera=(self), geolocation=(self), screen-wake-lock=(self), microphone=(), payment=(), usb=()',
  };
}

/** Files whose name holds a hash of their content. */
export const immutablePath = '/_app/immutable/';
export const immutableCaching = 'public, max-age=31536000, immutable';
/** Everything else is asked for again each time, and mostly answered 304: a new version shows at once. */
export const freshCaching = 'no-cache';

/** The same as Cloudflare's `_headers` file. */
export function headersFile(page: string): string {
  const always = Object.entries(pageHeaders(page)).map(([name, value]) => `  ${name}: ${value}`);
  return [
    '/*',
    ...always,
    `${immutablePath}*`,
    '  ! Cache-Control',
    `  Cache-Control: ${immutableCaching}`,
    '',
  ].join('\n');
}

function inlineScripts(page: string): string[] {
  return [...page.matchAll(/<script(?![^>]*\ssrc=)[^>]*>([\s\S]*?)<\/script>/g)].flatMap(
    ([, script]) => (script === undefined || script === '' ? [] : [script]),
  );
}
