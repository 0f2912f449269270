import { UpturnError } from '../../errors/index.ts'
import type { ByteSource, Host } from '../../host/host.ts'
import { type DosageRows, decodeDosageSection, dosageRowLimit } from './dosages.ts'
import { decodeKeys } from './keys.ts'
import {
  type DosageSection,
  recordBytes,
  type StoreBlock,
  type StoreHeader,
  type VariantKeys,
  wordsPerPlane,
} from './layout.ts'
import type { GenotypeStore } from './reader.ts'
import { sealOf, storeDigest } from './write.ts'

/** Bytes of recent blocks that an open store keeps, unless told otherwise. */
const cacheBytesKept = 8 << 20
/** A header is a few hundred bytes a block; this is room for 500 million variants. */
const headerBytesLimit = 256 << 20

interface CachedBlock {
  readonly genotypes: Uint8Array
  readonly keyBytes: Uint8Array
  keys?: VariantKeys
}

/**
 * Opens the genotype store in a folder. Header, sizes and, block by block, contents are checked against their digests;
 * FileDamaged where they differ. Bytes that are handed out must not be changed.
 */
export async function openStore(host: Host, folder: string, cacheBytes = cacheBytesKept): Promise<GenotypeStore> {
  const header = await readHeader(host, `${folder}/store.json`)
  const last = header.blocks.at(-1)
  const lastDosages = header.blocks.findLast(({ dosages }) => dosages !== undefined)?.dosages
  const files: ByteSource[] = []
  try {
    for (const [name, bytes] of [
      ['genotypes.bin', last === undefined ? 0 : last.genotypesOffset + last.genotypesBytes],
      ['variants.bin', last === undefined ? 0 : last.keysOffset + last.keysBytes],
      ...(lastDosages === undefined ? [] : [['dosages.bin', lastDosages.offset + lastDosages.bytes] as const]),
    ] as const) {
      const file = await host.open(`${folder}/${name}`)
      files.push(file)
      if (file.size !== bytes)
        throw storeDamaged(folder, `${name} has ${file.size} bytes where its header says ${bytes}`)
    }
  } catch (error) {
    for (const file of files) await file.close()
    throw error
  }
  const [genotypesFile, keysFile, dosagesFile] = files

  // The most recently used last; dosages of a block are kept under its name with `d`.
  const cache = new Map<string, { entry: Promise<unknown>; bytes: number }>()
  let held = 0

  function cached<T>(key: string, bytes: number, load: () => Promise<T>): Promise<T> {
    const known = cache.get(key)
    const entry = known === undefined ? load() : (known.entry as Promise<T>)
    if (known === undefined) {
      entry.catch(() => forget(key))
      held += bytes
    } else cache.delete(key)
    cache.set(key, { entry, bytes })
    for (const oldest of cache.keys()) {
      if (held <= cacheBytes || oldest === key) break
      forget(oldest)
    }
    return entry
  }

  function forget(key: string): void {
    held -= cache.get(key)?.bytes ?? 0
    cache.delete(key)
  }

  async function load(block: StoreBlock, index: number, signal?: AbortSignal): Promise<CachedBlock> {
    const [genotypes, keyBytes] = await Promise.all([
      genotypesFile.read(block.genotypesOffset, block.genotypesOffset + block.genotypesBytes, signal),
      keysFile.read(block.keysOffset, block.keysOffset + block.keysBytes, signal),
    ])
    if (digestOf(host, genotypes, keyBytes) !== block.digest)
      throw storeDamaged(folder, `block ${index} does not have its digest`)
    return { genotypes, keyBytes }
  }

  async function block(index: number, signal?: AbortSignal): Promise<CachedBlock> {
    signal?.throwIfAborted()
    const place = header.blocks[index]
    if (place === undefined) throw new UpturnError('BadArgument', `the store has no block ${index}`)
    return cached(`${index}`, place.genotypesBytes + place.keysBytes, () => load(place, index, signal))
  }

  async function loadDosages(section: DosageSection, index: number, signal?: AbortSignal): Promise<DosageRows> {
    const bytes = await dosagesFile.read(section.offset, section.offset + section.bytes, signal)
    if (digestOf(host, bytes) !== section.digest)
      throw storeDamaged(folder, `the dosages of block ${index} do not have their digest`)
    const { genotypes } = await block(index, signal)
    const rows = decodeDosageSection(bytes, header.blocks[index].variants, genotypes, header.samples.length)
    if (rows === undefined) throw storeDamaged(folder, `the dosages of block ${index} are impossible`)
    return rows
  }

  return {
    header,
    async genotypes(index, signal) {
      return (await block(index, signal)).genotypes
    },
    async dosages(index, signal) {
      signal?.throwIfAborted()
      const section = header.blocks[index]?.dosages
      if (section === undefined) {
        if (header.blocks[index] === undefined) throw new UpturnError('BadArgument', `the store has no block ${index}`)
        return undefined
      }
      return cached(`${index}d`, section.bytes, () => loadDosages(section, index, signal))
    },
    async keys(index, signal) {
      const entry = await block(index, signal)
      entry.keys ??= decodeKeys(entry.keyBytes, header.blocks[index].variants, `${folder}/variants.bin`)
      return entry.keys
    },
    async keyLines(index, signal) {
      return (await block(index, signal)).keyBytes
    },
    async close() {
      cache.clear()
      for (const file of files) await file.close()
    },
  }
}

function digestOf(host: Host, ...parts: readonly Uint8Array[]): string {
  const hash = host.sha256()
  for (const part of parts) hash.update(part)
  return hash.hex()
}

export function storeDamaged(file: string, what: string): UpturnError {
  return new UpturnError('FileDamaged', `the genotype store is damaged: ${what}; import the genotypes again`, {
    place: { file },
  })
}

/** The header of a store, whole and unchanged. */
export async function readHeader(host: Host, path: string): Promise<StoreHeader> {
  const source = await host.open(path)
  let text: string
  try {
    if (source.size > headerBytesLimit) throw storeDamaged(path, 'its header is too large')
    text = new TextDecoder().decode(await source.read(0, source.size))
  } finally {
    await source.close()
  }
  let header: unknown
  try {
    header = JSON.parse(text)
  } catch (error) {
    throw new UpturnError('FileDamaged', 'the header of the genotype store is no JSON; import the genotypes again', {
      place: { file: path },
      cause: error,
    })
  }
  if (!isHeader(header)) throw storeDamaged(path, 'its header lacks fields or has impossible ones')
  if (sealOf(host, header) !== header.seal) throw storeDamaged(path, 'its header was changed')
  if (storeDigest(host, header.samples, header.blocks) !== header.digest)
    throw storeDamaged(path, 'its header contradicts its digest')
  return header
}

function isHeader(value: unknown): value is StoreHeader {
  const header = value as StoreHeader | null
  if (typeof header !== 'object' || header === null) return false
  if ((header.format !== 1 && header.format !== 2) || !Array.isArray(header.samples) || !Array.isArray(header.blocks))
    return false
  if (typeof header.build !== 'string' || typeof header.digest !== 'string' || typeof header.seal !== 'string')
    return false
  if (!header.samples.every((id) => typeof id === 'string')) return false
  const bytes = recordBytes(header.samples.length)
  if (header.wordsPerPlane !== wordsPerPlane(header.samples.length)) return false
  let variants = 0
  let genotypesOffset = 0
  let keysOffset = 0
  let dosagesOffset = 0
  for (const block of header.blocks) {
    if (typeof block !== 'object' || block === null || typeof block.digest !== 'string') return false
    if (!Number.isSafeInteger(block.keysBytes) || block.keysBytes < 0) return false
    if (!Number.isSafeInteger(block.variants) || block.variants < 1) return false
    if (block.first !== variants || block.genotypesOffset !== genotypesOffset || block.keysOffset !== keysOffset)
      return false
    if (block.genotypesBytes !== block.variants * bytes) return false
    if (block.dosages !== undefined) {
      if (!isDosageSection(block.dosages, block.variants, header.samples.length)) return false
      if (block.dosages.offset !== dosagesOffset) return false
      dosagesOffset += block.dosages.bytes
    }
    variants += block.variants
    genotypesOffset += block.genotypesBytes
    keysOffset += block.keysBytes
  }
  return header.variants === variants && header.format === (dosagesOffset > 0 ? 2 : 1)
}

function isDosageSection(section: DosageSection, variants: number, samples: number): boolean {
  return (
    typeof section === 'object' &&
    section !== null &&
    typeof section.digest === 'string' &&
    Number.isSafeInteger(section.bytes) &&
    section.bytes > 4 * variants &&
    section.bytes <= variants * (4 + dosageRowLimit(samples))
  )
}
