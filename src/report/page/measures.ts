import type { PersonMeasures, ProgressionGroup } from '../../results/index.ts'
import { clean, html, join, type Markup, typeset } from '../markup.ts'
import { count, fixed, plural } from '../numbers.ts'
import { roleOfGroup, type Study } from '../study.ts'
import { dataTable } from './figure.ts'

const order: readonly ProgressionGroup[] = ['reversal', 'plateau', 'slow', 'typical', 'rapid', 'unassigned']

/** Quantile by linear interpolation between order statistics (type 7 of R). */
function quantile(sorted: readonly number[], p: number): number {
  const at = (sorted.length - 1) * p
  const below = Math.floor(at)
  const above = Math.min(sorted.length - 1, below + 1)
  return sorted[below] + (at - below) * (sorted[above] - sorted[below])
}

/** Median and quartiles, the values themselves of fewer than four, or that nobody was measured. */
function middle(values: readonly (number | null)[], decimals: number): string {
  const sorted = values.filter((value) => value !== null).sort((a, b) => a - b)
  if (sorted.length === 0) return '–'
  const at = (p: number) => fixed(quantile(sorted, p), decimals)
  const said =
    sorted.length < 4
      ? sorted.map((value) => fixed(value, decimals)).join(', ')
      : `${at(0.5)} (${at(0.25)}\u00a0to\u00a0${at(0.75)})`
  return sorted.length === values.length ? said : `${said}; n\u00a0=\u00a0${count(sorted.length)}`
}

const numbers: readonly [string, (one: PersonMeasures) => number | null, number][] = [
  ['delta-FS at the first visit', (one) => one.delta_fs_first, 2],
  ['delta-FS at the lowest visit', (one) => one.delta_fs_nadir, 2],
  ['Slope up to the lowest visit', (one) => one.pre_nadir_slope, 2],
  ['Slope from the lowest visit', (one) => one.post_nadir_slope, 2],
  ['First vital capacity, %', (one) => one.vc_first, 0],
  ['Slope of vital capacity', (one) => one.vc_slope, 2],
  ['Days observed from onset', (one) => one.observed_days, 0],
]

const kings = ['0', '1', '2', '3', '4A', '4B', '4A+4B']

const stage = (value: number | null) => (value === null ? null : String(value))

const categories: readonly [string, (one: PersonMeasures) => string | null, readonly string[]][] = [
  ['King’s, first visit', (one) => one.kings_first, kings],
  ['King’s, last visit', (one) => one.kings_last, kings],
  ['MiToS, first visit', (one) => stage(one.mitos_first), []],
  ['MiToS, last visit', (one) => stage(one.mitos_last), []],
  [
    'Revised El Escorial',
    (one) => one.el_escorial,
    ['definite', 'probable', 'probable-laboratory-supported', 'possible', 'suspected', 'none'],
  ],
  ['Awaji', (one) => one.awaji, ['definite', 'probable', 'possible', 'suspected', 'none']],
  ['Gold Coast', (one) => one.gold_coast, ['yes', 'no']],
  ['D50: a falling curve', (one) => one.d50_flag ?? one.d50_status.replaceAll('_', ' '), ['fits', 'misfit', 'rises']],
  ['End of observation', (one) => one.followed_end, []],
]

type Groups = readonly (readonly [ProgressionGroup, PersonMeasures[]])[]

function numberRows(found: Groups): string[][] {
  return numbers
    .map(([name, value, decimals]) => [name, ...found.map(([, people]) => middle(people.map(value), decimals))])
    .filter(([, ...cells]) => cells.some((cell) => cell !== '–'))
}

/** One row a category that somebody is in; a measure that nobody has has none. */
function categoryRows(found: Groups): (string | number)[][] {
  return categories.flatMap(([name, value, order]) => {
    const seen = new Set(found.flatMap(([, people]) => people.map(value)))
    if ([...seen].every((one) => one === null)) return []
    const rank = (one: string | null) => (one === null ? 1000 : order.includes(one) ? order.indexOf(one) : 100)
    return [...seen]
      .sort((a, b) => rank(a) - rank(b) || ((a ?? '') < (b ?? '') ? -1 : 1))
      .map((one) => [
        name,
        one === null ? 'missing' : clean(one.replaceAll('-', ' '), 40),
        ...found.map(([, people]) => people.filter((person) => value(person) === one).length),
      ])
  })
}

/** What was measured, by group; null where the stage was not run. */
export function measuresTable(study: Study): Markup | null {
  const { measures, measuresSummary, groups } = study.results
  if (measures.length === 0 || measuresSummary === null) return null
  const groupOf = new Map(groups.map(({ patient, group }) => [patient, group]))
  const found = order
    .map(
      (group) => [group, measures.filter(({ patient }) => (groupOf.get(patient) ?? 'unassigned') === group)] as const,
    )
    .filter(([, people]) => people.length > 0)
  const title = 'What was measured, by group'
  const staged = 'Stages, criteria and courses, people by group'
  const titles = found.map(([group, people]) => `${roleOfGroup(group).title}, n\u00a0=\u00a0${count(people.length)}`)
  const { onsetUncertain, notes } = measuresSummary
  return html`<h3>${title}</h3>${dataTable(
    {
      columns: ['Measure', ...titles],
      rows: numberRows(found),
      note: 'Medians with quartiles, the values themselves where they are fewer than four; n where not everyone could be measured; what nobody has is left out. delta-FS: points lost a month from onset. Slopes: points, or percent of normal, a month. The lowest visit is chosen because it is low, so slopes up to it are too steep and slopes from it too shallow, or rising, by chance. Everybody’s numbers with limits are in measures.tsv, every visit’s in visit-measures.tsv.',
    },
    title,
    false,
  )}<details><summary>${staged}</summary>${dataTable(
    {
      columns: ['Measure', 'Value', ...titles],
      rows: categoryRows(found),
      note: 'Stages and criteria as published; missing where an item or a finding that decides is missing. D50: “rises” flags a course that no falling curve follows; it is not a call.',
    },
    staged,
    false,
  )}</details>${join([
    onsetUncertain > 0 &&
      html`<p class="note">Of ${plural(onsetUncertain, 'person', 'people')} onset is not known to the day; limits of delta-FS allow for it.</p>`,
    notes.length > 0 && html`<ul class="notes">${notes.map((note) => html`<li>${typeset(note)}</li>`)}</ul>`,
  ])}`
}
