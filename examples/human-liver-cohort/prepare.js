// Writes a made-up clinic around the Human Liver Cohort: clinical/ in the PRO-ACT layout and study.yaml. Sex, which the
// files do not record, is read off the X chromosome, so that recorded and genetic sex agree as they would in a clinic.
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const data = fileURLToPath(new URL('data/', import.meta.url))
const program = fileURLToPath(new URL('../../bin/upturn.js', import.meta.url))

const samples = readFileSync(join(data, 'HLC.fam'), 'utf8')
  .trim()
  .split('\n')
  .map((line) => line.split(/\s+/)[1])
const chromosomes = readFileSync(join(data, 'HLC.bim'), 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => line.slice(0, line.indexOf('\t')))
const bed = readFileSync(join(data, 'HLC.bed'))
const bytes = Math.ceil(samples.length / 4)
const het = new Int32Array(samples.length)
const called = new Int32Array(samples.length)
chromosomes.forEach((chromosome, variant) => {
  if (chromosome !== '23') return
  for (let person = 0; person < samples.length; person++) {
    const code = (bed[3 + variant * bytes + (person >> 2)] >> (2 * (person & 3))) & 3
    if (code === 1) continue
    called[person]++
    if (code === 2) het[person]++
  }
})
// Heterozygosity on X falls into two heaps, far apart: men have next to none.
const sexes = samples.map((_, person) => (het[person] / called[person] < 0.1 ? 'Male' : 'Female'))

const made = spawnSync(
  process.execPath,
  [
    program,
    'simulate',
    '--clinical-only',
    '--people',
    '397',
    '--relatives',
    '0',
    '--duplicates',
    '0',
    '--swaps',
    '0',
    '--seed',
    '427',
    '--out',
    data,
    '--quiet',
  ],
  { stdio: 'inherit' },
)
if (made.status !== 0) process.exit(made.status ?? 1)

const table = join(data, 'clinical', 'DEMOGRAPHICS.csv')
const [head, ...lines] = readFileSync(table, 'utf8').trim().split('\n')
if (lines.length !== samples.length) throw new Error(`${lines.length} clinical records for ${samples.length} samples`)
const names = head.split(',')
const sexColumn = names.indexOf('Sex')
const subjects = lines.map((line) => line.split(',')[names.indexOf('subject_id')])
writeFileSync(
  table,
  `${[
    head,
    ...lines.map((line, i) =>
      line
        .split(',')
        .map((cell, column) => (column === sexColumn ? sexes[i] : cell))
        .join(','),
    ),
  ].join('\n')}\n`,
)
writeFileSync(
  join(data, 'clinical', 'GENOTYPED.csv'),
  `subject_id,sample_id,DNA_Source,Mimic,Known_Mutation\n${subjects.map((subject, i) => `${subject},${samples[i]},blood,,`).join('\n')}\n`,
)
writeFileSync(
  join(data, 'study.yaml'),
  `# Real genotypes, a simulated clinic: no association is expected. Positions are NCBI35, so genes are not named.
name: Human Liver Cohort with a simulated clinic
seed: 427
cohorts:
  liver:
    clinical: { source: pro-act, path: clinical/ }
    genotypes: { bed: HLC.bed, build: NCBI35 }
covariates: [sex, age_at_onset, PC1, PC2]
quality: { sample_call_rate: 0.9, variant_call_rate: 0.9, maf: 0.01, kinship: 0.0884 }
primary: { test: family, alpha: 0.05 }
permutations: 1000
`,
)
console.log(
  `${sexes.filter((sex) => sex === 'Male').length} men and ${sexes.filter((sex) => sex === 'Female').length} women; study file: ${join(data, 'study.yaml')}`,
)
