import type { ChunkTask } from '../../compute/task.ts'
import { UpturnError } from '../../errors/index.ts'
import type { Host } from '../../host/host.ts'
import { BatchBuilder, type FileOrder, type VariantBatch } from '../import/batch.ts'
import type { Counts } from '../import/counts.ts'
import { RegionFilter, type Regions } from '../regions/regions.ts'
import { recordBytes } from '../store/layout.ts'
import type { PgenChunk } from './plan.ts'
import { type PvarFailure, type PvarLayout, scanPvarLines } from './pvar.ts'
import { decodeRecords, type PeopleOrder } from './records.ts'

export interface PgenSetup extends PeopleOrder {
  readonly path: string
  /** First variant of the chunks that are run together, which sets them apart from others of the file. */
  readonly from: number
  /** The records are those of a BED file. */
  readonly plink1: boolean
  /** The records have a fixed size, which has no room for several alternate alleles. */
  readonly fixed: boolean
  readonly layout: PvarLayout
  readonly keepFiltered: boolean
  /** Only variants inside are read and counted. */
  readonly regions?: Regions
}

export interface PgenChunkResult {
  readonly batch: VariantBatch
  readonly order: FileOrder
  readonly counts: Counts
  /** Variants of the chunk inside the regions. */
  readonly records: number
  /** A refused line of the variants' file. */
  readonly failure: PvarFailure | null
}

/** Reads one range of variants of a PGEN file. */
export const pgenChunkTask: ChunkTask<PgenSetup, PgenChunk, PgenChunkResult> = {
  name: 'genotypes/pgen',
  async prepare(setup, host) {
    return (chunk, signal) => readPgenChunk(host, setup, chunk, signal)
  },
}

async function readPgenChunk(
  host: Host,
  setup: PgenSetup,
  chunk: PgenChunk,
  signal: AbortSignal,
): Promise<PgenChunkResult> {
  const { path, people, layout } = setup
  const { first, offset, lengths, types } = chunk
  const builder = new BatchBuilder(people)
  const counts: Counts = {}
  const failed = (failure: PvarFailure): PgenChunkResult => ({ ...builder.finish(), counts, records: 0, failure })
  const variants = scanPvarLines(chunk.lines, lengths.length, layout)
  if (!('alts' in variants)) return failed(variants)
  const { alts } = variants
  const several = setup.fixed ? alts.findIndex((count) => count > 1) : -1
  if (several >= 0)
    return failed({
      message: 'the variant has several alternate alleles, which a PGEN file with records of fixed size cannot hold',
      line: several,
      column: 0,
    })
  const { alleles } = chunk
  const other = alleles === null ? -1 : alleles.findIndex((count, v) => count !== alts[v] + 1)
  if (alleles !== null && other >= 0)
    return failed({
      message: `the variant has ${alts[other] + 1} alleles, but ${alleles[other]} in the PGEN file; the files do not belong together`,
      line: other,
      column: 0,
    })
  const inside = setup.regions && variants.inside(new RegionFilter(setup.regions))
  const records = inside?.reduce((sum, one) => sum + one, 0) ?? lengths.length
  if (records === 0) return { ...builder.finish(), counts, records, failure: null }
  const bytes = lengths.reduce((sum, length) => sum + length, 0)
  const source = await host.open(path)
  let data: Uint8Array
  let base: { data: Uint8Array; type: number } | null = null
  try {
    data = await source.read(offset, offset + bytes, signal)
    if (chunk.base !== null) {
      const { offset: from, bytes: length, type } = chunk.base
      base = { data: await source.read(from, from + length, signal), type }
    }
  } finally {
    await source.close()
  }
  const bytesPerRecord = recordBytes(people)
  const failure = decodeRecords(
    { data, lengths, types, alts, base, plink1: setup.plink1 },
    setup,
    (v, firstAlt, count, planes, record, dosages) => {
      if (inside?.[v] === 0) return
      const genotypes = { first: firstAlt, count, planes, record, bytesPerRecord, dosages }
      variants.add(v, genotypes, setup.keepFiltered, builder, counts)
    },
  )
  if (failure !== undefined) {
    // A damaged base is told by the chunk that has it too, and comes first there.
    const byte = (failure.record < 0 ? (chunk.base?.offset ?? 0) : offset) + failure.byte
    const variant = first + failure.record + 1
    throw failure.unread
      ? new UpturnError('FormatInvalid', `variant ${variant} is not read: ${failure.message}`, {
          place: { file: path },
          details: { variant, byte },
        })
      : new UpturnError(
          'FileDamaged',
          `the record of variant ${variant} is damaged at byte ${byte}: ${failure.message}; copy the file again`,
          { place: { file: path }, details: { variant, byte } },
        )
  }
  return { ...builder.finish(), counts, records, failure: null }
}
