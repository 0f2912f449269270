import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runInline, type Workshop } from '../../compute/task.ts'
import { blockVariants, recordBytes, type StoreHeader, wordsPerPlane } from '../../genotypes/store/layout.ts'
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
  variants.forEach(({ genotypes: g }, v) => {
    for (let s = 0; s < samples.length; s++) {
      if (g[s] === 1 || g[s] === -1) genotypes[v * bytes + (s >> 3)] |= 1 << (s & 7)
      if (g[s] === 2 || g[s] === -1) genotypes[v * bytes + 8 * words + (s >> 3)] |= 1 << (s & 7)
    }
  })
  const keys: Uint8Array[] = []
  const blocks = []
  let keysOffset = 0
  for (let first = 0; first < variants.length; first += blockVariants) {
    const part = variants.slice(first, first + blockVariants)
    const lines = Buffer.from(
      part.map((v, i) => `${v.chromosome}\t${v.position}\t${v.ref ?? 'A'}\t${v.alt ?? 'G'}\trs${first + i}\n`).join(''),
    )
    const data = genotypes.subarray(first * bytes, (first + part.length) * bytes)
    blocks.push({
      first,
      variants: part.length,
      genotypesOffset: first * bytes,
      genotypesBytes: data.length,
      keysOffset,
      keysBytes: lines.length,
      digest: createHash('sha256').update(data).update(lines).digest('hex'),
    })
    keysOffset += lines.length
    keys.push(lines)
  }
  const header = storeHeader(host, build, [...samples], blocks)
  writeFileSync(join(folder, 'store.json'), JSON.stringify(header))
  writeFileSync(join(folder, 'genotypes.bin'), genotypes)
  writeFileSync(join(folder, 'variants.bin'), Buffer.concat(keys))
  return { folder, header, remove: () => rmSync(folder, { recursive: true, force: true }) }
}
