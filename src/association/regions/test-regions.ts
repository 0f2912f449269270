import { type GenotypeStore, storeRegion } from '../../genotypes/index.ts'
import type { RegionResult, RegionTest } from '../../results/regions.ts'
import { sayCount, sayP } from '../../results/say.ts'
import { type GeneTest, type GeneTestOptions, geneTests, LabelDraws } from '../../statistics/gene-tests/index.ts'
import type { Labels, SealedDesign } from '../design.ts'
import { readVariants } from '../lead.ts'

/** A gene or region, ends inclusive, 1-based. */
export interface TestedRegion {
  name: string
  chromosome: string
  start: number
  end: number
  reason: string
}

export interface RegionOptions extends GeneTestOptions {
  /** Variants called in a smaller share of the people are left out. */
  callRate: number
  /** A region that no labels could bring to this is unreachable. */
  alpha: number
}

/**
 * Gene tests of each region, label sets drawn once for all of them: those of the primary test's family. Every variant of the store that lies inside is
 * looked at, rare ones too, which quality control leaves out of the scan.
 */
export async function testRegions(
  regions: readonly TestedRegion[],
  store: GenotypeStore,
  design: SealedDesign,
  labels: Labels,
  options: RegionOptions,
  { signal, progress }: { signal: AbortSignal; progress(label: string, fraction: number): void },
): Promise<RegionResult[]> {
  const family = design.families.at(0)
  if (family === undefined || regions.length === 0) return []
  const draws = new LabelDraws(family.scheme, design.seed, 'association/gene tests')
  const null_ = { risks: design.risks, columns: design.covariates.columns }
  const results: RegionResult[] = []
  for (const [done, region] of regions.entries()) {
    signal.throwIfAborted()
    const range = await storeRegion(store, region.chromosome, region.start, region.end, signal)
    const genotypes: Int8Array[] = []
    let poorlyCalled = 0
    for await (const block of readVariants(store, design, range.first, range.end, signal))
      for (const variant of block) {
        let called = 0
        for (const g of variant.genotypes) if (g >= 0) called++
        if (called < options.callRate * variant.genotypes.length) poorlyCalled++
        else genotypes.push(variant.genotypes)
      }
    const found = geneTests(genotypes, labels.cases, draws, null_, options)
    const tests = (
      [
        ['burden', found.burden],
        ['skat', found.skat],
        ['skat_o', found.skatO],
        ['acat', found.acat],
      ] as const
    ).map(([test, of]) => testOf(test, of))
    const reachable = tests.some((t) => t.minAttainableP === null || t.minAttainableP <= options.alpha)
    const { variants, monomorphic, frequent, method, sets, direction, missingCalls } = found
    const { caseCarriers, controlCarriers, caseAlleles, controlAlleles } = found
    const result: Omit<RegionResult, 'sentence'> = {
      ...region,
      status: found.status === 'ok' && !reachable ? 'unreachable' : found.status,
      variants,
      monomorphic,
      frequent,
      poorlyCalled,
      caseCarriers,
      controlCarriers,
      caseAlleles,
      controlAlleles,
      missingCalls,
      method,
      sets,
      direction,
      rho: found.skatO.rho,
      tests,
    }
    results.push({ ...result, sentence: regionSentence(result) })
    progress('gene tests', (done + 1) / regions.length)
  }
  return results
}

function testOf(test: RegionTest['test'], { p, midp, low, high, minAttainableP, asymptoticP }: GeneTest): RegionTest {
  return { test, p, midp, low, high, minAttainableP, asymptoticP }
}

function regionSentence(result: Omit<RegionResult, 'sentence'>): string {
  const { name, variants, caseCarriers, controlCarriers, tests, method, sets } = result
  if (variants === 0) return `${name}: no rare variant to test.`
  const skatO = tests[2]
  const carriers = `${caseCarriers} cases and ${controlCarriers} controls carry one of ${variants} rare ${variants === 1 ? 'variant' : 'variants'}`
  const how =
    method === 'enumeration'
      ? 'every way of labelling the carriers listed'
      : `${sayCount(sets)} label sets, limits ${sayP(skatO.low ?? 0)} to ${sayP(skatO.high ?? 1)}`
  const reach = result.status === 'unreachable' ? ' With so few carriers no labels could have been significant.' : ''
  return `${name}: ${carriers}; SKAT-O p ${sayP(skatO.p)} (${how}).${reach}`
}
