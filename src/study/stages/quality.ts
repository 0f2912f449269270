import { assessQuality } from '../../genotypes/index.ts'
import { writeWhole } from '../../host/node/files.ts'
import { type Patient, patientsTable } from '../../results/clinical.ts'
import { samplesTable } from '../../results/genotypes.ts'
import { hasClinical } from '../before-phenotypes.ts'
import { digestOf } from '../canonical.ts'
import { cohortOfId } from '../cohorts.ts'
import { sexInputs } from '../paths.ts'
import { readRows, writeRows } from '../rows.ts'
import type { Stage } from '../stage.ts'

export const quality: Stage = {
  name: 'quality',
  version: 4,
  reads: ['visits', 'genotypes'],
  readsOf: (study) => (hasClinical(study) ? ['visits', 'genotypes'] : ['genotypes']),
  publish: ['quality.json', 'samples.parquet'],
  parameters: (study) => study.quality,
  // Sex does not enter the digest of the genotypes, which is the same whether files say it or not.
  inputs: async (loaded) => sexInputs(loaded),
  async run(context) {
    const { host } = context.workshop
    const limits = context.study.quality
    const patients = hasClinical(context.study)
      ? await readRows<Patient>(host, context.from('visits', 'patients.parquet'), patientsTable)
      : []
    const fromFiles = await context.read<Record<string, 'female' | 'male' | null>>('genotypes', 'sexes.json')
    const recorded = new Map(Object.entries(fromFiles))
    for (const patient of patients)
      if (patient.sex !== null) recorded.set(patient.sample ?? patient.patient, patient.sex)
    const people = [...recorded].map(([sample, sex]) => ({
      sample,
      sex,
      cohort: cohortOfId(context.study, sample),
    }))
    const result = await assessQuality(
      context.from('genotypes', ''),
      people,
      {
        sampleCallRate: limits.sample_call_rate,
        variantCallRate: limits.variant_call_rate,
        maf: limits.maf,
        kinship: limits.kinship,
        depths: await context.read<Record<string, number>>('genotypes', 'depths.json'),
      },
      context.workshop,
    )
    await writeRows(host, context.file('samples.parquet'), samplesTable, result.samples)
    await context.json('quality.json', result.quality)
    await writeWhole(context.file('variants.keep'), result.keep)
    context.digest('variants.keep', digestOf(Buffer.from(result.keep).toString('base64')))
  },
}
