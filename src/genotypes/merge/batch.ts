import type { VariantBatch, VariantPlace } from '../import/batch.ts'
import { chromosomes } from '../import/chromosome.ts'
import { dosageMissing, dosageOne, dosageRowLimit, encodeDosages, readDosages } from '../store/dosages.ts'
import { exchangeAlleles } from '../store/exchange.ts'
import { recordBytes } from '../store/layout.ts'
import { placeMissing, placePeople } from './rows.ts'

/** People of one cohort in the merged records: bits [offset, offset + people). */
export interface CohortPeople {
  readonly people: number
  readonly offset: number
}

/** A variant of one cohort on its way into the merged store. */
export interface MergeSource {
  readonly place: VariantPlace
  /** Its calls count the other allele. */
  readonly exchange: boolean
}

const batchVariants = 1024
const encoder = new TextEncoder()

/** Collects merged variants, in order, as batches of a store of everybody. */
export class MergedBatch {
  readonly #cohorts: readonly CohortPeople[]
  readonly #total: number
  readonly #bytes: number
  readonly #scratch: readonly Uint8Array[]
  readonly #dosage: Uint16Array
  #genotypes: Uint8Array
  #rank = new Uint8Array(batchVariants)
  #position = new Int32Array(batchVariants)
  #lines: Uint8Array[] = []
  #rows: (Uint8Array | undefined)[] = []

  constructor(cohorts: readonly CohortPeople[], total: number) {
    this.#cohorts = cohorts
    this.#total = total
    this.#bytes = recordBytes(total)
    this.#genotypes = new Uint8Array(batchVariants * this.#bytes)
    this.#scratch = cohorts.map(({ people }) => new Uint8Array(recordBytes(people)))
    this.#dosage = new Uint16Array(total)
  }

  get full(): boolean {
    return this.#lines.length === batchVariants
  }

  /**
   * Adds a variant; where a cohort has no source its people are missing.
   * @param key alleles of the merged variant, undefined where every source has the key line of the first
   */
  add(sources: readonly (MergeSource | undefined)[], key: { ref: string; alt: string } | undefined): void {
    const first = sources.find((source) => source !== undefined)
    if (first === undefined) return
    const v = this.#lines.length
    const { batch, index } = first.place
    this.#rank[v] = batch.rank[index]
    this.#position[v] = batch.position[index]
    this.#lines.push(mergedLine(sources, key))
    const at = v * this.#bytes
    for (const [c, { people, offset }] of this.#cohorts.entries()) {
      const source = sources[c]
      if (source === undefined) placeMissing(this.#genotypes, at, people, this.#total, offset)
      else if (source.exchange) {
        const record = this.#scratch[c]
        const from = source.place.index * record.length
        record.set(source.place.batch.genotypes.subarray(from, from + record.length))
        exchangeAlleles(record, 0, people, undefined)
        placePeople(record, 0, people, this.#genotypes, at, this.#total, offset)
      } else
        placePeople(source.place.batch.genotypes, source.place.index, people, this.#genotypes, at, this.#total, offset)
    }
    this.#rows.push(this.#dosageRow(sources))
  }

  /** What was collected since the last time. */
  take(): VariantBatch {
    const n = this.#lines.length
    const lineStart = new Uint32Array(n + 1)
    for (const [v, line] of this.#lines.entries()) lineStart[v + 1] = lineStart[v] + line.length
    const lines = new Uint8Array(lineStart[n])
    for (const [v, line] of this.#lines.entries()) lines.set(line, lineStart[v])
    const start = new Uint32Array(n + 1)
    for (const [v, row] of this.#rows.entries()) start[v + 1] = start[v] + (row?.length ?? 0)
    const rows = new Uint8Array(start[n])
    for (const [v, row] of this.#rows.entries()) if (row !== undefined) rows.set(row, start[v])
    const batch: VariantBatch = {
      rank: this.#rank.slice(0, n),
      position: this.#position.slice(0, n),
      lines,
      lineStart,
      genotypes: this.#genotypes.slice(0, n * this.#bytes),
      ...(rows.length > 0 && { dosages: { start, rows } }),
    }
    this.#genotypes.fill(0, 0, n * this.#bytes)
    this.#lines = []
    this.#rows = []
    return batch
  }

  /** Dosages of everybody where a cohort has any. */
  #dosageRow(sources: readonly (MergeSource | undefined)[]): Uint8Array | undefined {
    if (!sources.some((source) => source !== undefined && hasDosages(source.place))) return undefined
    this.#dosage.fill(dosageMissing)
    for (const [c, source] of sources.entries()) {
      if (source === undefined) continue
      const { people, offset } = this.#cohorts[c]
      const { batch, index } = source.place
      const own = this.#dosage.subarray(offset, offset + people)
      readDosages(batch.dosages, index, batch.genotypes, own)
      if (source.exchange)
        for (let s = 0; s < people; s++) if (own[s] !== dosageMissing) own[s] = 2 * dosageOne - own[s]
    }
    const row = new Uint8Array(dosageRowLimit(this.#total))
    const calls = new Uint8Array(recordBytes(this.#total))
    return row.subarray(0, encodeDosages(this.#dosage, calls, 0, row, 0))
  }
}

function hasDosages({ batch, index }: VariantPlace): boolean {
  return batch.dosages !== undefined && batch.dosages.start[index + 1] > batch.dosages.start[index]
}

/** The key line of a merged variant, with the first id that a cohort has. */
function mergedLine(
  sources: readonly (MergeSource | undefined)[],
  key: { ref: string; alt: string } | undefined,
): Uint8Array {
  const places = sources.flatMap((source) => (source === undefined ? [] : [source.place]))
  const own = lineOf(places[0])
  const named = places.find((place) => lineOf(place).at(-2) !== 9)
  if (key === undefined && (named === undefined || named === places[0])) return own
  const id = named === undefined ? new Uint8Array(0) : idOf(lineOf(named))
  const head =
    key === undefined
      ? own.subarray(0, -1)
      : encoder.encode(
          `${chromosomes[places[0].batch.rank[places[0].index]]}\t${places[0].batch.position[places[0].index]}\t${key.ref}\t${key.alt}\t`,
        )
  const line = new Uint8Array(head.length + id.length + 1)
  line.set(head)
  line.set(id, head.length)
  line[line.length - 1] = 10
  return line
}

export function lineOf({ batch, index }: VariantPlace): Uint8Array {
  return batch.lines.subarray(batch.lineStart[index], batch.lineStart[index + 1])
}

/** The id of a key line, empty where there is none. */
export function idOf(line: Uint8Array): Uint8Array {
  return line.subarray(line.lastIndexOf(9) + 1, -1)
}
