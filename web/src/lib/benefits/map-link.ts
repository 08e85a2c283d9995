// Maps of mainland China are drawn in GCJ-02, a deliberate distortion of WGS-84 by some hundred metres.
const semiMajorAxis = 6_378_245;
const eccentricitySquared = 0.006_693_421_622_965_943;

type Point = { latitude: number; longitude: number };

/** WGS-84 to GCJ-02, to within a metre or two. */
export function toGcj02({ latitude, longitude }: Point): Point {
  const [dLatitude, dLongitude] = drift(longitude - 105, latitude - 35);
  const radians = (latitude / 180) * Math.PI;
  const magic = 1 - eccentricitySquared * Math.sin(radians) ** 2;
  const root = Math.sqrt(magic);
  const meridian = (semiMajorAxis * (1 - eccentricitySquared)) / (magic * root);
  const parallel = (semiMajorAxis / root) * Math.cos(radians);
  return {
    latitude: latitude + (dLatitude * 180) / (meridian * Math.PI),
    longitude: longitude + (dLongitude * 180) / (parallel * Math.PI),
  };
}

/** A marker in the member's own map application, or on the map's page where none is installed. */
export function mapLink(outlet: Point & { name: string }): string {
  const { latitude, longitude } = toGcj02(outlet);
  const query = new URLSearchParams({
    position: `${longitude.toFixed(6)},${latitude.toFixed(6)}`,
    name: outlet.name,
    coordinate: 'gaode',
    callnative: '1',
  });
  return `https://uri.amap.com/marker?${query.toString()}`;
}

function drift(x: number, y: number): [number, number] {
  const root = Math.sqrt(Math.abs(x));
  const wave = (a: number, at: number, b: number, bt: number): number =>
    ((a * Math.sin(at * Math.PI) + b * Math.sin(bt * Math.PI)) * 2) / 3;
  const both = wave(20, 6 * x, 20, 2 * x);
  const latitude =
    -100 +
    2 * x +
    3 * y +
    0.2 * y * y +
    0.1 * x * y +
    0.2 * root +
    both +
    wave(20, y, 40, y / 3) +
    wave(160, y / 12, 320, y / 30);
  const longitude =
    300 +
    x +
    2 * y +
    0.1 * x * x +
    0.1 * x * y +
    0.1 * root +
    both +
    wave(20, x, 40, x / 3) +
    wave(150, x / 12, 300, x / 30);
  return [latitude, longitude];
}
