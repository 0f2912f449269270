import { UpturnError } from '../../errors/index.ts'
import type { ByteSource, Host } from '../../host/host.ts'
import { decodeKeys } from './keys.ts'
import { recordBytes, type StoreBlock, type StoreHeader, type VariantKeys, wordsPerPlane } from './layout.ts'
import type { GenotypeStore } from './reader.ts'
import { sealOf, storeDigest } from './write.ts'

/** Bytes of recent blocks that an open store keeps. */
const cacheBytes = 8 << 20
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
export async function openStore(host: Host, folder: string): Promise<GenotypeStore> {
  const header = await readHeader(host, `${folder}/store.json`)
  const genotypesFile = await host.open(`${folder}/genotypes.bin`)
  let keysFile: ByteSource
  try {
    keysFile = await host.open(`${folder}/variants.bin`)
  } catch (error) {
    await genotypesFile.close()
    throw error
  }
  const last = header.blocks.at(-1)
  if (
    genotypesFile.size !== (last === undefined ? 0 : last.genotypesOffset + last.genotypesBytes) ||
    keysFile.size !== (last === undefined ? 0 : last.keysOffset + last.keysBytes)
  ) {
    const sizes = `${genotypesFile.size} and ${keysFile.size}`
    await genotypesFile.close()
    await keysFile.close()
    throw damaged(folder, `genotypes.bin and variants.bin have ${sizes} bytes, which is not what the header says`)
  }

  // The most recently used last.
  const cache = new Map<number, Promise<CachedBlock>>()
  const sizes = new Map<number, number>()
  let held = 0

  async function load(block: StoreBlock, index: number, signal?: AbortSignal): Promise<CachedBlock> {
    const [genotypes, keyBytes] = await Promise.all([
      genotypesFile.read(block.genotypesOffset, block.genotypesOffset + block.genotypesBytes, signal),
      keysFile.read(block.keysOffset, block.keysOffset + block.keysBytes, signal),
    ])
    const hash = host.sha256()
    hash.update(genotypes)
    hash.update(keyBytes)
    if (hash.hex() !== block.digest) throw damaged(folder, `block ${index} does not have its digest`)
    return { genotypes, keyBytes }
  }

  function block(index: number, signal?: AbortSignal): Promise<CachedBlock> {
    signal?.throwIfAborted()
    const place = header.blocks[index]
    if (place === undefined) return Promise.reject(new UpturnError('BadArgument', `the store has no block ${index}`))
    let entry = cache.get(index)
    if (entry === undefined) {
      entry = load(place, index, signal)
      entry.catch(() => forget(index))
      sizes.set(index, place.genotypesBytes + place.keysBytes)
      held += place.genotypesBytes + place.keysBytes
    } else cache.delete(index)
    cache.set(index, entry)
    for (const oldest of cache.keys()) {
      if (held <= cacheBytes || oldest === index) break
      forget(oldest)
    }
    return entry
  }

  function forget(index: number): void {
    if (cache.delete(index)) held -= sizes.get(index) ?? 0
  }

  return {
    header,
    async genotypes(index, signal) {
      return (await block(index, signal)).genotypes
    },
    async keys(index, signal) {
      const entry = await block(index, signal)
      entry.keys ??= decodeKeys(entry.keyBytes, header.blocks[index].variants, `${folder}/variants.bin`)
      return entry.keys
    },
    async close() {
      cache.clear()
      await genotypesFile.close()
      await keysFile.close()
    },
  }
}

function damaged(file: string, what: string): UpturnError {
  return new UpturnError('FileDamaged', `the genotype store is damaged: ${what}; import the genotypes again`, {
    place: { file },
  })
}

async function readHeader(host: Host, path: string): Promise<StoreHeader> {
  const source = await host.open(path)
  let text: string
  try {
    if (source.size > headerBytesLimit) throw damaged(path, 'its header is too large')
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
  if (!isHeader(header)) throw damaged(path, 'its header lacks fields or has impossible ones')
  if (sealOf(host, header) !== header.seal) throw damaged(path, 'its header was changed')
  if (storeDigest(host, header.samples, header.blocks) !== header.digest)
    throw damaged(path, 'its header contradicts its digest')
  return header
}

function isHeader(value: unknown): value is StoreHeader {
  const header = value as StoreHeader | null
  if (typeof header !== 'object' || header === null) return false
  if (header.format !== 1 || !Array.isArray(header.samples) || !Array.isArray(header.blocks)) return false
  if (typeof header.build !== 'string' || typeof header.digest !== 'string' || typeof header.seal !== 'string')
    return false
  if (!header.samples.every((id) => typeof id === 'string')) return false
  const bytes = recordBytes(header.samples.length)
  if (header.wordsPerPlane !== wordsPerPlane(header.samples.length)) return false
  let variants = 0
  let genotypesOffset = 0
  let keysOffset = 0
  for (const block of header.blocks) {
    if (typeof block !== 'object' || block === null || typeof block.digest !== 'string') return false
    if (!Number.isSafeInteger(block.keysBytes) || block.keysBytes < 0) return false
    if (!Number.isSafeInteger(block.variants) || block.variants < 1) return false
    if (block.first !== variants || block.genotypesOffset !== genotypesOffset || block.keysOffset !== keysOffset)
      return false
    if (block.genotypesBytes !== block.variants * bytes) return false
    variants += block.variants
    genotypesOffset += block.genotypesBytes
    keysOffset += block.keysBytes
  }
  return header.variants === variants
}
