import { UpturnError } from '../../errors/index.ts'
import type { ByteSource } from '../../host/host.ts'
import { blockVariants, type PgenHeader, readIndexBlock, recordBytesLimit } from './header.ts'
import type { LineReader } from './lines.ts'

/** Bytes of genotypes, two bits each, in one chunk: part of the plan, so it never changes with machine or workers. */
const chunkBytes = 4 << 20
/** Bytes of records, and of lines, in one chunk: far more than they usually are. */
const partBytes = 16 << 20

/** Variants [first, first + count) of a PGEN file, and their lines. */
export interface PgenChunk {
  readonly first: number
  /** Where the first record begins. */
  readonly offset: number
  readonly types: Uint8Array
  readonly lengths: Uint32Array
  /** Allele counts of the index, null where it has none. */
  readonly alleles: Uint32Array | null
  /** The earlier variant to which the first ones refer. */
  readonly base: { readonly offset: number; readonly bytes: number; readonly type: number } | null
  readonly lines: Uint8Array
}

/** The main track refers to an earlier variant. */
export function isLdCompressed(type: number): boolean {
  return (type & 6) === 2
}

/**
 * Chunks of a PGEN file in order, each with the lines of its variants. Index and lines are read as they are needed, so
 * memory does not depend on the number of variants. Refuses an index that contradicts itself or the file, and another
 * number of lines than of variants.
 * @param index the file that holds the index
 * @param lines the variants' text, its header taken
 */
export async function* pgenChunks(
  pgen: ByteSource,
  index: ByteSource,
  header: PgenHeader,
  lines: LineReader,
  variantsFile: string,
  signal: AbortSignal,
): AsyncGenerator<PgenChunk> {
  const perRecord = Math.max(1, Math.ceil(header.samples / 4))
  const perChunk = Math.max(16, Math.min(blockVariants, 2 ** Math.floor(Math.log2(chunkBytes / perRecord))))
  const limit = recordBytesLimit(header.samples)
  const damaged = (message: string, variant: number, byte: number) =>
    new UpturnError('FileDamaged', message, { place: { file: pgen.name }, details: { variant: variant + 1, byte } })
  const counts = (there: string) =>
    new UpturnError(
      'FormatInvalid',
      `this file has ${there} variants, but the PGEN file beside it has ${header.variants}; they do not belong together, or one was cut off`,
      { place: { file: variantsFile } },
    )
  let next = header.records
  for (let block = 0, first = 0; first < header.variants; block++) {
    signal.throwIfAborted()
    const part = await readIndexBlock(index, header, block, signal)
    const { types, lengths, alleles } = part
    if (part.offset !== next)
      throw damaged(
        `the records of variant ${first + 1} and those behind it begin at byte ${part.offset} by the index, but the records before them end at byte ${next}; copy the file again`,
        first,
        next,
      )
    let base: PgenChunk['base'] = null
    for (let from = 0; from < types.length; ) {
      const offset = next
      let count = 0
      let end = next
      while (from + count < types.length && count < perChunk && end - offset < partBytes) {
        const v = from + count
        if (lengths[v] > limit)
          throw damaged(
            `the record of variant ${first + count + 1} has ${lengths[v]} bytes by the index, more than ${header.samples} people can need`,
            first + count,
            end,
          )
        end += lengths[v]
        count++
      }
      const text = await lines.take(count, partBytes)
      if (text.lines === 0) throw counts(String(first))
      count = text.lines
      end = offset
      const before = base
      for (let v = from; v < from + count; v++) {
        if (!isLdCompressed(types[v])) base = { offset: end, bytes: lengths[v], type: types[v] }
        else if (base === null)
          throw damaged(
            `the record of variant ${first + v - from + 1} refers to an earlier one of its block, but there is none`,
            first + v - from,
            end,
          )
        end += lengths[v]
      }
      if (end > pgen.size)
        throw new UpturnError(
          'FileTruncated',
          `the file has ${pgen.size} bytes, but the record of variant ${first + count} ends at byte ${end}; copy it again`,
          { place: { file: pgen.name }, details: { variant: first + count, byte: pgen.size } },
        )
      yield {
        first,
        offset,
        types: types.slice(from, from + count),
        lengths: lengths.slice(from, from + count),
        alleles: alleles === null ? null : alleles.slice(from, from + count),
        base: isLdCompressed(types[from]) ? before : null,
        lines: text.text,
      }
      next = end
      first += count
      from += count
    }
  }
  if (next !== pgen.size)
    throw new UpturnError(
      'FormatInvalid',
      `the file has ${pgen.size} bytes, but its last record ends at byte ${next}`,
      { place: { file: pgen.name }, details: { byte: next } },
    )
  if ((await lines.peek()) >= 0) throw counts(`more than ${header.variants}`)
}
