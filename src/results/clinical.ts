import type { TableSchema } from '../host/host.ts'

/** One row a person, from the `visits` stage. Days count from the source's own day 0 (trial entry for PRO-ACT). */
export interface Patient {
  patient: string
  cohort: string
  /** Id in the genotype files: the source's sample id where it gives one, else null: then it is the patient id. */
  sample: string | null
  sex: 'female' | 'male' | null
  /** Years. */
  age_at_onset: number | null
  /** 'bulbar' | 'limb' | 'respiratory' | 'other'. */
  onset_site: string | null
  onset_day: number | null
  /** Onset lies within so many days of `onset_day`: 183 where only the year is known; null where it is known to the day. */
  onset_uncertainty_days: number | null
  diagnosis_day: number | null
  first_visit_day: number | null
  last_visit_day: number | null
  death_day: number | null
  el_escorial: string | null
  riluzole: boolean | null
  /** Where the DNA came from ('saliva', 'blood'), when known: a possible batch. */
  dna_source: string | null
  /** A recorded reason to doubt the diagnosis (positive antibody, EMG, diagnosis category), null when none. */
  mimic: string | null
  known_mutation: string | null
}

export const patientsTable: TableSchema = {
  name: 'patients',
  key: ['patient'],
  columns: [
    { name: 'patient', type: 'string' },
    { name: 'cohort', type: 'string' },
    { name: 'sample', type: 'string' },
    { name: 'sex', type: 'string' },
    { name: 'age_at_onset', type: 'float64' },
    { name: 'onset_site', type: 'string' },
    { name: 'onset_day', type: 'int32' },
    { name: 'onset_uncertainty_days', type: 'int32' },
    { name: 'diagnosis_day', type: 'int32' },
    { name: 'first_visit_day', type: 'int32' },
    { name: 'last_visit_day', type: 'int32' },
    { name: 'death_day', type: 'int32' },
    { name: 'el_escorial', type: 'string' },
    { name: 'riluzole', type: 'boolean' },
    { name: 'dna_source', type: 'string' },
    { name: 'mimic', type: 'string' },
    { name: 'known_mutation', type: 'string' },
  ],
}

export const alsfrsItems = [
  'q1',
  'q2',
  'q3',
  'q4',
  'q5a',
  'q5b',
  'q6',
  'q7',
  'q8',
  'q9',
  'q10',
  'r1',
  'r2',
  'r3',
] as const
export type AlsfrsItem = (typeof alsfrsItems)[number]

/** One row a visit. Items 0 to 4, null where missing; ALSFRS has q10, ALSFRS-R has r1 to r3; never mixed. */
export type Visit = {
  patient: string
  day: number
  scale: 'ALSFRS-R' | 'ALSFRS'
  total: number | null
} & Record<AlsfrsItem, number | null>

export const visitsTable: TableSchema = {
  name: 'visits',
  key: ['patient', 'day'],
  columns: [
    { name: 'patient', type: 'string' },
    { name: 'day', type: 'int32' },
    { name: 'scale', type: 'string' },
    { name: 'total', type: 'float64' },
    ...alsfrsItems.map((name) => ({ name, type: 'float64' as const })),
  ],
}

/** One laboratory value. `qualifier` is '<' below the limit of detection, '>' above the upper limit, '' measured. */
export interface LabValue {
  patient: string
  day: number
  /** As the source names it, upper case: 'IGF-1'. */
  test: string
  value: number
  qualifier: '' | '<' | '>'
  unit: string
  /** The plate or batch on which it was measured; none where the source does not say. */
  plate?: string | null
}

export const labsTable: TableSchema = {
  name: 'labs',
  key: ['patient', 'test', 'day'],
  columns: [
    { name: 'patient', type: 'string' },
    { name: 'day', type: 'int32' },
    { name: 'test', type: 'string' },
    { name: 'value', type: 'float64' },
    { name: 'qualifier', type: 'string' },
    { name: 'unit', type: 'string' },
    { name: 'plate', type: 'string' },
  ],
}

/** A finding of intake: something mended, refused or noted, with every place where it was seen (first 100). */
export interface IntakeFinding {
  code: string
  /** One sentence. */
  message: string
  count: number
  action: 'mended' | 'refused' | 'noted'
  where: { file: string; line: number; column?: string }[]
}

/** A table that was read. */
export interface IntakeFile {
  file: string
  /** Without the header. */
  rows: number
  /** Names of columns that no rule looks at. */
  columnsNotRead: string[]
}

/** `intake.json`. Every finding, not only the first hundred of a rule, is a row of `intake.tsv`. */
export interface Intake {
  source: string
  patients: number
  visits: number
  labValues: number
  findings: IntakeFinding[]
  files?: IntakeFile[]
  /** Names of files beside them that were not read. */
  filesNotRead?: string[]
  /** In a study of several cohorts: the intake of each. */
  cohorts?: ({ cohort: string } & Omit<Intake, 'cohorts'>)[]
}

export type Verdict = 'yes' | 'no' | 'unconfirmed' | 'ineligible'

/** One row a person and definition, `calls.parquet`. */
export interface Call {
  patient: string
  definition: string
  verdict: Verdict
  /** First and last day of the visits that made the call. */
  start_day: number | null
  end_day: number | null
  /** Score gained (or the statistic that the definition thresholds). */
  value: number | null
  /** A sentence that names the visits, the alternatives and the reason. */
  reason: string
}

export const callsTable: TableSchema = {
  name: 'calls',
  key: ['patient', 'definition'],
  columns: [
    { name: 'patient', type: 'string' },
    { name: 'definition', type: 'string' },
    { name: 'verdict', type: 'string' },
    { name: 'start_day', type: 'int32' },
    { name: 'end_day', type: 'int32' },
    { name: 'value', type: 'float64' },
    { name: 'reason', type: 'string' },
  ],
}

export type ProgressionGroup = 'reversal' | 'plateau' | 'slow' | 'typical' | 'rapid' | 'unassigned'

/** One row a person, `groups.parquet`: the group under the study's definition, and how probable a true reversal is. */
export interface GroupRow {
  patient: string
  group: ProgressionGroup
  /** Case (1), control (0) or neither (null) in this study. */
  case: number | null
  /** Posterior probability that the latent score rose at least 4 points above its nadir and stayed there 365 days. */
  posterior: number | null
  /** The same at prior 0.1% and 2%. */
  posterior_low: number | null
  posterior_high: number | null
  /** The same at the central prior from the single items; null without items, and where no score is 2 points above an earlier one. */
  posterior_items: number | null
  /** What else explains the visits; with `posterior` these sum to one. */
  p_decline: number | null
  p_plateau: number | null
  p_transient_gain: number | null
  p_small_gain: number | null
  p_rating_shift: number | null
  p_outlying_visit: number | null
  /** 'confident' (posterior >= 0.9 for a reversal, <= 0.1 otherwise), else 'uncertain'. */
  certainty: 'confident' | 'uncertain'
  nadir_day: number | null
  nadir_score: number | null
  gain: number | null
  /** Points a month up to the nadir; negative is decline. */
  pre_nadir_slope: number | null
  visits: number
  /** Days from onset to the last visit or death. */
  observed_days: number | null
  /** Why a person with a positive call is nevertheless not a case: 'mimic', 'known_mutation', null. */
  exclusion: string | null
  /** The group and the case status that rules alone give; the columns above count adjudication. */
  rule_group?: ProgressionGroup
  rule_case?: number | null
  /** What the raters come to; null where nobody judged. */
  adjudication?: 'confirmed' | 'rejected' | 'deferred' | 'disagreed' | null
  /** Raters who judged. */
  raters?: number
}

export const groupsTable: TableSchema = {
  name: 'groups',
  key: ['patient'],
  columns: [
    { name: 'patient', type: 'string' },
    { name: 'group', type: 'string' },
    { name: 'case', type: 'int32' },
    { name: 'posterior', type: 'float64' },
    { name: 'posterior_low', type: 'float64' },
    { name: 'posterior_high', type: 'float64' },
    { name: 'posterior_items', type: 'float64' },
    { name: 'p_decline', type: 'float64' },
    { name: 'p_plateau', type: 'float64' },
    { name: 'p_transient_gain', type: 'float64' },
    { name: 'p_small_gain', type: 'float64' },
    { name: 'p_rating_shift', type: 'float64' },
    { name: 'p_outlying_visit', type: 'float64' },
    { name: 'certainty', type: 'string' },
    { name: 'nadir_day', type: 'int32' },
    { name: 'nadir_score', type: 'float64' },
    { name: 'gain', type: 'float64' },
    { name: 'pre_nadir_slope', type: 'float64' },
    { name: 'visits', type: 'int32' },
    { name: 'observed_days', type: 'int32' },
    { name: 'exclusion', type: 'string' },
    { name: 'rule_group', type: 'string' },
    { name: 'rule_case', type: 'int32' },
    { name: 'adjudication', type: 'string' },
    { name: 'raters', type: 'int32' },
  ],
}

/** Cohen's kappa with its limits. */
export interface KappaResult {
  status: 'ok' | 'nobody' | 'one_category'
  people: number
  observed: number | null
  expected: number | null
  kappa: number | null
  se: number | null
  low: number | null
  high: number | null
  limits: 'large-sample' | 'exact disagreement' | null
}

/** What people judged of the calls of the study's own definition, and what the study would be without that. */
export interface AdjudicationSummary {
  /** Lines of the file. */
  entries: number
  /** People with a verdict, and what their raters come to. */
  people: number
  confirmed: number
  rejected: number
  deferred: number
  disagreed: number
  /** People whose call has changed since. */
  outdated: number
  raters: { who: string; people: number }[]
  /** Every two raters with people in common; `confirm` is kappa of confirm against the rest. */
  agreement: {
    a: string
    b: string
    categories: string[]
    /** Rows are a's verdicts, columns b's. */
    table: number[][]
    kappa: KappaResult
    confirm: KappaResult
    /** People on whom they differ. */
    differ: string[]
  }[]
  /** By rules alone. */
  without: { cases: number; controls: number }
  notes: string[]
}

/** `calls.json`: how the number of cases depends on the definition. */
export interface CallsSummary {
  definition: string
  definitions: { id: string; title: string; version: string; counts: Record<Verdict, number> }[]
  /** agreement[i][j]: people for whom definitions i and j both say yes. */
  agreement: number[][]
  /** Cohen's kappa of every two definitions over the people of whom both can tell. */
  kappas?: {
    a: string
    b: string
    people: number
    /** People for whom both say yes. */
    both: number
    kappa: number | null
    low: number | null
    high: number | null
    status: 'ok' | 'nobody' | 'one_category'
  }[]
  /** People called, and not yet confirmed, at each strictness: by definition, and by the study's own with one parameter changed. */
  sensitivity?: {
    definitions: { id: string; strictness: { level: string; yes: number; unconfirmed: number }[] }[]
    variants: {
      parameter: 'days' | 'gain' | 'longest_gap_days'
      /** Null: no limit. */
      value: number | null
      /** The definition's own value. */
      own: boolean
      strictness: { level: string; yes: number; unconfirmed: number }[]
    }[]
  }
  /** Steps from everyone to confirmed calls of the study's own definition. */
  caseFlow?: { step: string; people: number; lost: number; reason: string }[]
  /** Steps from everyone to cases and controls, for the flow diagram. */
  flow: { step: string; people: number; lost: number; reason: string }[]
  cases: number
  controls: number
  /** Null or absent: nobody adjudicated. */
  adjudication?: AdjudicationSummary | null
  uncertainCases: number
  /** Cases and controls left at each strictness of exclusion; `inForce` marks the study's own. */
  strictness?: { level: string; excluded: number; cases: number; controls: number; inForce: boolean }[]
  mixedModel: {
    intercept: number
    slopePerMonth: number
    sdIntercept: number
    sdSlope: number
    correlation: number
    sdResidual: number
    /** Growth of loss a year, as a share of itself; slopes are then means over the first year. */
    growthPerYear?: number
  } | null
  priorRange: [number, number]
  /** Noise of a visit: SD of ordinary visits, share of those with twice as much, SD beside the items' own; null for published values. */
  visitNoise?: {
    sd: number
    tails: number
    besideItems: number | null
    /** Share of outlying visits. */
    outlying?: number
    /** Correlation of the noise of neighbouring visits. */
    neighbours?: number
    /** Points by which the ratings of the first visits are off from what follows, as before practice. */
    early?: number[]
  } | null
  /** Posteriors by total scores held against those by items; null where the cohort has too few items for a model of them. */
  itemLevel?: {
    /** People with both. */
    weighed: number
    /** SD of people's item profiles, in SDs of the trait over visits. */
    profileSd: number
    confidentByBoth: number
    confidentByTotals: number
    confidentByItems: number
    /** People on different sides of 0.5 or 0.9; the first 100 with what their items did. */
    differ: number
    differing: { patient: string; totals: number; items: number; reason: string }[]
  } | null
  /** Rates in this cohort beside the published ones (Bedlack 2016). */
  rates: { name: string; people: number; eligible: number; rate: number; published: number | null }[]
}
