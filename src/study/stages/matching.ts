import { countedCalls, matchControls, peopleForMatching } from '../../clinical/index.ts'
import {
  type Call,
  callsTable,
  type GroupRow,
  groupsTable,
  type Patient,
  patientsTable,
  type Visit,
  visitsTable,
} from '../../results/clinical.ts'
import { ancestryTable, componentsStored } from '../../results/genotypes.ts'
import { matchingTable } from '../../results/matching.ts'
import { writeMatchingFiles } from '../matching-files.ts'
import { readRows, writeRows } from '../rows.ts'
import type { Stage } from '../stage.ts'

/** Components that matching may use, of those that are covariates. */
const components = ['PC1', 'PC2']

export const matching: Stage = {
  name: 'matching',
  version: 4,
  reads: ['visits', 'calls', 'ancestry'],
  publish: ['matching.parquet', 'matching.json', 'matching.tsv', 'balance.tsv', 'balance.svg', 'balance.png'],
  parameters: (study) => ({ ...study.matching, definition: study.phenotype.definition, covariates: study.covariates }),
  inputs: async () => [],
  async run(context) {
    const { host } = context.workshop
    const { ratio, exact, calipers, distance, variables: asked } = context.study.matching
    const ancestry = (
      await readRows<Record<string, number | string | boolean | null>>(
        host,
        context.from('ancestry', 'ancestry.parquet'),
        ancestryTable,
      )
    ).map((row) => ({
      sample: String(row.sample),
      outlier: row.outlier === true,
      pc: Array.from({ length: componentsStored }, (_, k) => row[`pc${k + 1}`]).filter(
        (value) => typeof value === 'number',
      ),
    }))
    const inAncestry = new Set(ancestry.map((row) => row.sample))
    const patients = await readRows<Patient>(host, context.from('visits', 'patients.parquet'), patientsTable)
    const groups = await readRows<GroupRow>(host, context.from('calls', 'groups.parquet'), groupsTable)
    const calls = countedCalls(
      await readRows<Call>(host, context.from('calls', 'calls.parquet'), callsTable),
      groups,
      context.study.phenotype.definition,
    )
    const genotyped = new Set(
      patients.filter((patient) => inAncestry.has(patient.sample ?? patient.patient)).map((patient) => patient.patient),
    )
    const visits = await readRows<Visit>(host, context.from('visits', 'visits.parquet'), visitsTable)
    const variables = asked ?? [
      'age_at_onset',
      'pre_nadir_slope',
      ...components.filter(
        (name) => context.study.covariates.includes(name) && (ancestry[0]?.pc.length ?? 0) >= Number(name.slice(2)),
      ),
    ]
    const people = peopleForMatching({ patients, groups, calls, ancestry, visits }, variables, exact).filter((person) =>
      genotyped.has(person.patient),
    )
    const { rows, summary } = matchControls(people, {
      ratio,
      exact,
      calipers: calipers as Record<string, number>,
      distance,
    })
    await writeRows(host, context.file('matching.parquet'), matchingTable, rows)
    await context.json('matching.json', summary)
    await writeMatchingFiles((name) => context.file(name), rows, summary)
  },
}
