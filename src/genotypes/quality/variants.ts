import type { Workshop } from '../../compute/task.ts'
import type { FilterStep } from '../../results/genotypes.ts'
import type { GenotypeStore } from '../store/reader.ts'
import { blockGroups, groupVariants, peopleMask } from './scan.ts'
import { type ForbiddenCalls, noForbiddenCalls, variantFilterTask, variantVerdicts } from './variant-filter.ts'
import type { KindRun } from './variant-kinds.ts'

const examplesListed = 100

export interface VariantFilters {
  folder: string
  runs: KindRun[]
  /** Columns of the people kept, and of the men and women among them. */
  people: readonly number[]
  men: readonly number[]
  women: readonly number[]
  callRate: number
  maf: number
  /** No filter of its own when absent. */
  mac?: number
}

/** Filters the variants of a store over the people kept: the keep-list, one bit each, and what each step took. */
export async function filterVariants(
  store: GenotypeStore,
  filters: VariantFilters,
  workshop: Workshop,
): Promise<{ keep: Uint8Array; kept: number; steps: FilterStep[]; forbidden: ForbiddenCalls }> {
  const { header } = store
  const groups = blockGroups(header)
  const keep = new Uint8Array(Math.ceil(header.variants / 8))
  const counts = variantVerdicts.map(() => 0)
  const examples: number[][] = variantVerdicts.map(() => [])
  const setup = {
    folder: filters.folder,
    runs: filters.runs,
    people: peopleMask(header, filters.people),
    men: peopleMask(header, filters.men),
    women: peopleMask(header, filters.women),
    callRate: filters.callRate,
    maf: filters.maf,
    mac: filters.mac ?? 0,
  }
  const forbidden = noForbiddenCalls()
  let g = 0
  for await (const part of workshop.run(variantFilterTask, setup, groups, { label: 'filtering variants' })) {
    const { first } = groupVariants(header, groups[g++])
    const { verdicts } = part
    for (const name of ['menHeterozygousX', 'menHeterozygousY', 'womenY'] as const)
      forbidden[name] += part.forbidden[name]
    verdicts.forEach((verdict, i) => {
      const v = first + i
      counts[verdict]++
      if (verdict === 0) keep[v >> 3] |= 1 << (v & 7)
      else if (examples[verdict].length < examplesListed) examples[verdict].push(v)
    })
  }
  const rules = {
    kept: '',
    'variant call rate': `called in fewer than ${filters.callRate * 100}% of the ${filters.people.length} people kept (on Y: of the ${filters.men.length} men)`,
    'minor-allele frequency': `minor-allele frequency below ${filters.maf} (men carry one copy of X and Y)`,
    'minor-allele count': `minor-allele count below ${filters.mac}`,
  }
  const steps: FilterStep[] = []
  let remaining = header.variants
  for (const [i, filter] of variantVerdicts.entries()) {
    if (filter === 'kept' || (filter === 'minor-allele count' && filters.mac === undefined)) continue
    remaining -= counts[i]
    const named = await variantNames(store, examples[i], workshop.signal)
    steps.push({ filter, rule: rules[filter], removed: counts[i], remaining, examples: named })
  }
  return { keep, kept: counts[0], steps, forbidden }
}

async function variantNames(store: GenotypeStore, variants: readonly number[], signal: AbortSignal): Promise<string[]> {
  const names: string[] = []
  const { blocks } = store.header
  for (let b = 0; b < blocks.length && names.length < variants.length; b++) {
    const { first, variants: count } = blocks[b]
    if (variants[names.length] >= first + count) continue
    const keys = await store.keys(b, signal)
    while (names.length < variants.length && variants[names.length] < first + count) {
      const i = variants[names.length] - first
      names.push(`${keys.chromosome[i]}:${keys.position[i]}:${keys.ref[i]}:${keys.alt[i]}`)
    }
  }
  return names
}
