import type { Workshop } from '../../compute/task.ts'
import type { StoreHeader } from '../store/layout.ts'
import { callRateTask } from './call-rate.ts'
import { addHeterozygosity, type HeterozygosityCounts, heterozygosityTask, noHeterozygosity } from './heterozygosity.ts'
import { addPersonCounts, noPersonCounts, type PersonCounts } from './person-counts.ts'
import { blockGroups, peopleMask } from './scan.ts'
import { addSubstitutions, noSubstitutions, transitionRatio } from './substitutions.ts'
import { appendRun, type KindRun } from './variant-kinds.ts'

/** Variants called in a smaller share of people are left out when people's call rates are taken. */
export const lenientVariantCallRate = 0.8

/** Variants rarer than this do not enter heterozygosity, sex and kinship. */
export const commonMaf = 0.05

// With fewer recorded women than this, everyone gives the frequencies on X.
export const fewestWomen = 20

/**
 * First scan: which variants are of which kind, each person's missing calls over well-called variants, and transitions for one
 * transversion (NaN where there are none).
 */
export async function scanCallRates(
  folder: string,
  header: StoreHeader,
  workshop: Workshop,
): Promise<{ runs: KindRun[]; calls: PersonCounts; callRate: number[]; transitionRatios: number[] }> {
  const runs: KindRun[] = []
  const calls = noPersonCounts(header.wordsPerPlane)
  const substitutions = noSubstitutions(header.wordsPerPlane)
  const setup = { folder, variantCallRate: lenientVariantCallRate }
  for await (const part of workshop.run(callRateTask, setup, blockGroups(header), { label: 'counting calls' })) {
    for (const run of part.runs) appendRun(runs, run)
    addPersonCounts(calls, part.counts)
    addSubstitutions(substitutions, part.substitutions)
  }
  const callRate = header.samples.map((_, s) => (calls.used === 0 ? 1 : 1 - calls.missing[s] / calls.used))
  const transitionRatios = header.samples.map((_, s) => transitionRatio(substitutions, s))
  return { runs, calls, callRate, transitionRatios }
}

export interface HeterozygosityScan {
  folder: string
  header: StoreHeader
  runs: KindRun[]
  /** Columns of the people who give frequencies, and of the recorded women among them. */
  people: readonly number[]
  women: readonly number[]
  variantCallRate: number
}

/** Second scan: heterozygous calls on the autosomes and on X, seen and expected, and calls on Y, of every person. */
export async function scanHeterozygosity(
  scan: HeterozygosityScan,
  workshop: Workshop,
): Promise<{ autosomes: HeterozygosityCounts; x: HeterozygosityCounts; y: PersonCounts }> {
  const { folder, header, runs, variantCallRate } = scan
  const people = peopleMask(header, scan.people)
  const setup = {
    folder,
    runs,
    people,
    peopleX: scan.women.length < fewestWomen ? people : peopleMask(header, scan.women),
    maf: commonMaf,
    variantCallRate,
  }
  const autosomes = noHeterozygosity(header.wordsPerPlane)
  const x = noHeterozygosity(header.wordsPerPlane)
  const y = noPersonCounts(header.wordsPerPlane)
  const label = 'heterozygosity and sex'
  for await (const part of workshop.run(heterozygosityTask, setup, blockGroups(header), { label })) {
    addHeterozygosity(autosomes, part.autosomes)
    addHeterozygosity(x, part.x)
    addPersonCounts(y, part.y)
  }
  return { autosomes, x, y }
}
