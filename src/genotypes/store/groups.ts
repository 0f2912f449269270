import { UpturnError } from '../../errors/index.ts'
import type { ByteSource, Host } from '../../host/host.ts'
import type { StoreHeader } from './layout.ts'
import { readHeader, storeDamaged } from './open.ts'

/** Consecutive blocks of a store, `end` excluded: the unit of a scan. */
export interface BlockGroup {
  first: number
  end: number
}

/** Records and key lines of a group, as they lie in the store. */
export interface GroupBytes {
  readonly records: Uint8Array
  readonly lines: Uint8Array
}

/** Reads whole groups of a store in one piece each. It holds no memory but its header. */
export interface GroupReader {
  readonly header: StoreHeader
  /** The bytes may take the place of those of `former`, which must not be used any more. */
  read(group: BlockGroup, signal: AbortSignal, former?: GroupBytes): Promise<GroupBytes>
  /** Records alone. */
  records(group: BlockGroup, signal: AbortSignal): Promise<Uint8Array>
  /** A chunk task need not close it: its files are closed when the task has ended. */
  close(): Promise<void>
}

// Blocks whose digest was checked, by host (one a worker), then by folder and seal.
const checkedBlocks = new WeakMap<Host, Map<string, Uint8Array>>()

function checkedOf(host: Host, folder: string, header: StoreHeader): Uint8Array {
  let stores = checkedBlocks.get(host)
  if (stores === undefined) {
    stores = new Map()
    checkedBlocks.set(host, stores)
  }
  const name = `${folder}\n${header.seal}`
  let checked = stores.get(name)
  if (checked === undefined) {
    checked = new Uint8Array(header.blocks.length)
    stores.set(name, checked)
  }
  return checked
}

/**
 * Opens a store for a scan. Header and sizes are checked at once, and each block against its digest the first time that
 * a worker reads it: a scan that follows reads the same bytes from the page cache and does not digest them again.
 */
export async function openGroups(host: Host, folder: string): Promise<GroupReader> {
  const header = await readHeader(host, `${folder}/store.json`)
  const checked = checkedOf(host, folder, header)
  const last = header.blocks.at(-1)
  const files: ByteSource[] = []
  const close = async () => {
    for (const file of files) await file.close()
  }
  try {
    for (const [name, bytes] of [
      ['genotypes.bin', last === undefined ? 0 : last.genotypesOffset + last.genotypesBytes],
      ['variants.bin', last === undefined ? 0 : last.keysOffset + last.keysBytes],
    ] as const) {
      const file = await host.open(`${folder}/${name}`)
      files.push(file)
      if (file.size !== bytes)
        throw storeDamaged(folder, `${name} has ${file.size} bytes where its header says ${bytes}`)
    }
  } catch (error) {
    await close()
    throw error
  }
  const [genotypes, keys] = files

  const read = async (
    { first, end }: BlockGroup,
    withKeys: boolean,
    signal: AbortSignal,
    former?: GroupBytes,
  ): Promise<GroupBytes> => {
    if (!(first >= 0 && first < end && end <= header.blocks.length))
      throw new UpturnError('BadArgument', `the store has no blocks ${first} to ${end}`)
    const from = header.blocks[first]
    const to = header.blocks[end - 1]
    const unchecked = checked.subarray(first, end).includes(0)
    const [records, lines] = await Promise.all([
      genotypes.read(from.genotypesOffset, to.genotypesOffset + to.genotypesBytes, signal, former?.records.buffer),
      withKeys || unchecked
        ? keys.read(from.keysOffset, to.keysOffset + to.keysBytes, signal, former?.lines.buffer)
        : new Uint8Array(),
    ])
    for (let b = first; b < end; b++) {
      if (checked[b] === 1) continue
      const block = header.blocks[b]
      const at = block.genotypesOffset - from.genotypesOffset
      const keysAt = block.keysOffset - from.keysOffset
      const hash = host.sha256()
      hash.update(records.subarray(at, at + block.genotypesBytes))
      hash.update(lines.subarray(keysAt, keysAt + block.keysBytes))
      if (hash.hex() !== block.digest) throw storeDamaged(folder, `block ${b} does not have its digest`)
      checked[b] = 1
    }
    return { records, lines }
  }
  return {
    header,
    read: (group, signal, former) => read(group, true, signal, former),
    records: async (group, signal) => (await read(group, false, signal)).records,
    close,
  }
}
