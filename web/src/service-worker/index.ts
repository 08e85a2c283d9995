import { assets, immutable } from '$app/manifest';
import { version } from '$app/env';
import { self } from '$app/service-worker';

const shell = `shell-${version}`;
const heavy = 'heavy';
const page = '/';

// The scanner's wasm is a megabyte only the counter needs: kept when first used, not before.
const kept = [...immutable, ...assets]
  .map(({ path }) => `/${path.replace(/^\//, '')}`)
  .filter((path) => !path.endsWith('.wasm') && !path.endsWith('.html'));

self.addEventListener('install', (event) => {
  event.waitUntil(
    caches
      .open(shell)
      .then((cache) => cache.addAll([page, ...kept]))
      .then(() => self.skipWaiting()),
  );
});

self.addEventListener('activate', (event) => {
  event.waitUntil(
    caches
      .keys()
      .then((names) =>
        Promise.all(
          names
            .filter((name) => name.startsWith('shell-') && name !== shell)
            .map((name) => caches.delete(name)),
        ),
      )
      .then(() => self.clients.claim()),
  );
});

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== self.location.origin) return;
  // What the server decides is never answered from memory.
  if (/^\/(api|\.well-known)\//.test(url.pathname) || url.pathname.endsWith('/version.json'))
    return;
  if (url.pathname.endsWith('.html')) return;
  event.respondWith(answer(request, url));
});

async function answer(request: Request, url: URL): Promise<Response> {
  const cache = await caches.open(shell);
  const found = await cache.match(request.mode === 'navigate' ? page : url.pathname);
  if (found) return found;
  if (!url.pathname.endsWith('.wasm')) return fetch(request);
  const store = await caches.open(heavy);
  const earlier = await store.match(request);
  if (earlier) return earlier;
  const response = await fetch(request);
  if (response.ok) await store.put(request, response.clone());
  return response;
}
