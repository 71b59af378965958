/** Makes a picture of a page smaller: at most 256 colours, one byte a pixel (PNG, colour type 3). */
import { deflateSync, inflateSync, crc32 } from "node:zlib";

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const MAX_COLOURS = 256;
/** Of two colours in the palette, summed over red, green and blue: a rare colour is worth more than one more shade. */
const MIN_DISTANCE = 7;

/** @param png eight bits a sample, RGB or RGBA, not interlaced: as Chromium takes it */
export function withPalette(png: Buffer): Buffer {
  const { width, height, samples, pixels } = decode(png);
  const counts = new Map<number, number>();
  const colourAt = (at: number): number => (byte(pixels, at) << 16) | (byte(pixels, at + 1) << 8) | byte(pixels, at + 2);
  for (let at = 0; at < pixels.length; at += samples) counts.set(colourAt(at), (counts.get(colourAt(at)) ?? 0) + 1);
  const palette: number[] = [];
  for (const [colour] of [...counts].toSorted(([, one], [, other]) => other - one)) {
    if (palette.length < MAX_COLOURS && palette.every((other) => distance(colour, other) >= MIN_DISTANCE)) palette.push(colour);
  }
  const nearest = new Map<number, number>();
  const indexOf = (colour: number): number => {
    const known = nearest.get(colour);
    if (known !== undefined) return known;
    const distances = palette.map((other) => distance(colour, other));
    const index = distances.indexOf(Math.min(...distances));
    nearest.set(colour, index);
    return index;
  };
  const rows = Buffer.alloc(height * (width + 1));
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) rows[y * (width + 1) + 1 + x] = indexOf(colourAt((y * width + x) * samples));
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 3, 0, 0, 0], 8);
  const colours = Buffer.from(palette.flatMap((colour) => [colour >> 16, (colour >> 8) & 255, colour & 255]));
  const content = deflateSync(rows, { level: 9 });
  return Buffer.concat([SIGNATURE, chunk("IHDR", header), chunk("PLTE", colours), chunk("IDAT", content), chunk("IEND", Buffer.alloc(0))]);
}

function decode(png: Buffer): { width: number; height: number; samples: number; pixels: Buffer } {
  const [width, height, samples] = [png.readUInt32BE(16), png.readUInt32BE(20), png[25] === 6 ? 4 : 3];
  const parts: Buffer[] = [];
  for (let at = 8; at < png.length; at += 12 + png.readUInt32BE(at)) {
    if (png.toString("latin1", at + 4, at + 8) === "IDAT") parts.push(png.subarray(at + 8, at + 8 + png.readUInt32BE(at)));
  }
  const filtered = inflateSync(Buffer.concat(parts));
  const stride = width * samples;
  const pixels = Buffer.alloc(height * stride);
  for (let y = 0; y < height; y += 1) {
    const filter = byte(filtered, y * (stride + 1));
    for (let x = 0; x < stride; x += 1) {
      const at = y * stride + x;
      const left = x < samples ? 0 : byte(pixels, at - samples);
      const up = y === 0 ? 0 : byte(pixels, at - stride);
      const corner = x < samples || y === 0 ? 0 : byte(pixels, at - stride - samples);
      pixels[at] = byte(filtered, y * (stride + 1) + 1 + x) + predicted(filter, left, up, corner);
    }
  }
  return { width, height, samples, pixels };
}

/** PNG §9.2. */
function predicted(filter: number, left: number, up: number, corner: number): number {
  if (filter < 3) return [0, left, up][filter] ?? 0;
  if (filter === 3) return (left + up) >> 1;
  const [a, b, c] = [Math.abs(up - corner), Math.abs(left - corner), Math.abs(left + up - 2 * corner)];
  if (a <= b && a <= c) return left;
  return b <= c ? up : corner;
}

function chunk(type: string, content: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(type, "latin1"), content]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(content.length);
  sum.writeUInt32BE(crc32(named));
  return Buffer.concat([length, named, sum]);
}

function distance(one: number, other: number): number {
  return [16, 8, 0].reduce((sum, shift) => sum + Math.abs(((one >> shift) & 255) - ((other >> shift) & 255)), 0);
}

function byte(buffer: Buffer, at: number): number {
  return buffer[at] ?? 0;
}
