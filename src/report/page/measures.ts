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
function middle(values: readonly (number | null)[], decimals = 2): string {
  const sorted = values.filter((value) => value !== null).sort((a, b) => a - b)
  if (sorted.length === 0) return '–'
  const at = (p: number) => fixed(quantile(sorted, p), decimals)
  const said =
    sorted.length < 4
      ? sorted.map((value) => fixed(value, decimals)).join(', ')
      : `${at(0.5)} (${at(0.25)} to ${at(0.75)})`
  return sorted.length === values.length ? said : `${said}; n ${count(sorted.length)}`
}

const counts = (values: readonly (string | null)[]): string => {
  const found = new Map<string, number>()
  for (const value of values) found.set(value ?? 'missing', (found.get(value ?? 'missing') ?? 0) + 1)
  return [...found]
    .sort(([a], [b]) => (a === 'missing' ? 1 : b === 'missing' ? -1 : a < b ? -1 : 1))
    .map(([value, n]) => `${clean(value, 30)}: ${count(n)}`)
    .join(', ')
}

function rows(
  groups: readonly (readonly [string, PersonMeasures[]])[],
): [string, (people: PersonMeasures[]) => string][] {
  return groups.length === 0
    ? []
    : [
        ['People', (people) => count(people.length)],
        [
          'Points lost a month from onset to the first visit (delta-FS)',
          (p) => middle(p.map((one) => one.delta_fs_first)),
        ],
        ['The same to the lowest visit', (p) => middle(p.map((one) => one.delta_fs_nadir))],
        ['Slope of visits up to the lowest, points a month', (p) => middle(p.map((one) => one.pre_nadir_slope))],
        ['Slope from the lowest on, points a month', (p) => middle(p.map((one) => one.post_nadir_slope))],
        ['King’s stage at the first visit', (p) => counts(p.map((one) => one.kings_first))],
        ['King’s stage at the last visit', (p) => counts(p.map((one) => one.kings_last))],
        [
          'MiToS stage at the first visit',
          (p) => counts(p.map((one) => (one.mitos_first === null ? null : String(one.mitos_first)))),
        ],
        [
          'MiToS stage at the last visit',
          (p) => counts(p.map((one) => (one.mitos_last === null ? null : String(one.mitos_last)))),
        ],
        ['Revised El Escorial', (p) => counts(p.map((one) => one.el_escorial))],
        ['Awaji', (p) => counts(p.map((one) => one.awaji))],
        ['Gold Coast met', (p) => counts(p.map((one) => one.gold_coast))],
        [
          'Vital capacity at first, % of normal',
          (p) =>
            middle(
              p.map((one) => one.vc_first),
              0,
            ),
        ],
        ['Change of vital capacity, % of normal a month', (p) => middle(p.map((one) => one.vc_slope))],
        [
          'D50: a falling curve fits',
          (p) => counts(p.map((one) => one.d50_flag ?? one.d50_status.replaceAll('_', ' '))),
        ],
        [
          'Days observed from onset',
          (p) =>
            middle(
              p.map((one) => one.observed_days),
              0,
            ),
        ],
        ['End of observation', (p) => counts(p.map((one) => one.followed_end))],
      ]
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
  const { onsetUncertain, notes } = measuresSummary
  return html`<h3>${title}</h3>${dataTable(
    {
      columns: ['', ...found.map(([group]) => roleOfGroup(group).title)],
      rows: rows(found)
        .map(([name, say]) => [name, ...found.map(([, people]) => say(people))])
        .filter(([, ...cells]) => !cells.every((cell) => cell === '–' || /^missing: [\d,]+$/.test(cell))),
      note: 'Medians with quartiles, the values themselves where they are fewer than four; n where not everyone could be measured; what nobody has is left out. Stages are as published, missing where an item that decides is missing. The lowest visit is chosen because it is low, so slopes up to it are too steep and slopes from it too shallow or rising by chance. D50: “rises” flags a course that no falling curve follows; it is not a call. Everybody’s numbers with limits are in measures.tsv, every visit’s in visit-measures.tsv.',
    },
    title,
    false,
  )}${join([
    onsetUncertain > 0 &&
      html`<p class="note">Of ${plural(onsetUncertain, 'person', 'people')} onset is not known to the day; limits of delta-FS allow for it.</p>`,
    notes.length > 0 && html`<ul class="notes">${notes.map((note) => html`<li>${typeset(note)}</li>`)}</ul>`,
  ])}`
}
