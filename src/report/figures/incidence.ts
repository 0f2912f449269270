import type { GenotypeIncidence, IncidenceGroup, IncidenceStep, SurvivalRegression } from '../../results/index.ts'
import type { Drawing, FigureSpec } from '../figure.ts'
import { axisBottom, axisLeft, r } from '../marks/axes.ts'
import { linear } from '../marks/scale.ts'
import { spread, textWidth } from '../marks/text.ts'
import { clean, el, join, type Markup, text } from '../markup.ts'
import { chosen, count, percent } from '../numbers.ts'
import type { Study } from '../study.ts'
import { type RoleName, sizes } from '../tokens.ts'

interface Curve {
  label: string
  mark: RoleName
  word: RoleName
  dash?: string
  /** From x on, ascending. */
  steps: { x: number; share: number; low: number | null; high: number | null }[]
}

interface Plot {
  panels: { title: string; curves: Curve[] }[]
  from: number
  until: number
  axis: string
  /** Below the axis, at these places. */
  ticks: number[]
  atRisk: { label: string; word: RoleName; people: number[] }[]
}

interface Frame {
  left: number
  right: number
  top: number
  bottom: number
}

function panel(plot: Plot, which: number, frame: Frame, most: number, numbers: boolean): Markup {
  const { title, curves } = plot.panels[which]
  const x = linear([plot.from, plot.until], [frame.left, frame.right])
  const y = linear([0, most], [frame.bottom, frame.top], 5.5)
  const ends = curves.map(({ steps }) => steps.at(-1)?.share ?? 0)
  const places = spread(
    ends.map((share) => y(share) + 4),
    14,
    frame.top + 4,
    frame.bottom + 4,
  )
  return join([
    text(frame.left, frame.top - 14, title, { weight: 600 }),
    axisLeft(y, frame.left, { grid: [frame.left, frame.right], format: (v) => `${chosen(100 * v)}%` }),
    axisBottom(x, frame.bottom, { ticks: plot.ticks, format: chosen, title: plot.axis }),
    curves.map(({ steps, mark }) => band(steps, x, y, plot.until, mark)),
    curves.map(({ steps, mark, dash }) =>
      el('path', {
        d: `M${r(x(plot.from))},${r(y(0))}${steps.map((s) => `H${r(x(s.x))}V${r(y(s.share))}`).join('')}H${r(x(plot.until))}`,
        fill: 'none',
        stroke: mark,
        'stroke-width': 2,
        'stroke-dasharray': dash,
      }),
    ),
    curves.map(({ label, word }, k) =>
      text(frame.right + 6, places[k], `${percent(ends[k])} ${label}`, { fill: word }),
    ),
    numbers && [
      text(frame.left, frame.bottom + 56, 'At risk', { size: sizes.tick, fill: 'soft' }),
      plot.atRisk.map(({ label, word, people }, k) => [
        plot.ticks.map((tick, t) =>
          text(x(tick), frame.bottom + 72 + 15 * k, count(people[t]), {
            size: sizes.tick,
            anchor: 'middle',
            fill: word,
          }),
        ),
        text(frame.right + 22, frame.bottom + 72 + 15 * k, label, { size: sizes.tick, fill: word }),
      ]),
    ],
  ])
}

/** The limits where there are both, as one area of steps. */
function band(
  steps: Curve['steps'],
  x: (value: number) => number,
  y: (value: number) => number,
  until: number,
  fill: RoleName,
): Markup | null {
  const sure = steps.flatMap(({ x: at, low, high }) => (low === null || high === null ? [] : [{ at, low, high }]))
  if (sure.length === 0) return null
  const [first] = sure
  const above = sure.slice(1).map(({ at, high }) => `H${r(x(at))}V${r(y(high))}`)
  const below = sure.map(({ at, low }) => `V${r(y(low))}H${r(x(at))}`).reverse()
  return el('path', {
    d: `M${r(x(first.at))},${r(y(first.high))}${above.join('')}H${r(x(until))}${below.join('')}Z`,
    fill,
    'fill-opacity': 0.14,
  })
}

/** The panels beside each other, or one below the other where it is narrow. */
function draw(plot: Plot, width: number): Drawing {
  const narrow = width < 500 || plot.panels.length === 1
  const highest = Math.max(
    0.05,
    ...plot.panels.flatMap(({ curves }) => curves.flatMap(({ steps }) => steps.map((s) => s.high ?? s.share))),
  )
  const most = Math.min(1, 1.05 * highest)
  const longest = Math.max(...plot.panels.flatMap(({ curves }) => curves.map(({ label }) => label.length)))
  const room = Math.min(width / 3, 44 + textWidth('n'.repeat(longest), sizes.label))
  const left = 38
  const each = narrow ? width : (width - 24) / 2
  const height = 190
  const table = 42 + 15 * plot.atRisk.length
  const parts: Markup[] = []
  let bottom = 0
  plot.panels.forEach((_, k) => {
    const top = narrow ? 26 + k * (height + (k > 0 ? table : 0) + 62) : 26
    const from = narrow ? 0 : k * (each + 24)
    const frame = { left: from + left, right: from + each - room, top, bottom: top + height }
    parts.push(panel(plot, k, frame, most, k === 0))
    bottom = Math.max(bottom, frame.bottom + (k === 0 ? 30 + table : 42))
  })
  return { width, height: bottom, body: join(parts) }
}

/** Shares reversed and dead by genotype of the first lead that has them; null where none has. */
export function incidenceFigure(study: Study): FigureSpec | null {
  const lead = study.results.survival?.leads.find((one) => one.incidence !== null)
  const found = lead?.incidence
  if (!lead || !found) return null
  const { groups, fromDay } = found
  const years = groups[0].years
  const last = years[years.length - 1]
  const from = fromDay / daysPerYear
  const roleOf = (group: GenotypeIncidence['group']) =>
    group === 'carriers' ? (['lead', 'leadText'] as const) : (['typical', 'typicalText'] as const)
  const curves = (event: 'reversed' | 'died'): Curve[] =>
    groups.map(({ group, curve }) => {
      const [mark, word] = roleOf(group)
      return {
        label: group,
        ...{ mark, word },
        steps: curve.map((step) => ({
          x: step.day / daysPerYear,
          share: step[event],
          low: step[`${event}Low`],
          high: step[`${event}High`],
        })),
      }
    })
  const plot: Plot = {
    panels: [
      { title: 'Reversed', curves: curves('reversed') },
      { title: 'Died before any reversal', curves: curves('died') },
    ],
    from,
    until: Math.max(last.year, from + 0.25),
    axis: 'Years from onset',
    ticks: years.map(({ year }) => year),
    atRisk: groups.map(({ group, years: own }) => ({
      label: group,
      word: roleOf(group)[1],
      people: own.map(({ atRisk }) => atRisk),
    })),
  }
  const name = clean(lead.lead, 40)
  const at = (g: GenotypeIncidence) => g.years[g.years.length - 1]
  const said = groups.map((g) => `${percent(at(g).reversed)} of ${g.group}`).join(' and ')
  return {
    name: 'incidence',
    title: `By year ${last.year} from onset ${said} of ${name} had reversed`,
    caption: `${groups.map(({ group, people }) => `${count(people)} ${group}`).join(', ')} of the rarer allele, alive without reversal ${count(fromDay)} days after onset. Aalen and Johansen’s cumulative incidence with death and reversal as each other’s competing risk, entered at the first visit; shaded: pointwise 95% limits. Where people were enrolled because they reversed these are shares of this study, not of a clinic, and the lead was picked because it goes with reversal. No prognosis of a person.`,
    description: groups
      .map(
        (g) =>
          `${g.group}, ${g.people}: by year ${last.year} ${percent(at(g).reversed)} reversed, ${percent(at(g).died)} died before`,
      )
      .join('. '),
    draw: (width) => draw(plot, width),
    table: {
      columns: ['Years from onset', 'Genotype', 'At risk', 'Reversed (95% limits)', 'Died before (95% limits)'],
      rows: years.flatMap((_, y) =>
        groups.map(({ group, years: own }) => [
          own[y].year,
          group === 'carriers' ? 'carriers of the rarer allele' : 'others',
          own[y].atRisk,
          limits(own[y].reversed, own[y].reversedLow, own[y].reversedHigh),
          limits(own[y].died, own[y].diedLow, own[y].diedHigh),
        ]),
      ),
    },
  }
}

const daysPerYear = 365.25

const limits = (value: number, low: number | null, high: number | null): string =>
  low === null || high === null ? percent(value) : `${percent(value)} (${percent(low)} to ${percent(high)})`

/** Curves of groups that mean nothing by themselves are told apart by dashes too. */
const looks: readonly { mark: RoleName; word: RoleName; dash?: string }[] = [
  { mark: 'typical', word: 'typicalText' },
  { mark: 'lead', word: 'leadText' },
  { mark: 'slow', word: 'slowText', dash: '7 3' },
  { mark: 'rapid', word: 'rapidText', dash: '2 3' },
]

export interface IncidenceWords {
  time: string
  event: string
  competing: string
  /** The column of groups; null: everybody together. */
  by: string | null
}

/** Incidence of one or both events in a table of people, by group where there are groups. */
export function tableIncidenceFigure(found: SurvivalRegression, words: IncidenceWords): FigureSpec {
  const groups: IncidenceGroup[] = found.groups
  const last = Math.max(...groups.map(({ atRisk }) => atRisk.at(-1)?.time ?? 0))
  const until = Math.max(last, ...groups.flatMap(({ incidence }) => incidence.map(({ time }) => time)))
  const labelOf = (group: IncidenceGroup) =>
    words.by === null ? 'all' : `${clean(words.by, 12)} ${clean(group.value, 12)}`
  const curves = (of: (group: IncidenceGroup) => readonly IncidenceStep[]): Curve[] =>
    groups.map((group, k) => ({
      label: labelOf(group),
      ...looks[words.by === null ? 1 : k],
      steps: of(group).map(({ time, incidence, low, high }) => ({ x: time, share: incidence, low, high })),
    }))
  const [event, competing] = [clean(words.event, 30), clean(words.competing, 30)]
  const plot: Plot = {
    panels: [
      { title: event, curves: curves(({ incidence }) => incidence) },
      ...(found.competing === 0
        ? []
        : [{ title: `${competing}, before ${event}`, curves: curves(({ competingIncidence }) => competingIncidence) }]),
    ],
    from: 0,
    until,
    axis: clean(words.time, 30),
    ticks: groups[0].atRisk.map(({ time }) => time),
    atRisk: groups.map((group, k) => ({
      label: labelOf(group),
      word: looks[words.by === null ? 1 : k].word,
      people: group.atRisk.map(({ people }) => people),
    })),
  }
  const shareOf = (group: IncidenceGroup) => percent(group.incidence.at(-1)?.incidence ?? 0)
  return {
    name: 'incidence',
    title: `Cumulative incidence of ${event}: ${groups.map((g) => (words.by === null ? shareOf(g) : `${shareOf(g)} where ${clean(words.by, 24)} is ${clean(g.value, 24)}`)).join(', ')}`,
    caption: `${count(found.people)} people, ${count(found.events)} with the event${found.competing === 0 ? '' : `, ${count(found.competing)} with the competing one`}. Aalen and Johansen’s estimate${found.competing === 0 ? '' : '; each event is the other’s competing risk'}; shaded: pointwise 95% limits. Research use only.`,
    description: groups
      .map((g) => `${labelOf(g)}: ${count(g.people)} people, ${count(g.events)} events, ${shareOf(g)} at the end`)
      .join('. '),
    draw: (width) => draw(plot, width),
    table: {
      columns: ['Group', 'People', `${event}, at the end (95% limits)`],
      rows: groups.map((g) => {
        const end = g.incidence.at(-1)
        return [labelOf(g), g.people, end === undefined ? '0%' : limits(end.incidence, end.low, end.high)]
      }),
    },
  }
}
