// A film of a QR code for Chromium's fake camera: Y4M (YUV4MPEG2), 640 by 480, one frame that is shown again and again.
import { rename, writeFile } from 'node:fs/promises';
import { drawQr, type QrPicture } from '../../src/app/qr.ts';
import { launchArguments } from '../tools/chromium.ts';

const WIDTH = 640;
const HEIGHT = 480;
/** Luma of paper, ink, and what lies around (JPEG range). */
const [LIGHT, DARK, AROUND] = [235, 25, 110];

export interface Shot {
  /** Pixels to a square. */
  readonly scale?: number;
  /** Degrees. */
  readonly turn?: number;
  /** Light on dark. */
  readonly inverted?: boolean;
  /** Pixels to each side over which neighbours run together. */
  readonly blur?: number;
}

/** What makes a browser take this file for a camera that nobody needs to allow. */
export const withFilm = (path: string): string[] => [
  ...launchArguments(),
  '--use-fake-ui-for-media-stream',
  '--use-fake-device-for-media-stream',
  `--use-file-for-fake-video-capture=${path}`,
];

/** The camera that films this path sees the code of `text` from its next start on. */
export async function shoot(path: string, text: string, shot: Shot = {}): Promise<void> {
  const picture = await drawQr(text);
  if (picture === null) throw new Error('no code');
  const luma = blurred(seen(picture, shot), shot.blur ?? 0);
  const chroma = Buffer.alloc((WIDTH * HEIGHT) / 2, 128);
  const header = `YUV4MPEG2 W${WIDTH} H${HEIGHT} F10:1 Ip A1:1 C420jpeg\n`;
  // Never half a film, for a camera that looks now.
  await writeFile(`${path}.new`, Buffer.concat([Buffer.from(`${header}FRAME\n`), luma, chroma]));
  await rename(`${path}.new`, path);
}

/** Every pixel looked up in the code. */
function seen({ size, path }: QrPicture, { scale = 8, turn = 0, inverted = false }: Shot): Buffer {
  const dark = new Set<number>();
  for (const [, x, y, run] of path.matchAll(/M(\d+) (\d+)h(\d+)/g)) {
    for (let at = Number(x); at < Number(x) + Number(run); at += 1) dark.add(Number(y) * size + at);
  }
  const [cos, sin] = [Math.cos((turn * Math.PI) / 180), Math.sin((turn * Math.PI) / 180)];
  const luma = Buffer.alloc(WIDTH * HEIGHT, AROUND);
  for (let at = 0; at < luma.length; at += 1) {
    const [across, down] = [(at % WIDTH) - WIDTH / 2, Math.floor(at / WIDTH) - HEIGHT / 2];
    const x = Math.floor((across * cos + down * sin) / scale + size / 2);
    const y = Math.floor((down * cos - across * sin) / scale + size / 2);
    if (x < 0 || y < 0 || x >= size || y >= size) continue;
    luma[at] = dark.has(y * size + x) !== inverted ? DARK : LIGHT;
  }
  return luma;
}

/** The mean over a square. */
function blurred(luma: Buffer, radius: number): Buffer {
  if (radius === 0) return luma;
  const out = Buffer.from(luma);
  for (let y = radius; y < HEIGHT - radius; y += 1) {
    for (let x = radius; x < WIDTH - radius; x += 1) {
      let sum = 0;
      for (let dy = -radius; dy <= radius; dy += 1) {
        for (let dx = -radius; dx <= radius; dx += 1) sum += luma[(y + dy) * WIDTH + x + dx] ?? 0;
      }
      out[y * WIDTH + x] = sum / (2 * radius + 1) ** 2;
    }
  }
  return out;
}
