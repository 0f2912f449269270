import type { Call, CallsSummary, LabValue, Patient, Verdict } from '../../results/clinical.ts'
import type { Definition, Rule } from '../definitions/index.ts'
import type { Trajectory } from '../visits/trajectory.ts'
import { exclusionOf, strictnessLevels } from './exclusions.ts'
import { objectiveGain, sustainedGain } from './sustained.ts'

/** Confirmation windows that are tried beside the definition's own, days. */
const windows = [91, 183, 274, 365, 548, 730]
/** Sizes of gain, points of the score. */
const gains = [2, 3, 4, 5, 6, 8]
/** Longest gaps between visits, days. */
const gaps = [120, 215, 400]

type Sensitivity = NonNullable<CallsSummary['sensitivity']>

interface Input {
  /** Sorted by id. */
  patients: readonly Patient[]
  courses: ReadonlyMap<string, Trajectory>
  labs: ReadonlyMap<string, readonly LabValue[]>
  definitions: readonly Definition[]
  calls: readonly Call[]
  caseDefinition: Definition
}

/** How many are yes, and unconfirmed, at each strictness of exclusion, by the verdicts of one rule. */
function atEveryStrictness(patients: readonly Patient[], verdictOf: (patient: string) => Verdict | undefined) {
  return strictnessLevels.map((level) => {
    const counts = { level, yes: 0, unconfirmed: 0 }
    for (const patient of patients) {
      const verdict = verdictOf(patient.patient)
      if ((verdict !== 'yes' && verdict !== 'unconfirmed') || exclusionOf(patient, level) !== null) continue
      counts[verdict]++
    }
    return counts
  })
}

/** The study's own rule with one parameter changed: what, and to which values; nothing for rules without a time to hold. */
function variants(
  rule: Rule,
): { parameter: Sensitivity['variants'][number]['parameter']; value: number | null; rule: Rule }[] {
  if (rule.kind !== 'sustained-gain' && rule.kind !== 'objective-gain') return []
  const withOwn = (values: readonly number[], own: number | undefined) =>
    [...new Set(own === undefined ? values : [...values, own])].sort((a, b) => a - b)
  const found: ReturnType<typeof variants> = withOwn(windows, rule.days).map((days) => ({
    parameter: 'days',
    value: days,
    rule: { ...rule, days },
  }))
  if (rule.kind === 'sustained-gain')
    for (const gain of withOwn(gains, rule.gain))
      found.push({ parameter: 'gain', value: gain, rule: { ...rule, gain } })
  for (const gap of withOwn(gaps, rule.longest_gap_days))
    found.push({ parameter: 'longest_gap_days', value: gap, rule: { ...rule, longest_gap_days: gap } })
  const { longest_gap_days: _, ...unlimited } = rule
  found.push({ parameter: 'longest_gap_days', value: null, rule: unlimited as Rule })
  return found
}

/**
 * How the number of people called depends on the definition, on how long a gain must hold, how large it must be and how long nobody may have looked, each at
 * every strictness of exclusion. One parameter of the study's own definition is changed at a time. Calls alone: no adjudication, no group.
 */
export function callSensitivity(input: Input): Sensitivity {
  const { patients, courses, labs, definitions, calls, caseDefinition } = input
  const byDefinition = new Map<string, Map<string, Verdict>>(definitions.map(({ id }) => [id, new Map()]))
  for (const { patient, definition, verdict } of calls) byDefinition.get(definition)?.set(patient, verdict)
  const { rule } = caseDefinition
  const judge = (one: Rule, patient: string): Verdict | undefined => {
    if (one.kind === 'objective-gain') return objectiveGain(one, labs.get(patient) ?? []).verdict
    const course = courses.get(patient)
    return one.kind === 'sustained-gain' && course !== undefined ? sustainedGain(one, course).verdict : undefined
  }
  return {
    definitions: definitions.map(({ id }) => ({
      id,
      strictness: atEveryStrictness(patients, (patient) => byDefinition.get(id)?.get(patient)),
    })),
    variants: variants(rule).map(({ parameter, value, rule: changed }) => ({
      parameter,
      value,
      own:
        value ===
        (parameter === 'longest_gap_days'
          ? 'longest_gap_days' in rule
            ? (rule.longest_gap_days ?? null)
            : null
          : parameter === 'days'
            ? 'days' in rule && rule.days
            : 'gain' in rule && rule.gain),
      strictness: atEveryStrictness(patients, (patient) => judge(changed, patient)),
    })),
  }
}
