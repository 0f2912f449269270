import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runInline, type Workshop } from '../../compute/task.ts'
import { dosageRowLimit, encodeDosageSection } from '../../genotypes/store/dosages.ts'
import { blockVariants, recordBytes, type StoreHeader, wordsPerPlane } from '../../genotypes/store/layout.ts'
import { encodeDosageRow, hardCalls } from '../../genotypes/store/testing/dosage-twin.ts'
import { storeHeader } from '../../genotypes/store/write.ts'
import { nodeHost } from '../../host/node/index.ts'

export const host = nodeHost()

export function workshop(): Workshop {
  const { signal } = new AbortController()
  return { host, run: runInline(host, signal), signal, progress: () => undefined }
}

export interface TestVariant {
  chromosome: string
  position: number
  ref?: string
  alt?: string
  /** 0, 1, 2 or -1 by sample. */
  genotypes: ArrayLike<number>
  /** 16384ths of a copy by sample, 65535 missing: the genotypes are then their hard calls, whatever is given above. */
  dosages?: ArrayLike<number>
}

/** Writes a packed store from genotypes in memory; variants must come in the order of a store. */
export function writeStore(
  samples: readonly string[],
  variants: readonly TestVariant[],
  build = 'GRCh38',
): { folder: string; header: StoreHeader; remove: () => void } {
  const folder = mkdtempSync(join(tmpdir(), 'upturn-association-'))
  const bytes = recordBytes(samples.length)
  const words = wordsPerPlane(samples.length)
  const genotypes = new Uint8Array(bytes * variants.length)
  variants.forEach(({ genotypes: g, dosages }, v) => {
    if (dosages !== undefined) {
      hardCalls(Uint16Array.from(dosages), genotypes, v * bytes)
      return
    }
    for (let s = 0; s < samples.length; s++) {
      if (g[s] === 1 || g[s] === -1) genotypes[v * bytes + (s >> 3)] |= 1 << (s & 7)
      if (g[s] === 2 || g[s] === -1) genotypes[v * bytes + 8 * words + (s >> 3)] |= 1 << (s & 7)
    }
  })
  const keys: Uint8Array[] = []
  const blocks = []
  let keysOffset = 0
  const sections: Uint8Array[] = []
  let dosagesOffset = 0
  for (let first = 0; first < variants.length; first += blockVariants) {
    const part = variants.slice(first, first + blockVariants)
    const lines = Buffer.from(
      part.map((v, i) => `${v.chromosome}\t${v.position}\t${v.ref ?? 'A'}\t${v.alt ?? 'G'}\trs${first + i}\n`).join(''),
    )
    const data = genotypes.subarray(first * bytes, (first + part.length) * bytes)
    const section = dosageSection(part, samples.length)
    blocks.push({
      first,
      variants: part.length,
      genotypesOffset: first * bytes,
      genotypesBytes: data.length,
      keysOffset,
      keysBytes: lines.length,
      digest: createHash('sha256').update(data).update(lines).digest('hex'),
      ...(section.length > 0 && {
        dosages: {
          offset: dosagesOffset,
          bytes: section.length,
          digest: createHash('sha256').update(section).digest('hex'),
        },
      }),
    })
    dosagesOffset += section.length
    sections.push(section)
    keysOffset += lines.length
    keys.push(lines)
  }
  const header = storeHeader(host, build, [...samples], blocks)
  writeFileSync(join(folder, 'store.json'), JSON.stringify(header))
  writeFileSync(join(folder, 'genotypes.bin'), genotypes)
  writeFileSync(join(folder, 'variants.bin'), Buffer.concat(keys))
  if (dosagesOffset > 0) writeFileSync(join(folder, 'dosages.bin'), Buffer.concat(sections))
  return { folder, header, remove: () => rmSync(folder, { recursive: true, force: true }) }
}

function dosageSection(variants: readonly TestVariant[], samples: number): Uint8Array {
  const start = new Uint32Array(variants.length + 1)
  const rows = new Uint8Array(variants.length * dosageRowLimit(samples))
  for (const [v, { dosages }] of variants.entries())
    start[v + 1] = start[v] + (dosages === undefined ? 0 : encodeDosageRow(Uint16Array.from(dosages), rows, start[v]))
  return encodeDosageSection({ start, rows }, samples)
}
