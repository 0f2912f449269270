import type { TableSchema } from '../host/host.ts'
import { integer, number, text } from './columns.ts'

/** One row a visit, `visit-measures.parquet`. */
export interface VisitMeasures {
  patient: string
  day: number
  scale: 'ALSFRS-R' | 'ALSFRS'
  /** As intake settled it. */
  total: number | null
  /** Sum of the items, null when one is missing. */
  items_total: number | null
  /** Domains, null when one of their items is missing: items 1 to 3, 4 to 6, 7 to 9 (0 to 12 each). */
  bulbar: number | null
  fine_motor: number | null
  gross_motor: number | null
  /** R1 to R3, 0 to 12; on the ALSFRS item 10, 0 to 4. */
  respiratory: number | null
  /** '0' to '3', '4A', '4B', '4A+4B'; null where an item that decides is missing, and on the ALSFRS. */
  kings: string | null
  /** 0 to 4; null likewise. */
  mitos: number | null
  months_from_onset: number | null
  /** Points lost a month from onset, with limits that allow for visit noise and for an onset known by year. */
  delta_fs: number | null
  delta_fs_low: number | null
  delta_fs_high: number | null
}

export const visitMeasuresTable: TableSchema = {
  name: 'visit-measures',
  key: ['patient', 'day'],
  columns: [
    text('patient'),
    integer('day'),
    text('scale'),
    number('total'),
    number('items_total'),
    number('bulbar'),
    number('fine_motor'),
    number('gross_motor'),
    number('respiratory'),
    text('kings'),
    integer('mitos'),
    number('months_from_onset'),
    number('delta_fs'),
    number('delta_fs_low'),
    number('delta_fs_high'),
  ],
}

/** One row a person, `measures.parquet`. Slopes are points (or percent) a month, negative is decline; delta-FS is points lost a month. */
export interface PersonMeasures {
  patient: string
  /** The scale that everything here is on; null without a scored visit. */
  scale: 'ALSFRS-R' | 'ALSFRS' | null
  /** Visits with a total on that scale, on the other scale (never mixed in), and without a total. */
  visits: number
  visits_other_scale: number
  visits_unscored: number
  first_score: number | null
  last_score: number | null
  nadir_day: number | null
  nadir_score: number | null
  onset_uncertainty_days: number | null
  delta_fs_first: number | null
  delta_fs_first_low: number | null
  delta_fs_first_high: number | null
  delta_fs_nadir: number | null
  delta_fs_nadir_low: number | null
  delta_fs_nadir_high: number | null
  pre_nadir_slope: number | null
  pre_nadir_slope_low: number | null
  pre_nadir_slope_high: number | null
  pre_nadir_visits: number
  post_nadir_slope: number | null
  post_nadir_slope_low: number | null
  post_nadir_slope_high: number | null
  post_nadir_visits: number
  /** King's stage at the first and the last visit where it is known. */
  kings_first: string | null
  kings_last: string | null
  mitos_first: number | null
  mitos_last: number | null
  /** From findings where there are any, else as recorded; `el_escorial_by` says which. */
  el_escorial: string | null
  el_escorial_by: 'findings' | 'recorded' | null
  el_escorial_recorded: string | null
  awaji: string | null
  /** 'yes', 'no', or null where what is not recorded decides. */
  gold_coast: string | null
  d50_status: string
  d50: number | null
  d50_dx: number | null
  d50_relative_time: number | null
  d50_rmse: number | null
  d50_lack_of_fit_p: number | null
  /** 'rises', 'misfit' or 'fits': a flag, not a call. */
  d50_flag: string | null
  vc_test: string | null
  vc_values: number
  vc_first: number | null
  vc_last: number | null
  vc_slope: number | null
  vc_slope_low: number | null
  vc_slope_high: number | null
  /** Days from onset: observed after `followed_from` until `followed_to`, which ended by 'death' or with 'last seen'. */
  followed_from: number | null
  followed_to: number | null
  followed_end: 'death' | 'last seen' | null
  /** Why there is no follow-up. */
  followed_why: string | null
  /** Days from onset to the last visit or death; the limits are those of a day of onset that is known by year or month only. */
  observed_days: number | null
  observed_days_low: number | null
  observed_days_high: number | null
}

export const measuresTable: TableSchema = {
  name: 'measures',
  key: ['patient'],
  columns: [
    text('patient'),
    text('scale'),
    integer('visits'),
    integer('visits_other_scale'),
    integer('visits_unscored'),
    number('first_score'),
    number('last_score'),
    integer('nadir_day'),
    number('nadir_score'),
    integer('onset_uncertainty_days'),
    number('delta_fs_first'),
    number('delta_fs_first_low'),
    number('delta_fs_first_high'),
    number('delta_fs_nadir'),
    number('delta_fs_nadir_low'),
    number('delta_fs_nadir_high'),
    number('pre_nadir_slope'),
    number('pre_nadir_slope_low'),
    number('pre_nadir_slope_high'),
    integer('pre_nadir_visits'),
    number('post_nadir_slope'),
    number('post_nadir_slope_low'),
    number('post_nadir_slope_high'),
    integer('post_nadir_visits'),
    text('kings_first'),
    text('kings_last'),
    integer('mitos_first'),
    integer('mitos_last'),
    text('el_escorial'),
    text('el_escorial_by'),
    text('el_escorial_recorded'),
    text('awaji'),
    text('gold_coast'),
    text('d50_status'),
    number('d50'),
    number('d50_dx'),
    number('d50_relative_time'),
    number('d50_rmse'),
    number('d50_lack_of_fit_p'),
    text('d50_flag'),
    text('vc_test'),
    integer('vc_values'),
    number('vc_first'),
    number('vc_last'),
    number('vc_slope'),
    number('vc_slope_low'),
    number('vc_slope_high'),
    integer('followed_from'),
    integer('followed_to'),
    text('followed_end'),
    text('followed_why'),
    integer('observed_days'),
    integer('observed_days_low'),
    integer('observed_days_high'),
  ],
}

/** `measures.json`: what could be measured, and in how many. */
export interface MeasuresSummary {
  people: number
  visits: number
  /** People on each scale, people with scored visits on both (one scale alone is used), and without any. */
  scales: { 'ALSFRS-R': number; ALSFRS: number; both: number; none: number }
  /** People whose onset is not known to the day. */
  onsetUncertain: number
  onsetUnknown: number
  /** Visits by stage; `missing` are those that an item that decides is missing from. */
  kings: Record<string, number>
  mitos: Record<string, number>
  elEscorial: Record<string, number>
  awaji: Record<string, number>
  goldCoast: Record<string, number>
  /** People whose category computed from findings is not the recorded one. */
  categoriesDiffer: number
  d50: Record<string, number>
  vitalCapacity: number
  deaths: number
  notes: string[]
}
