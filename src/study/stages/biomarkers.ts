import { analyseBiomarkers } from '../../clinical/index.ts'
import { openStore } from '../../genotypes/index.ts'
import {
  type GroupRow,
  groupsTable,
  type LabValue,
  labsTable,
  type Patient,
  patientsTable,
} from '../../results/clinical.ts'
import { type SampleQuality, samplesTable } from '../../results/genotypes.ts'
import type { Loci } from '../../results/loci.ts'
import { writeBiomarkerTables } from '../biomarker-files.ts'
import { findCopies } from '../lead-genotypes.ts'
import { readRows } from '../rows.ts'
import type { Stage } from '../stage.ts'

export const biomarkers: Stage = {
  name: 'biomarkers',
  version: 4,
  reads: ['visits', 'calls', 'genotypes', 'quality', 'loci'],
  publish: ['biomarkers.json', 'biomarkers.tsv', 'biomarkers-values.tsv'],
  parameters: (study) => ({ tests: study.biomarkers, plates: study.biomarker_plates, seed: study.seed }),
  inputs: async () => [],
  async run(context) {
    const { host } = context.workshop
    const labs = await readRows<LabValue>(host, context.from('visits', 'labs.parquet'), labsTable)
    const everyone = await readRows<GroupRow>(host, context.from('calls', 'groups.parquet'), groupsTable)
    const patients = await readRows<Patient>(host, context.from('visits', 'patients.parquet'), patientsTable)
    const samples = await readRows<SampleQuality>(host, context.from('quality', 'samples.parquet'), samplesTable)
    const kept = new Set(samples.filter((sample) => sample.kept).map((sample) => sample.sample))
    // Somebody who enrolled twice would count twice.
    const twice = new Set(samples.filter((sample) => sample.reason === 'duplicate').map((sample) => sample.sample))
    const doubled = new Set(
      patients.filter(({ patient, sample }) => twice.has(sample ?? patient)).map(({ patient }) => patient),
    )
    const groups = everyone.filter((row) => !doubled.has(row.patient))
    const lead = (await context.read<Loci>('loci', 'loci.json')).loci[0]?.lead ?? null
    const sexes = new Map(samples.map((sample) => [sample.sample, sample.recorded_sex]))
    let genotype: ReadonlyMap<string, 0 | 1 | 2> | null = null
    if (lead !== null) {
      const store = await openStore(host, context.from('genotypes', ''))
      try {
        const copies = await findCopies(store, lead, sexes, context.workshop.signal)
        genotype = new Map(
          patients.flatMap(({ patient, sample }) => {
            const id = sample ?? patient
            const value = kept.has(id) ? copies?.get(id) : undefined
            return value === undefined ? [] : [[patient, value] as const]
          }),
        )
      } finally {
        await store.close()
      }
    }
    const { biomarkers: tests, biomarker_plates: plates, seed } = context.study
    const found = analyseBiomarkers(labs, groups, patients, genotype, { tests, leadVariant: lead, plates, seed })
    await context.json('biomarkers.json', found)
    await writeBiomarkerTables((name) => context.file(name), found)
  },
}
