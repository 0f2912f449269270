import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { runInline, type Workshop } from '../../../compute/task.ts'
import type { ByteSource, Host } from '../../../host/host.ts'
import { blockVariants, recordBytes, type StoreBlock } from '../../store/layout.ts'
import { storeHeader } from '../../store/write.ts'

export interface TestVariant {
  chromosome: string
  position: number
  ref?: string
  alt?: string
  /** Copies of alt by person, -1 for missing. */
  genotypes: ArrayLike<number>
}

/** One record as it lies in a store. */
export function packRecord(genotypes: ArrayLike<number>): Uint8Array {
  const record = new Uint8Array(recordBytes(genotypes.length))
  const plane = record.length / 2
  for (let s = 0; s < genotypes.length; s++) {
    const bit = 1 << (s & 7)
    const g = genotypes[s]
    if (g === 1 || g === -1) record[s >> 3] |= bit
    if (g === 2 || g === -1) record[plane + (s >> 3)] |= bit
  }
  return record
}

const sha256 = (...parts: Uint8Array[]): string => {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return hash.digest('hex')
}

/** Files of a store with these variants, which must be sorted. */
export function storeFiles(
  samples: readonly string[],
  build: string,
  variants: readonly TestVariant[],
): Map<string, Uint8Array> {
  const blocks: StoreBlock[] = []
  const genotypes: Uint8Array[] = []
  const keys: Uint8Array[] = []
  let genotypesOffset = 0
  let keysOffset = 0
  for (let first = 0; first < variants.length; first += blockVariants) {
    const part = variants.slice(first, first + blockVariants)
    const bytes = Buffer.concat(part.map((v) => packRecord(v.genotypes)))
    const lines = Buffer.from(
      part.map((v) => `${v.chromosome}\t${v.position}\t${v.ref ?? 'G'}\t${v.alt ?? 'A'}\t\n`).join(''),
    )
    blocks.push({
      first,
      variants: part.length,
      genotypesOffset,
      genotypesBytes: bytes.length,
      keysOffset,
      keysBytes: lines.length,
      digest: sha256(bytes, lines),
    })
    genotypesOffset += bytes.length
    keysOffset += lines.length
    genotypes.push(bytes)
    keys.push(lines)
  }
  const header = storeHeader(memoryHost(new Map()), build, samples, blocks)
  return new Map([
    ['store/store.json', Buffer.from(JSON.stringify(header))],
    ['store/genotypes.bin', Buffer.concat(genotypes)],
    ['store/variants.bin', Buffer.concat(keys)],
  ])
}

/** A host that reads files in memory and does nothing else. */
function memoryHost(files: ReadonlyMap<string, Uint8Array>): Host {
  const open = async (path: string): Promise<ByteSource> => {
    const bytes = files.get(path)
    if (bytes === undefined) throw new RangeError(`no file ${path}`)
    return {
      name: path,
      size: bytes.length,
      read: async (start, end) => new Uint8Array(bytes.subarray(start, Math.min(end, bytes.length))),
      close: async () => {},
    }
  }
  const host: Partial<Host> = {
    open,
    exists: async (path: string) => files.has(path),
    sha256: () => {
      const hash = createHash('sha256')
      return { update: (bytes: Uint8Array) => void hash.update(bytes), hex: () => hash.digest('hex') }
    },
  }
  return host as Host
}

/** A workshop over files in memory, running inline. The store lies in folder `store`. */
export function memoryWorkshop(files: ReadonlyMap<string, Uint8Array>): Workshop {
  const host = memoryHost(files)
  const { signal } = new AbortController()
  return { host, signal, run: runInline(host, signal), progress: () => {} }
}

export interface BedFixture {
  samples: string[]
  sex: ('female' | 'male' | null)[]
  variants: TestVariant[]
}

/** A small PLINK 1 data set, read plainly; column 5 of the .bim file is alt. `.gz` is allowed on every part. */
export function readBedFixture(prefix: string): BedFixture {
  const part = (suffix: string): Buffer => {
    try {
      return readFileSync(prefix + suffix)
    } catch {
      return gunzipSync(readFileSync(`${prefix}${suffix}.gz`))
    }
  }
  const rows = (suffix: string): string[][] =>
    part(suffix)
      .toString('utf8')
      .trim()
      .split('\n')
      .map((line) => line.trim().split(/\s+/))
  const fam = rows('.fam')
  const bed = part('.bed')
  const stride = Math.ceil(fam.length / 4)
  const copies = [2, -1, 1, 0]
  return {
    samples: fam.map((row) => row[1]),
    sex: fam.map((row) => (row[4] === '1' ? 'male' : row[4] === '2' ? 'female' : null)),
    variants: rows('.bim').map((row, v) => ({
      chromosome: row[0] === '23' ? 'X' : row[0],
      position: Number(row[3]),
      alt: row[4],
      ref: row[5],
      genotypes: Int8Array.from(fam, (_, s) => copies[(bed[3 + v * stride + (s >> 2)] >> (2 * (s & 3))) & 3]),
    })),
  }
}
