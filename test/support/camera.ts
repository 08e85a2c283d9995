import type { Browser } from 'playwright-core';

/** How a phone is held before the camera, and in what light. */
export type Look = { rotate?: number; brightness?: number; blur?: number };

const width = 1280;
const height = 720;
const frames = 2;

/**
 * The film (YUV4MPEG2, I420) that a camera would take of a screenshot, filling the height of the picture before a grey
 * wall. Drawn by a browser's canvas, because a PNG has to be decoded by somebody.
 */
export async function filmOf(browser: Browser, png: Buffer, look: Look = {}): Promise<Buffer> {
  const pixels = await draw(browser, png, look);
  const picture = i420(pixels);
  const header = Buffer.from(`YUV4MPEG2 W${width} H${height} F10:1 Ip A1:1 C420jpeg\n`);
  const each = Buffer.concat([Buffer.from('FRAME\n'), picture]);
  return Buffer.concat([header, ...Array.from({ length: frames }, () => each)]);
}

async function draw(browser: Browser, png: Buffer, look: Look): Promise<Uint8Array> {
  const { rotate = 0, brightness = 1, blur = 0 } = look;
  const page = await browser.newPage();
  const drawn = await page.evaluate(
    async ({ base64, width, height, rotate, brightness, blur }) => {
      const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
      const image = await createImageBitmap(new Blob([bytes], { type: 'image/png' }));
      const canvas = new OffscreenCanvas(width, height);
      const context = canvas.getContext('2d', { willReadFrequently: true });
      if (context === null) throw new Error('This browser has no canvas.');
      context.filter = `brightness(${brightness}) blur(${blur}px)`;
      context.fillStyle = '#8a8680';
      context.fillRect(0, 0, width, height);
      context.translate(width / 2, height / 2);
      context.rotate((rotate * Math.PI) / 180);
      const scale = Math.min(width / image.width, height / image.height) * (rotate === 0 ? 1 : 0.9);
      const [w, h] = [image.width * scale, image.height * scale];
      context.drawImage(image, -w / 2, -h / 2, w, h);
      const { data } = context.getImageData(0, 0, width, height);
      let text = '';
      for (let at = 0; at < data.length; at += 32_768) {
        text += String.fromCharCode(...data.subarray(at, at + 32_768));
      }
      return btoa(text);
    },
    { base64: png.toString('base64'), width, height, rotate, brightness, blur },
  );
  await page.close();
  return Buffer.from(drawn, 'base64');
}

/** Full-range BT.601: a plane of brightness, then two of colour at half the size. */
function i420(rgba: Uint8Array): Buffer {
  const out = Buffer.alloc((width * height * 3) / 2);
  const colour = width * height;
  const quarter = colour / 4;
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const at = (y * width + x) * 4;
      const [r, g, b] = [rgba[at] ?? 0, rgba[at + 1] ?? 0, rgba[at + 2] ?? 0];
      out[y * width + x] = clamped(0.299 * r + 0.587 * g + 0.114 * b);
      if (y % 2 === 1 || x % 2 === 1) continue;
      const place = colour + (y / 2) * (width / 2) + x / 2;
      out[place] = clamped(128 - 0.168736 * r - 0.331264 * g + 0.5 * b);
      out[place + quarter] = clamped(128 + 0.5 * r - 0.418688 * g - 0.081312 * b);
    }
  }
  return out;
}

function clamped(value: number): number {
  return Math.max(0, Math.min(255, Math.round(value)));
}
