import type { ChunkTask, Workshop } from '../../compute/task.ts'
import { UpturnError } from '../../errors/index.ts'
import { kernels } from '../../numerics/kernels.ts'
import { cholesky, choleskySolve } from '../../numerics/linear.ts'
import { autosomes, chromosomes } from '../import/chromosome.ts'
import { isAmbiguous, isSnv } from '../merge/site.ts'
import { blockGroups, groupVariants } from '../quality/scan.ts'
import { type BlockGroup, type GroupReader, openGroups } from '../store/groups.ts'
import { keyPlaces } from '../store/key-lines.ts'
import type { StoreHeader, VariantKeys } from '../store/layout.ts'
import { standardised } from './covariance.ts'
import type { VariantLoadings } from './loadings.ts'

/** Components of a reference cohort, as loadings of variants. */
export interface ReferenceComponents {
  build: string
  components: number
  variants: readonly VariantLoadings[]
}

export interface Projection {
  /** People x components by rows; NaN where too few variants are called. */
  scores: Float64Array
  /** Matched variants called in each person. */
  called: Int32Array
  /** Variants of the reference, found in the store, of these with alleles exchanged, and left out as strand-ambiguous. */
  reference: number
  matched: number
  exchanged: number
  ambiguous: number
}

interface ProjectSetup {
  folder: string
  /** Even. */
  width: number
}

interface ProjectChunk extends BlockGroup {
  /** Columns of the store. */
  people: Int32Array
  /** Places in the group, 4 values each by code, and `width` loadings each. */
  index: Int32Array
  values: Float64Array
  loadings: Float64Array
}

interface ProjectPart {
  scores: Float64Array
  missing: Float64Array
  called: Int32Array
}

/** Sums that the scores of people are solved from (see projectOnto). */
export const projectTask: ChunkTask<ProjectSetup, ProjectChunk, ProjectPart> = {
  name: 'genotypes/project',
  async prepare({ folder, width }, host) {
    const store = await openGroups(host, folder)
    return async ({ people, index, values, loadings, ...group }, signal) => {
      const records = await store.records(group, signal)
      const n = people.length
      const k = kernels()
      return k.scope(() => {
        const scores = k.put(new Float64Array(n * width))
        const missing = k.put(new Float64Array(n * width * width))
        const called = k.put(new Int32Array(n))
        k.call.projectGenotypes(
          k.put(records),
          k.put(index),
          index.length,
          store.header.wordsPerPlane,
          k.put(people),
          n,
          k.put(values),
          k.put(loadings),
          width,
          scores,
          missing,
          called,
        )
        return {
          scores: k.f64(scores, n * width).slice(),
          missing: k.f64(missing, n * width * width).slice(),
          called: k.i32(called, n).slice(),
        }
      })
    }
  },
}

/** People of one chunk: their sums of products take 2 MB at 10 components. */
const chunkPeople = 2048

/**
 * Places everyone of a store on the components of a reference, by least squares: the scores whose sum of loadings times
 * scores is closest to the person's standardised genotypes, over the variants that are called. Variants are matched by
 * chromosome, position and alleles; where reference and alternate are exchanged the other allele is counted, and
 * strand-ambiguous SNVs are left out. Refuses another build and a store with fewer variants of the reference than
 * components.
 */
export async function projectOnto(
  reference: ReferenceComponents,
  folder: string,
  workshop: Workshop,
): Promise<Projection> {
  const store = await openGroups(workshop.host, folder)
  try {
    return await projectFrom(store, reference, folder, workshop)
  } finally {
    await store.close()
  }
}

async function projectFrom(
  store: GroupReader,
  reference: ReferenceComponents,
  folder: string,
  workshop: Workshop,
): Promise<Projection> {
  const { header } = store
  if (header.build !== reference.build)
    throw new UpturnError(
      'BadArgument',
      `the reference is on ${reference.build} and the genotypes are on ${header.build}; positions of one mean nothing on the other`,
      { place: { file: folder } },
    )
  const { components } = reference
  const width = 2 * Math.ceil(components / 2)
  const matches = await matchVariants(reference, store.header, (group) => store.read(group, workshop.signal), folder)
  if (matches.matched <= components)
    throw new UpturnError(
      'BadArgument',
      `of ${matches.reference} variants of the reference ${matches.matched} are among these genotypes, too few to place anybody`,
      { place: { file: folder } },
    )
  const everyone = Int32Array.from(header.samples.keys())
  const tiles: Int32Array[] = []
  for (let from = 0; from < everyone.length; from += chunkPeople) tiles.push(everyone.slice(from, from + chunkPeople))
  const chunks = tiles.flatMap((people) => matches.groups.map((group) => ({ ...group, people })))
  const n = everyone.length
  const scores = new Float64Array(n * width)
  const missing = new Float64Array(n * width * width)
  const called = new Int32Array(n)
  let done = 0
  for await (const part of workshop.run(projectTask, { folder, width }, chunks, { label: 'projecting people' })) {
    const first = Math.floor(done++ / matches.groups.length) * chunkPeople
    addTo(scores, part.scores, first * width)
    addTo(missing, part.missing, first * width * width)
    for (let i = 0; i < part.called.length; i++) called[first + i] += part.called[i]
  }

  const whole = new Float64Array(width * width)
  for (const { loadings, index } of matches.groups)
    for (let v = 0; v < index.length; v++)
      for (let a = 0; a < width; a++)
        for (let b = 0; b < width; b++) whole[a * width + b] += loadings[v * width + a] * loadings[v * width + b]
  const { groups: _, ...counts } = matches
  return { scores: solved(whole, missing, scores, n, width, components), called, ...counts }
}

function addTo(sum: Float64Array, part: Float64Array, from: number): void {
  for (let i = 0; i < part.length; i++) sum[from + i] += part[i]
}

/** Scores of each person: the products of loadings over the called variants, solved for the person's sums. */
function solved(
  whole: Float64Array,
  missing: Float64Array,
  sums: Float64Array,
  n: number,
  width: number,
  components: number,
): Float64Array {
  const scores = new Float64Array(n * components).fill(Number.NaN)
  for (let i = 0; i < n; i++) {
    const products = new Float64Array(components * components)
    const right = new Float64Array(components)
    for (let a = 0; a < components; a++) {
      right[a] = sums[i * width + a]
      for (let b = 0; b < components; b++)
        products[a * components + b] = whole[a * width + b] - missing[(i * width + a) * width + b]
    }
    const lower = cholesky(products, components)
    if (lower !== undefined) scores.set(choleskySolve(lower, components, right), i * components)
  }
  return scores
}

interface Matches extends Omit<Projection, 'scores' | 'called'> {
  groups: Omit<ProjectChunk, 'people'>[]
}

/** Variants of the reference that a store has, by group of blocks. */
async function matchVariants(
  reference: ReferenceComponents,
  header: StoreHeader,
  read: (group: BlockGroup) => Promise<{ lines: Uint8Array }>,
  folder: string,
): Promise<Matches> {
  const { components } = reference
  const width = 2 * Math.ceil(components / 2)
  // By chromosome and position, then by alleles.
  const wanted = new Map<number, { keys: VariantKeys; batch: VariantLoadings; row: number }[]>()
  const placeOf = (rank: number, position: number) => rank * 2 ** 32 + position
  let total = 0
  let ambiguous = 0
  for (const batch of reference.variants) {
    const { keys } = batch
    for (let row = 0; row < keys.position.length; row++) {
      total++
      if (isAmbiguous({ ref: keys.ref[row], alt: keys.alt[row] })) {
        ambiguous++
        continue
      }
      const place = placeOf(chromosomes.indexOf(keys.chromosome[row]), keys.position[row])
      const held = wanted.get(place)
      if (held === undefined) wanted.set(place, [{ keys, batch, row }])
      else held.push({ keys, batch, row })
    }
  }
  const decoder = new TextDecoder()
  const taken = new Set<string>()
  let matched = 0
  let exchanged = 0
  const groups: Matches['groups'] = []
  for (const group of blockGroups(header)) {
    const { lines } = await read(group)
    const { variants } = groupVariants(header, group)
    const { rank, position, start, ref } = keyPlaces(lines, variants, folder)
    const index: number[] = []
    const values: number[] = []
    const loadings: number[] = []
    for (let v = 0; v < variants && rank[v] < autosomes; v++) {
      const candidates = wanted.get(placeOf(rank[v], position[v]))
      if (candidates === undefined) continue
      const [refAllele, altAllele] = decoder.decode(lines.subarray(ref[v], start[v + 1])).split('\t')
      for (const { keys, batch, row } of candidates) {
        const same = keys.ref[row] === refAllele && keys.alt[row] === altAllele
        const other =
          keys.ref[row] === altAllele && keys.alt[row] === refAllele && isSnv({ ref: refAllele, alt: altAllele })
        const name = `${rank[v]} ${position[v]} ${keys.ref[row]} ${keys.alt[row]}`
        if ((!same && !other) || taken.has(name)) continue
        taken.add(name)
        matched++
        if (other) exchanged++
        index.push(v)
        const [none, one, two, missing] = standardised(batch.frequency[row])
        values.push(...(other ? [two, one, none, missing] : [none, one, two, missing]))
        for (let c = 0; c < width; c++) loadings.push(c < components ? batch.loadings[row * components + c] : 0)
        break
      }
    }
    if (index.length > 0)
      groups.push({
        ...group,
        index: Int32Array.from(index),
        values: Float64Array.from(values),
        loadings: Float64Array.from(loadings),
      })
  }
  return { reference: total, matched, exchanged, ambiguous, groups }
}
