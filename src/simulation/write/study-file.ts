import type { SimulationOptions } from '../options.ts'

/** A study file that `upturn run` takes as it is. */
export function studyText(options: SimulationOptions): string {
  const genotypes = options.formats.includes('vcf') ? 'vcf: genotypes.vcf.gz' : 'bed: genotypes.bed'
  const second =
    options.controls2 > 0
      ? 'controls_2: { genotypes: { bed: controls_2.bed, build: GRCh38 }, calls: controls_2-calls.tsv }\n'
      : ''
  return `# Simulated: nobody in these files exists. The truth is in truth.json; docs/simulation.md says how it was made.
name: ALS reversals, simulated cohort
seed: ${options.seed}
cohorts:
  simulated:
    clinical: { source: pro-act, path: clinical/ }
    genotypes: { ${genotypes}, build: GRCh38 }
phenotype:
  definition: large-sustained
  cases: reversal
  controls: typical
covariates: [sex, age_at_onset, PC1, PC2]
${second}primary: { test: family, alpha: 0.05 }
permutations: 1000
`
}
