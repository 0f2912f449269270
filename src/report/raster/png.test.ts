import { crc32, deflateRawSync, inflateSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { base64, encodePng } from './png.ts'
import { PointRaster } from './points.ts'

interface Chunk {
  type: string
  data: Buffer
}

/** A reader of its own: checks every length and checksum on the way. */
function chunks(png: Uint8Array): Chunk[] {
  const bytes = Buffer.from(png)
  expect([...bytes.subarray(0, 8)]).toEqual([137, 80, 78, 71, 13, 10, 26, 10])
  const out: Chunk[] = []
  for (let at = 8; at < bytes.length; ) {
    const length = bytes.readUInt32BE(at)
    const type = bytes.toString('latin1', at + 4, at + 8)
    const data = bytes.subarray(at + 8, at + 8 + length)
    expect(bytes.readUInt32BE(at + 8 + length)).toBe(crc32(bytes.subarray(at + 4, at + 8 + length)))
    out.push({ type, data })
    at += 12 + length
  }
  return out
}

test('an indexed PNG holds its size, palette and pixels', () => {
  const width = 301
  const height = 97
  const pixels = Uint8Array.from({ length: width * height }, (_, i) => (i * 7919) % 3)
  const palette = [
    [0, 0, 0, 0],
    [77, 93, 115, 255],
    [154, 167, 184, 200],
  ] as const
  const parts = chunks(encodePng(pixels, width, height, palette, (b) => new Uint8Array(deflateRawSync(b))))
  expect(parts.map((p) => p.type)).toEqual(['IHDR', 'PLTE', 'tRNS', 'IDAT', 'IEND'])
  expect(parts[0].data.readUInt32BE(0)).toBe(width)
  expect(parts[0].data.readUInt32BE(4)).toBe(height)
  expect([...parts[0].data.subarray(8)]).toEqual([8, 3, 0, 0, 0])
  expect([...parts[1].data]).toEqual([0, 0, 0, 77, 93, 115, 154, 167, 184])
  expect([...parts[2].data]).toEqual([0, 255, 200])
  // zlib's own reader also checks the Adler-32 at the end.
  const rows = inflateSync(parts[3].data)
  for (const y of [0, 50, height - 1])
    expect([...rows.subarray(y * (width + 1), (y + 1) * (width + 1))]).toEqual([
      0,
      ...pixels.subarray(y * width, (y + 1) * width),
    ])
})

test('base64 agrees with the platform for every remainder', () => {
  for (const n of [0, 1, 2, 3, 4, 255, 256]) {
    const bytes = Uint8Array.from({ length: n }, (_, i) => (i * 37 + 11) & 255)
    expect(base64(bytes)).toBe(Buffer.from(bytes).toString('base64'))
  }
})

test('discs are clipped at the edges, and later points cover earlier ones', () => {
  const raster = new PointRaster(9, 9, 1)
  raster.put(4, 4, 1)
  raster.put(5, 4, 2)
  raster.put(0, 0, 1)
  raster.put(-5, 40, 1)
  raster.put(5, 4, 2)
  const at = (x: number, y: number) => raster.pixels[y * 9 + x]
  expect([at(3, 4), at(4, 4), at(5, 4), at(6, 4), at(4, 3), at(5, 5)]).toEqual([1, 2, 2, 2, 1, 2])
  expect([at(0, 0), at(1, 0), at(0, 1), at(1, 1)]).toEqual([1, 1, 1, 0])
  expect(raster.pixels.filter((p) => p > 0)).toHaveLength(11)
})
