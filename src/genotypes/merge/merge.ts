import type { Workshop } from '../../compute/task.ts'
import { UpturnError } from '../../errors/index.ts'
import type { MergeSummary } from '../../results/genotypes.ts'
import type { VariantPlace } from '../import/batch.ts'
import { chromosomes } from '../import/chromosome.ts'
import { type Counts, count, sortedCounts } from '../import/counts.ts'
import { folderRuns, RunCursor } from '../import/runs.ts'
import { blockFiles, createBlockFiles, writeHeader } from '../import/store-files.ts'
import type { StoreHeader } from '../store/layout.ts'
import { openStore } from '../store/open.ts'
import { type BlockSinks, BlockWriter, storeHeader } from '../store/write.ts'
import { idOf, lineOf, MergedBatch } from './batch.ts'
import { isAmbiguous, type MergeAction, type MergeRules, mergeReasons, mergeSite, type SiteVariant } from './site.ts'

/** A store to be merged: one cohort's people. */
export interface CohortStore {
  /** Without `:`; people become `name:id`. */
  readonly name: string
  readonly folder: string
}

/** A variant that was not merged as it stood, for `merge.parquet`. */
export interface MergeRow {
  chromosome: string
  position: number
  ref: string
  alt: string
  rsid: string
  action: MergeAction
  reason: string
  /** Names of the cohorts that differ or lack the variant. */
  cohorts: string
  /** Alleles by cohort: `star A>G; harbor G>A`. */
  alleles: string
}

export interface MergeInput {
  /** The first that has a variant gives its alleles. */
  readonly cohorts: readonly CohortStore[]
  readonly rules: MergeRules
  readonly onRows?: (rows: readonly MergeRow[]) => Promise<void>
}

export interface MergeResult {
  readonly header: StoreHeader
  readonly variantsWithDosages: number
  readonly summary: MergeSummary
  /** Variants that some cohort lacks: bit i (least significant first) of byte i >> 3. Null when every variant is in every cohort. */
  readonly partial: Uint8Array | null
}

/** Of positions that cohorts share, the share with other alleles beyond which the cohorts do not belong together. */
const disagreementShare = 0.1
const fewestCompared = 200
const rowsAtOnce = 4096

/**
 * Merges the stores of several cohorts into one (with `variants.parquet`) in a single pass over all of them: variants meet by position, memory is for
 * one block of each. People are named `cohort:id` and sorted. Rules are in docs/merging.md. Refuses names with `:`, stores of different builds,
 * cohorts with other alleles at more than 10% of the positions that they share, and a merge that leaves no variant.
 */
export async function mergeStores(input: MergeInput, outFolder: string, workshop: Workshop): Promise<MergeResult> {
  const { cohorts } = input
  const { host, signal } = workshop
  const headers: StoreHeader[] = []
  for (const { folder } of cohorts) {
    const store = await openStore(host, folder)
    headers.push(store.header)
    await store.close()
  }
  const { build } = headers[0]
  const people = mergedPeople(cohorts, headers)
  const sinks = await createBlockFiles(host, outFolder, true)
  const cursors: (RunCursor | undefined)[] = []
  try {
    for (const [c, { blocks, samples }] of headers.entries()) {
      const storage = folderRuns(host, cohorts[c].folder)
      const cursor = await RunCursor.open(host, storage, { ...blockFiles, blocks }, c, samples.length)
      cursors.push(cursor)
      if (!(await cursor.load())) await closeCursor(cursors, c)
    }
    const writer = new BlockWriter(host, people.samples.length, sinks)
    const merge = new Merge(input, new MergedBatch(people.of, people.samples.length))
    const variants = headers.reduce((sum, header) => sum + header.variants, 0)
    let passed = 0
    for (let next = leastPosition(cursors); next !== undefined; next = leastPosition(cursors)) {
      signal.throwIfAborted()
      const site: VariantPlace[][] = []
      for (const [c, cursor] of cursors.entries()) {
        site.push([])
        let at = cursor
        while (
          at !== undefined &&
          at.batch.rank[at.index] === next.rank &&
          at.batch.position[at.index] === next.position
        ) {
          site[c].push({ batch: at.batch, index: at.index })
          passed++
          if (++at.index < at.batch.rank.length) continue
          if (await at.load()) workshop.progress('merging cohorts', passed / variants)
          else {
            await closeCursor(cursors, c)
            at = undefined
          }
        }
      }
      merge.add(site)
      if (merge.batch.full) await writer.append(merge.batch.take())
      if (merge.rows.length >= rowsAtOnce) await input.onRows?.(merge.takeRows())
    }
    await writer.append(merge.batch.take())
    await writer.finish()
    await input.onRows?.(merge.takeRows())
    merge.requireAgreement()
    const header = storeHeader(host, build, people.samples, writer.blocks)
    if (header.variants === 0)
      throw new UpturnError(
        'CohortsDisagree',
        `no variant is left when ${cohorts.map(({ name }) => name).join(' and ')} are merged (${described(merge.dropped)}); they may be of different builds or arrays`,
        { details: { dropped: sortedCounts(merge.dropped) } },
      )
    for (const sink of [sinks.genotypes, sinks.keys, sinks.dosages]) await sink?.commit()
    await sinks.table?.commit(header.variants)
    await writeHeader(host, outFolder, header)
    return {
      header,
      variantsWithDosages: writer.variantsWithDosages,
      summary: { ...merge.summary(), sharedIds: sharedIds(headers) },
      partial: merge.partialBits(),
    }
  } catch (error) {
    for (const c of cursors.keys()) await closeCursor(cursors, c)
    await discard(sinks)
    throw error
  }
}

async function closeCursor(cursors: (RunCursor | undefined)[], c: number): Promise<void> {
  await cursors[c]?.close()
  cursors[c] = undefined
}

async function discard(sinks: BlockSinks): Promise<void> {
  for (const sink of [sinks.genotypes, sinks.keys, sinks.dosages]) await sink?.discard()
}

/** Everybody under their new names, sorted by code unit, and where each cohort's people stand, in the order of the cohorts. */
function mergedPeople(cohorts: readonly CohortStore[], headers: readonly StoreHeader[]) {
  for (const [c, { name }] of cohorts.entries()) {
    if (name === '' || name.includes(':') || cohorts.findIndex((other) => other.name === name) !== c)
      throw new UpturnError('BadArgument', `${name} is no name for a cohort that is merged: no ":", and each its own`)
    if (headers[c].build !== headers[0].build)
      throw new UpturnError(
        'CohortsDisagree',
        `the cohort ${name} is on ${headers[c].build} and ${cohorts[0].name} on ${headers[0].build}; positions are not lifted over`,
      )
  }
  // A name and its colon are no beginning of another name and its colon, so cohorts stay together.
  const order = cohorts.map((_, c) => c).sort((a, b) => (`${cohorts[a].name}:` < `${cohorts[b].name}:` ? -1 : 1))
  const samples: string[] = []
  const of = cohorts.map(() => ({ people: 0, offset: 0 }))
  for (const c of order) {
    of[c] = { people: headers[c].samples.length, offset: samples.length }
    for (const id of headers[c].samples) samples.push(`${cohorts[c].name}:${id}`)
  }
  return { samples, of }
}

/** Ids that more than one cohort has. */
function sharedIds(headers: readonly StoreHeader[]): number {
  const seen = new Set<string>()
  const shared = new Set<string>()
  for (const { samples } of headers)
    for (const id of samples) {
      if (seen.has(id)) shared.add(id)
      seen.add(id)
    }
  return shared.size
}

function leastPosition(cursors: readonly (RunCursor | undefined)[]): { rank: number; position: number } | undefined {
  let least: { rank: number; position: number } | undefined
  for (const cursor of cursors) {
    if (cursor === undefined) continue
    const rank = cursor.batch.rank[cursor.index]
    const position = cursor.batch.position[cursor.index]
    if (least === undefined || rank < least.rank || (rank === least.rank && position < least.position))
      least = { rank, position }
  }
  return least
}

const described = (counts: Counts): string =>
  Object.entries(sortedCounts(counts))
    .map(([reason, n]) => `${n} ${reason}`)
    .join(', ')

const decoder = new TextDecoder()

/** Takes one position after another and keeps count. */
class Merge {
  readonly batch: MergedBatch
  rows: MergeRow[] = []
  readonly dropped: Counts = {}
  readonly #names: readonly string[]
  readonly #rules: MergeRules
  readonly #changed: Counts = {}
  #merged = 0
  #shared = 0
  #disagreeing = 0
  #partial = new Uint8Array(0)
  #partialCount = 0

  constructor({ cohorts, rules }: MergeInput, batch: MergedBatch) {
    this.#names = cohorts.map(({ name }) => name)
    this.#rules = rules
    this.batch = batch
  }

  /** @param site one list a cohort of its variants at the position */
  add(site: readonly (readonly VariantPlace[])[]): void {
    if (site.filter((places) => places.length > 0).length > 1) this.#shared++
    if (isAlike(site) && !(this.#rules.ambiguous === 'drop' && isAmbiguousLine(lineOf(site[0][0])))) {
      this.batch.add(
        site.map(([place]) => ({ place, exchange: false })),
        undefined,
      )
      this.#merged++
      return
    }
    const variants = site.map((places) => places.map(allelesOf))
    const decision = mergeSite(variants, this.#rules)
    for (const { ref, alt, from } of decision.merged) {
      const sources = from.map(({ variant, exchange }, c) =>
        variant < 0 ? undefined : { place: site[c][variant], exchange },
      )
      this.batch.add(sources, { ref, alt })
      if (sources.includes(undefined)) this.#markPartial(this.#merged)
      this.#merged++
    }
    const place = site.find((places) => places.length > 0)?.[0]
    if (place === undefined) return
    let disagrees = false
    for (const row of decision.rows) {
      if (row.action === 'dropped') count(this.dropped, row.reason, 1)
      else count(this.#changed, row.reason, 1)
      if (row.reason === mergeReasons.other || row.reason === mergeReasons.contradiction) disagrees = true
      this.rows.push({
        chromosome: chromosomes[place.batch.rank[place.index]],
        position: place.batch.position[place.index],
        ref: row.ref,
        alt: row.alt,
        rsid: firstId(site, row),
        action: row.action,
        reason: row.reason,
        cohorts: row.cohorts.map((c) => this.#names[c]).join(', '),
        alleles: row.alleles.flatMap((text, c) => (text === '' ? [] : [`${this.#names[c]} ${text}`])).join('; '),
      })
    }
    if (disagrees) this.#disagreeing++
  }

  takeRows(): MergeRow[] {
    const { rows } = this
    this.rows = []
    return rows
  }

  /** Refuses cohorts that have other alleles at too many of the positions that they share. */
  requireAgreement(): void {
    if (this.#shared < fewestCompared || this.#disagreeing <= disagreementShare * this.#shared) return
    throw new UpturnError(
      'CohortsDisagree',
      `at ${this.#disagreeing} of the ${this.#shared} positions that cohorts share (${this.#names.join(', ')}) their alleles are not those of one variant; more than ${100 * disagreementShare}% means that they are not of one build`,
      { details: { shared: this.#shared, disagreeing: this.#disagreeing } },
    )
  }

  summary(): Omit<MergeSummary, 'sharedIds'> {
    return {
      rules: this.#rules,
      sharedPositions: this.#shared,
      variants: this.#merged,
      partial: this.#partialCount,
      changed: sortedCounts(this.#changed),
      dropped: sortedCounts(this.dropped),
    }
  }

  partialBits(): Uint8Array | null {
    if (this.#partialCount === 0) return null
    const bits = new Uint8Array(Math.ceil(this.#merged / 8))
    bits.set(this.#partial.subarray(0, bits.length))
    return bits
  }

  #markPartial(variant: number): void {
    const byte = variant >> 3
    if (byte >= this.#partial.length) {
      const larger = new Uint8Array(Math.max(1024, 2 * byte))
      larger.set(this.#partial)
      this.#partial = larger
    }
    this.#partial[byte] |= 1 << (variant & 7)
    this.#partialCount++
  }
}

/** True when every cohort has one variant here, and all of them the same. */
function isAlike(site: readonly (readonly VariantPlace[])[]): boolean {
  if (!site.every((places) => places.length === 1)) return false
  const first = lineOf(site[0][0])
  const end = first.lastIndexOf(9)
  return site.every(([place], c) => {
    if (c === 0) return true
    const line = lineOf(place)
    for (let k = 0; k <= end; k++) if (line[k] !== first[k]) return false
    return true
  })
}

/** True for the key line of an A/T or C/G variant. */
function isAmbiguousLine(line: Uint8Array): boolean {
  const ref = line.indexOf(9, line.indexOf(9) + 1) + 1
  if (line[ref + 1] !== 9 || line[ref + 3] !== 9) return false
  return isAmbiguous({ ref: String.fromCharCode(line[ref]), alt: String.fromCharCode(line[ref + 2]) })
}

function allelesOf(place: VariantPlace): SiteVariant {
  const [, , ref, alt] = decoder.decode(lineOf(place)).split('\t', 4)
  return { ref, alt }
}

/** The first id among the variants that a row is about, best of those with its alleles. */
function firstId(site: readonly (readonly VariantPlace[])[], { alleles }: { alleles: readonly string[] }): string {
  for (const [c, places] of site.entries())
    for (const place of places) {
      const { ref, alt } = allelesOf(place)
      const id = idOf(lineOf(place))
      if (id.length > 0 && alleles[c].split(', ').includes(`${ref}>${alt}`)) return decoder.decode(id)
    }
  return ''
}
