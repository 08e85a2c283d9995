import type { Reroute } from '@sveltejs/kit/hooks';

// A pass in a QR code is an upper-case address (/Q/…); the screen behind it is the lower-case one.
export const reroute: Reroute = ({ url }) =>
  url.pathname.startsWith('/Q/') ? `/q/${url.pathname.slice(3)}` : undefined;
