import { expect, test } from 'vitest';
import { mapLink, toGcj02 } from '../../web/src/lib/benefits/map-link.ts';

const earthRadiusMetres = 6_371_009;

function metresBetween(
  a: { latitude: number; longitude: number },
  b: { latitude: number; longitude: number },
): number {
  const radians = Math.PI / 180;
  const y = (a.latitude - b.latitude) * radians;
  const x = (a.longitude - b.longitude) * radians * Math.cos(a.latitude * radians);
  return Math.hypot(x, y) * earthRadiusMetres;
}

// Risk: a map that sends a member into the next street.
test('Tiananmen’s flagpole lies where the maps of China draw it', () => {
  const wgs84 = { latitude: 39.907333, longitude: 116.391083 };
  const gcj02 = { latitude: 39.908736, longitude: 116.397327 };
  expect(metresBetween(toGcj02(wgs84), gcj02)).toBeLessThan(15);
  expect(metresBetween(wgs84, gcj02)).toBeGreaterThan(400);
});

test('a link names the place and the coordinates it is drawn in', () => {
  const link = new URL(mapLink({ latitude: 39.9, longitude: 116.4, name: '东四书店&酒' }));
  expect(link.searchParams.get('name')).toBe('东四书店&酒');
  expect(link.searchParams.get('coordinate')).toBe('gaode');
  expect(link.searchParams.get('position')).toMatch(/^116\.40\d{4},39\.90\d{4}$/);
});
