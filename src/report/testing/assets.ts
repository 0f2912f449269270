import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { deflateRawSync } from 'node:zlib'
import type { ReportAssets } from '../index.ts'

const fonts = new URL('../../../dist/report/fonts.json', import.meta.url)

/** What Node lends to a report; the fonts are those of the last build, or none. */
export function testAssets(): ReportAssets {
  return {
    fonts: existsSync(fonts) ? JSON.parse(readFileSync(fonts, 'utf8')) : [],
    deflateRaw: (bytes) => new Uint8Array(deflateRawSync(bytes)),
    sha256: (bytes) => new Uint8Array(createHash('sha256').update(bytes).digest()),
  }
}
