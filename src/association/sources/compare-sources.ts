import type { Workshop } from '../../compute/task.ts'
import type { SourcesSummary } from '../../results/sources.ts'
import type { DesignInput } from '../design.ts'
import { type ContrastOptions, contrastSource } from './contrast.ts'
import { compareMeasures, type MeasuredPerson } from './measures.ts'
import { sourcesVerdict } from './verdict.ts'

/** The technical measures of a sample that are compared, where they are known. */
export const sourceMeasures = ['call rate', 'heterozygosity F', 'transitions to transversions', 'depth'] as const

/**
 * Whether the sources of the DNA differ in what only a laboratory should decide: measures of everyone's samples, and allele
 * frequencies of controls, each source against the others (with two sources once). Opens the labels, since it must know who is a control.
 * @param input the design of the study; people without a source are left out
 * @param measured everybody with genotypes and a source
 * @returns the summary, and a bit (i of byte i >> 3) for every variant of the store that differs; null when none does
 */
export async function compareSources(
  input: DesignInput,
  measured: readonly MeasuredPerson[],
  options: ContrastOptions,
  workshop: Workshop,
): Promise<{ summary: SourcesSummary; differing: Uint8Array | null }> {
  const known = input.people.flatMap((person, i) =>
    person.source === undefined
      ? []
      : [{ person, source: person.source, covariates: input.covariates.map(({ values }) => values[i]) }],
  )
  const sources = [...new Set(known.map(({ source }) => source))].sort((a, b) => (a < b ? -1 : 1))
  const people = sources.map((source) => {
    const here = known.filter((one) => one.source === source)
    const cases = here.filter(({ person }) => person.case).length
    return { source, cases, controls: here.length - cases }
  })
  const controls = known.filter(({ person }) => !person.case)
  const holding = people.filter((one) => one.controls > 0).map(({ source }) => source)
  const compared = holding.length < 2 ? [] : holding.length === 2 ? holding.slice(0, 1) : holding
  const contrasts = []
  const differing = new Set<number>()
  for (const source of compared) {
    const result = await contrastSource(
      source,
      controls,
      {
        header: input.header,
        seed: input.seed,
        sexChromosomes: input.sexChromosomes,
        covariateNames: input.covariates.map(({ name }) => name),
      },
      options,
      workshop,
    )
    contrasts.push(result.contrast)
    for (const index of result.differing) differing.add(index)
  }
  const measures = compareMeasures(measured, sourceMeasures)
  let bits: Uint8Array | null = null
  if (differing.size > 0) {
    bits = new Uint8Array(Math.ceil(input.header.variants / 8))
    for (const index of differing) bits[index >> 3] |= 1 << (index & 7)
  }
  return {
    summary: { people, measures, contrasts, ...sourcesVerdict(people, contrasts, measures) },
    differing: bits,
  }
}
