import { analyseSurvival, countedCalls, type SurvivalPerson } from '../../clinical/index.ts'
import { openStore } from '../../genotypes/index.ts'
import {
  type Call,
  type CallsSummary,
  callsTable,
  type GroupRow,
  groupsTable,
  type Patient,
  patientsTable,
} from '../../results/clinical.ts'
import type { Loci } from '../../results/loci.ts'
import { genotypedPeople } from '../design.ts'
import { findDosages } from '../lead-genotypes.ts'
import { covariateOf } from '../people.ts'
import { readRows } from '../rows.ts'
import type { Stage, StageContext } from '../stage.ts'

/** The best leads. */
const leadsTaken = 5
/** Of a larger study the best alone: each takes its time. */
const manyPeople = 5000

/** Everybody without a recorded exclusion whose genotypes passed quality control and whose covariates are known. */
async function survivalPeople(context: StageContext): Promise<{
  people: SurvivalPerson[]
  left: Map<string, number>
  sexes: Map<string, 'female' | 'male' | null>
}> {
  const { host } = context.workshop
  const patients = await readRows<Patient>(host, context.from('visits', 'patients.parquet'), patientsTable)
  const groups = await readRows<GroupRow>(host, context.from('calls', 'groups.parquet'), groupsTable)
  const every = await readRows<Call>(host, context.from('calls', 'calls.parquet'), callsTable)
  const { definition } = await context.read<CallsSummary>('calls', 'calls.json')
  const calls = countedCalls(every, groups, definition)
  const { quality, components } = await genotypedPeople(context)
  const confirmed = new Map(
    calls.flatMap((call) => (call.verdict === 'yes' ? [[call.patient, call.end_day] as const] : [])),
  )
  const groupOf = new Map(groups.map((row) => [row.patient, row]))
  const genotyped = new Map(quality.map((row) => [row.sample, row]))
  const left = new Map<string, number>()
  const sexes = new Map<string, 'female' | 'male' | null>()
  const people = patients.flatMap((patient): SurvivalPerson[] => {
    const lose = (reason: string) => {
      left.set(reason, (left.get(reason) ?? 0) + 1)
      return []
    }
    const sample = patient.sample ?? patient.patient
    const group = groupOf.get(patient.patient)
    const genotypes = genotyped.get(sample)
    if (group === undefined || group.exclusion !== null) return lose(`excluded: ${group?.exclusion ?? 'no call'}`)
    if (genotypes === undefined) return lose('no genotypes')
    if (!genotypes.kept) return lose(`genotypes removed: ${genotypes.reason ?? 'quality'}`)
    const sex = patient.sex ?? genotypes.recorded_sex
    const covariates: number[] = []
    for (const name of context.study.covariates) {
      const value = covariateOf(name, sex, patient.age_at_onset, components.get(sample))
      if (value === null) return lose(`${name} is missing`)
      covariates.push(value)
    }
    sexes.set(sample, sex)
    const role = group.case === 1 ? 'case' : group.case === 0 ? 'control' : 'other'
    return [
      {
        sample,
        patient,
        role,
        confirmedDay: role === 'case' ? (confirmed.get(patient.patient) ?? null) : null,
        covariates,
      },
    ]
  })
  people.sort((a, b) => (a.sample < b.sample ? -1 : 1))
  return { people, left, sexes }
}

export const survival: Stage = {
  name: 'survival',
  version: 4,
  reads: ['visits', 'calls', 'genotypes', 'quality', 'ancestry', 'loci'],
  publish: ['survival.json'],
  parameters: (study) => ({ covariates: study.covariates }),
  inputs: async () => [],
  async run(context) {
    const { host, signal, progress } = context.workshop
    const { people, left, sexes } = await survivalPeople(context)
    const { loci } = await context.read<Loci>('loci', 'loci.json')
    const taken = loci.slice(0, people.length > manyPeople ? 1 : leadsTaken)
    const leads: { lead: string; copies: Map<string, number> | null }[] = []
    const store = await openStore(host, context.from('genotypes', ''))
    try {
      for (const { lead } of taken) {
        progress('reading', leads.length / taken.length)
        leads.push({ lead, copies: await findDosages(store, lead, sexes, signal) })
      }
    } finally {
      await store.close()
    }
    const summary = analyseSurvival({
      people,
      covariates: context.study.covariates,
      leads,
      left: [...left].map(([reason, n]) => ({ reason, people: n })),
    })
    if (taken.length < loci.length)
      summary.notes.push(`Of ${loci.length} leads the best ${taken.length === 1 ? 'is' : taken.length} looked at.`)
    await context.json('survival.json', summary)
  },
}
