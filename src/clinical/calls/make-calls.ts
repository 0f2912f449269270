import type { Workshop } from '../../compute/task.ts'
import { UpturnError } from '../../errors/index.ts'
import type {
  Call,
  CallsSummary,
  GroupRow,
  LabValue,
  Patient,
  ProgressionGroup,
  Visit,
} from '../../results/clinical.ts'
import { type Adjudication, lastWords, outcomeOf, summariseAdjudications } from '../adjudication/index.ts'
import type { Definition } from '../definitions/index.ts'
import { type Trajectory, trajectories } from '../visits/trajectory.ts'
import type { Strictness } from './exclusions.ts'
import { confidence, groupOf, groupRow } from './groups.ts'
import { compareItems } from './item-comparison.ts'
import { defaultPriors, type PriorSettings, type ReversalPosterior } from './posterior/index.ts'
import { itemRatings } from './posterior/items.ts'
import { cohortPosteriors } from './posterior/task.ts'
import { byPatient, callDefinitions } from './rules.ts'
import { callSensitivity } from './sensitivity.ts'
import { summarise } from './summary.ts'

export interface CallOptions {
  definitions: readonly Definition[]
  /** Id of the study's own definition. */
  caseDefinition: string
  cases: ProgressionGroup
  /** One group, several, or `others`: everyone in a group that is not the cases'. */
  controls: ProgressionGroup | 'others' | readonly ProgressionGroup[]
  strictness: Strictness
  /** The plateau definition that makes the plateau group; plateau-12 by default. */
  plateauDefinition?: string
  priors?: PriorSettings
  /** Measurements that objective rules look at. */
  labs?: readonly LabValue[]
  /** What people judged of the calls; those of the case definition count. */
  adjudications?: readonly Adjudication[]
}

export interface CallsResult {
  /** Sorted by person and definition. */
  calls: Call[]
  /** Sorted by person. */
  groups: GroupRow[]
  summary: CallsSummary
}

const allGroups: readonly ProgressionGroup[] = ['reversal', 'plateau', 'slow', 'typical', 'rapid']

/**
 * Calls everyone by every definition, weighs how probable a true reversal is, and assigns groups, cases and controls.
 * Deterministic. Refuses (`BadArgument`) a case definition that is not among the definitions, and groups that overlap.
 */
export async function makeCalls(
  patients: readonly Patient[],
  visits: readonly Visit[],
  options: CallOptions,
  workshop: Pick<Workshop, 'run' | 'signal' | 'progress'>,
): Promise<CallsResult> {
  const { definitions } = options
  const caseDefinition = definitions.find(({ id }) => id === options.caseDefinition)
  if (caseDefinition === undefined)
    throw new UpturnError(
      'BadArgument',
      `no definition has the id '${options.caseDefinition}'; there are ${definitions.map(({ id }) => id).join(', ')}`,
    )
  const controls = controlGroups(options)
  const sorted = [...patients].sort((a, b) => (a.patient < b.patient ? -1 : a.patient > b.patient ? 1 : 0))
  const calls = callDefinitions(sorted, visits, definitions, options.labs)
  const verdicts = new Map<string, Map<string, Call['verdict']>>()
  for (const { patient, definition, verdict } of calls) {
    const own = verdicts.get(patient) ?? new Map<string, Call['verdict']>()
    own.set(definition, verdict)
    verdicts.set(patient, own)
  }

  const courses = trajectories(visits)
  const scored = sorted.flatMap(({ patient }): Trajectory[] => {
    const trajectory = courses.get(patient)
    return trajectory === undefined ? [] : [trajectory]
  })
  const priors = options.priors ?? defaultPriors
  const ratings = itemRatings(visits, scored)
  const { posteriors, fitted } = await cohortPosteriors(scored, ratings, priors, workshop)
  const posteriorsOf = new Map(scored.map(({ patient }, i) => [patient, posteriors[i]]))
  const posteriorOf = (patient: string) => posteriorsOf.get(patient)?.totals ?? null
  const itemsOf = (patient: string) => posteriorsOf.get(patient)?.items?.posterior ?? null

  const words = lastWords(options.adjudications ?? [], caseDefinition.id)
  const groups = sorted.map((patient) => {
    const own = verdicts.get(patient.patient) ?? new Map<string, Call['verdict']>()
    const posterior = posteriorOf(patient.patient)
    const plateau = options.plateauDefinition ?? 'plateau-12'
    const group = groupOf(own, definitions, caseDefinition, plateau, posterior?.posterior ?? null)
    const said = words.get(patient.patient)
    return groupRow(
      patient,
      courses.get(patient.patient),
      group,
      posterior,
      itemsOf(patient.patient),
      {
        cases: options.cases,
        controls,
        strictness: options.strictness,
      },
      said === undefined ? null : { outcome: outcomeOf(said.values()), raters: said.size },
    )
  })

  const gains = new Set(definitions.filter(({ rule }) => rule.kind === 'sustained-gain').map(({ id }) => id))
  for (const call of calls) {
    const posterior = posteriorOf(call.patient)
    if (!gains.has(call.definition) || posterior === null) continue
    if (call.verdict === 'yes' || call.verdict === 'unconfirmed' || posterior.posterior >= 1 - confidence)
      call.reason += ` ${weighing(posterior, itemsOf(call.patient))}`
  }
  const onRevised = scored.filter(({ scale }) => scale === 'ALSFRS-R').length
  const main = fitted[2 * onRevised >= scored.length ? 'ALSFRS-R' : 'ALSFRS']
  return {
    calls,
    groups,
    summary: summarise({
      patients: sorted,
      calls,
      groups,
      definitions,
      caseDefinition: caseDefinition.id,
      cases: options.cases,
      controls,
      strictness: options.strictness,
      mixedModel: main.model,
      items:
        main.items === null
          ? null
          : compareItems(
              scored.map((trajectory, i) => ({ trajectory, ratings: ratings[i], posteriors: posteriors[i] })),
              main.items.profileSd,
            ),
      priorRange: priors.reversalRange,
      adjudication:
        options.adjudications === undefined || options.adjudications.length === 0
          ? null
          : summariseAdjudications(options.adjudications, caseDefinition.id, calls, groups),
      sensitivity: callSensitivity({
        patients: sorted,
        courses,
        labs: byPatient(options.labs ?? []),
        definitions,
        calls,
        caseDefinition,
      }),
    }),
  }
}

function controlGroups({ cases, controls }: CallOptions): ProgressionGroup[] {
  const groups =
    controls === 'others'
      ? allGroups.filter((group) => group !== cases)
      : typeof controls === 'string'
        ? [controls]
        : [...controls]
  if (groups.length === 0) throw new UpturnError('BadArgument', 'name at least one group of controls')
  if (groups.includes(cases))
    throw new UpturnError('BadArgument', `'${cases}' cannot be both the group of cases and a group of controls`)
  return groups
}

const explanations = {
  decline: 'decline with noise',
  plateau: 'a plateau or a change of slope',
  transientGain: 'a gain that does not last',
  smallGain: 'a gain below 4 points',
  ratingShift: 'a lasting shift of the ratings',
  outlyingVisit: 'an outlying visit or spell',
} as const

/** Other explanations below this are not named. */
const worthNaming = 0.01

/** The posterior in words. */
function weighing({ posterior, low, high, alternatives }: ReversalPosterior, byItems: number | null): string {
  const names = (Object.keys(explanations) as (keyof typeof explanations)[])
    .filter((name) => alternatives[name] >= worthNaming)
    .sort((a, b) => alternatives[b] - alternatives[a])
  const others =
    names.length === 0
      ? 'no other explanation reaches 1%'
      : `otherwise it is ${names.map((name) => `${explanations[name]} (${percent(alternatives[name])})`).join(', ')}`
  return `A true reversal has probability ${percent(posterior)} (${percent(low)} to ${percent(high)} over the range of priors${byItems === null ? '' : `; ${percent(byItems)} by the single items`}); ${others}.`
}

function percent(p: number): string {
  return p > 0.999 ? 'above 99.9%' : p < 0.001 ? 'below 0.1%' : `${(100 * p).toFixed(1)}%`
}
