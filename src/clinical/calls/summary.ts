import type { Call, CallsSummary, GroupRow, Patient, ProgressionGroup, Verdict } from '../../results/clinical.ts'
import type { Definition } from '../definitions/index.ts'
import { definitionKappas } from './agreement.ts'
import { caseFlow } from './case-flow.ts'
import { exclusionOf, type Strictness, strictnessLevels } from './exclusions.ts'
import type { CohortModel } from './posterior/index.ts'

/** Bedlack et al. 2016, PRO-ACT: plateaus of 3,132, 2,105 and 1,218 people, slopes of 1,343; the last is "less than 1%". */
const publishedRates: ReadonlyMap<string, { rate: number; below?: boolean }> = new Map([
  ['plateau-6', { rate: 0.25 }],
  ['plateau-12', { rate: 0.16 }],
  ['plateau-18', { rate: 0.07 }],
  ['positive-slope-180', { rate: 0.14 }],
  ['large-sustained', { rate: 0.01, below: true }],
])

export interface SummaryInput {
  patients: readonly Patient[]
  calls: readonly Call[]
  groups: readonly GroupRow[]
  definitions: readonly Definition[]
  caseDefinition: string
  cases: ProgressionGroup
  controls: readonly ProgressionGroup[]
  strictness: Strictness
  mixedModel: CohortModel | null
  items: CallsSummary['itemLevel']
  priorRange: readonly [number, number]
  sensitivity: CallsSummary['sensitivity']
  adjudication: CallsSummary['adjudication']
}

/** How the number of cases depends on the definition, on confirmation and on who is excluded. */
export function summarise(input: SummaryInput): CallsSummary {
  const { calls, groups, definitions } = input
  const yes = new Map<string, Set<string>>()
  const counts = new Map<string, Record<Verdict, number>>()
  for (const { id } of definitions) {
    yes.set(id, new Set())
    counts.set(id, { yes: 0, no: 0, unconfirmed: 0, ineligible: 0 })
  }
  for (const { patient, definition, verdict } of calls) {
    const count = counts.get(definition)
    if (count !== undefined) count[verdict]++
    if (verdict === 'yes') yes.get(definition)?.add(patient)
  }
  const countOf = (id: string) => counts.get(id) ?? { yes: 0, no: 0, unconfirmed: 0, ineligible: 0 }
  const agreement = definitions.map((a) =>
    definitions.map((b) => {
      const other = yes.get(b.id)
      let both = 0
      for (const patient of yes.get(a.id) ?? []) if (other?.has(patient)) both++
      return both
    }),
  )
  const cases = groups.filter((row) => row.case === 1)
  return {
    definition: input.caseDefinition,
    definitions: definitions.map(({ id, title, version }) => ({ id, title, version, counts: countOf(id) })),
    agreement,
    kappas: definitionKappas(calls, definitions),
    sensitivity: input.sensitivity,
    caseFlow: caseFlow(input),
    flow: flow(input),
    cases: cases.length,
    controls: groups.filter((row) => row.case === 0).length,
    adjudication: input.adjudication,
    uncertainCases: cases.filter((row) => row.certainty === 'uncertain').length,
    strictness: strictnessLevels.map((level) => atStrictness(input, level)),
    mixedModel: mixedModel(input.mixedModel),
    visitNoise: visitNoise(input.mixedModel),
    itemLevel: input.items ?? null,
    priorRange: [...input.priorRange],
    rates: definitions.flatMap(({ id, title }) => {
      const published = publishedRates.get(id)
      if (published === undefined) return []
      const { yes: people, no } = countOf(id)
      const eligible = people + no
      return [
        {
          name: published.below === true ? `${title} (published: below)` : title,
          people,
          eligible,
          rate: eligible === 0 ? 0 : people / eligible,
          published: published.rate,
        },
      ]
    }),
  }
}

function atStrictness(input: SummaryInput, level: Strictness) {
  const group = new Map(input.groups.map((row) => [row.patient, row.group]))
  let cases = 0
  let controls = 0
  let excluded = 0
  for (const patient of input.patients) {
    const own = group.get(patient.patient) ?? 'unassigned'
    const isCase = own === input.cases
    if (!isCase && !input.controls.includes(own)) continue
    if (exclusionOf(patient, level) !== null) excluded++
    else if (isCase) cases++
    else controls++
  }
  return { level, excluded, cases, controls, inForce: level === input.strictness }
}

function flow({ groups, calls, caseDefinition, cases, controls, adjudication }: SummaryInput): CallsSummary['flow'] {
  const steps: CallsSummary['flow'] = []
  let left = [...groups]
  const keep = (step: string, reason: string, test: (row: GroupRow) => boolean) => {
    const kept = left.filter(test)
    steps.push({ step, people: kept.length, lost: left.length - kept.length, reason })
    left = kept
  }
  const unconfirmed = new Set(
    calls
      .filter((call) => call.definition === caseDefinition && call.verdict === 'unconfirmed')
      .map((call) => call.patient),
  )
  keep('People in the source', '', () => true)
  keep('With a total score at two visits or more', 'fewer than two scored visits', (row) => row.visits >= 2)
  if (adjudication != null)
    keep(
      'Not left open by raters',
      'a call that raters rejected, deferred or disagreed upon',
      (row) => !(row.rule_group === cases && row.group !== cases),
    )
  keep(
    'Without an open question',
    'a gain that follow-up was too short to confirm',
    (row) => !(unconfirmed.has(row.patient) && row.group === 'unassigned'),
  )
  keep('Assigned to a group', 'progression rate unknown', (row) => row.group !== 'unassigned')
  keep(
    `In the groups compared (${cases} v ${controls.join(', ')})`,
    'in another group',
    (row) => row.group === cases || controls.includes(row.group),
  )
  keep('Without a recorded mimic', 'antibody, EMG or diagnosis speaks for a mimic', (row) => row.exclusion !== 'mimic')
  keep('Without a known ALS mutation', 'known ALS mutation', (row) => row.exclusion !== 'known_mutation')
  return steps
}

function mixedModel(model: CohortModel | null): CallsSummary['mixedModel'] {
  if (model === null) return null
  const { intercept, slopePerMonth, sdIntercept, sdSlope, correlation, sdResidual, pace } = model
  return {
    intercept,
    slopePerMonth,
    sdIntercept,
    sdSlope,
    correlation,
    sdResidual,
    ...(pace === undefined ? {} : { growthPerYear: 12 * pace }),
  }
}

function visitNoise(model: CohortModel | null): CallsSummary['visitNoise'] {
  if (model === null) return null
  const { sdNoise, sdResidual, tails, itemNoise, outlyingVisit, neighbours, early } = model
  return {
    sd: sdNoise ?? sdResidual,
    tails: tails ?? 0,
    besideItems: itemNoise ?? null,
    ...(outlyingVisit === undefined ? {} : { outlying: outlyingVisit }),
    ...(neighbours === undefined ? {} : { neighbours }),
    ...(early === undefined ? {} : { early: [...early] }),
  }
}
