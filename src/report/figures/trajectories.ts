import type { GroupRow } from '../../results/index.ts'
import { type Drawing, emptyFigure, type FigureSpec } from '../figure.ts'
import { axisBottom, axisLeft, line, path } from '../marks/axes.ts'
import { linear } from '../marks/scale.ts'
import { shorten, spread } from '../marks/text.ts'
import { clean, el, join, type Markup, text } from '../markup.ts'
import { chosenPercent, count, fixed, percent } from '../numbers.ts'
import type { PartOfStudy } from '../study.ts'
import { sizes } from '../tokens.ts'

/** Lines of the cohort behind; more would be a grey sheet. */
const backgroundMost = 320
/** Reversals that can each have a row. */
const rowsMost = 48

interface Line {
  row: GroupRow
  name: string
  /** Years since the first visit, score. */
  points: [number, number][]
}

interface Lines {
  reversals: Line[]
  background: [number, number][][]
  backgroundTotal: number
  left: number
}

export function uncertain(row: GroupRow): boolean {
  return row.certainty === 'uncertain'
}

type Part = PartOfStudy<'callsSummary' | 'groups' | 'visits'>

function collect(study: Part): Lines {
  const { visits, groups } = study.results
  const byPatient = new Map<string, [number, number][]>()
  for (const v of visits) {
    if (v.total === null || v.scale !== 'ALSFRS-R') continue
    const points = byPatient.get(v.patient)
    if (points === undefined) byPatient.set(v.patient, [[v.day, v.total]])
    else points.push([v.day, v.total])
  }
  const years = (patient: string): [number, number][] => {
    const points = byPatient.get(patient) ?? []
    const first = points.at(0)?.[0] ?? 0
    return points.map(([day, score]) => [(day - first) / 365.25, score])
  }
  const all = groups
    .filter((g) => g.group === 'reversal')
    .map((row) => ({ row, name: clean(row.patient, 16), points: years(row.patient) }))
    .filter((l) => l.points.length > 1)
    .sort((a, b) => (b.row.posterior ?? 0) - (a.row.posterior ?? 0))
  const others = groups.filter((g) => g.group !== 'reversal')
  const stride = Math.max(1, Math.ceil(others.length / backgroundMost))
  const background = others
    .filter((_, i) => i % stride === 0)
    .map((g) => years(g.patient))
    .filter((p) => p.length > 1)
  return { reversals: all.slice(0, rowsMost), background, backgroundTotal: others.length, left: all.length - rowsMost }
}

function posteriorText(row: GroupRow): string {
  return row.posterior === null ? 'not available' : percent(row.posterior)
}

function draw(lines: Lines, width: number): Drawing {
  const narrow = width < 500
  const rowHeight = 15
  const rows = lines.reversals.length
  const plotTop = 30
  const plotHeight = narrow ? 250 : Math.max(320, rows * rowHeight)
  const plotLeft = 28
  const plotRight = narrow ? width - 8 : 440
  const longest = Math.max(1, ...lines.reversals.flatMap((l) => l.points.map((p) => p[0])))
  const x = linear([0, longest], [plotLeft, plotRight], narrow ? 4 : 5)
  const y = linear([0, 48], [plotTop + plotHeight, plotTop])
  const parts: Markup[] = [
    axisLeft(y, plotLeft, { title: 'ALSFRS-R total', ticks: [0, 12, 24, 36, 48], grid: [plotLeft, plotRight] }),
    axisBottom(x, plotTop + plotHeight, { title: 'Years since first visit' }),
    el('path', {
      d: lines.background.map((p) => path(p.filter((q) => q[0] <= longest).map(([a, b]) => [x(a), y(b)]))).join(''),
      fill: 'none',
      stroke: 'typical',
      'stroke-width': 0.75,
      'stroke-opacity': 0.28,
    }),
  ]
  // Uncertain ones first, so that the confident lie on top.
  for (const l of lines.reversals.toReversed())
    parts.push(
      el(
        'path',
        {
          d: path(l.points.map(([a, b]) => [x(a), y(b)])),
          fill: 'none',
          stroke: 'reversal',
          'stroke-width': uncertain(l.row) ? 1.2 : 1.5,
          'stroke-dasharray': uncertain(l.row) ? '3 3' : null,
          'stroke-linejoin': 'round',
          'stroke-opacity': 0.85,
        },
        el('title', {}, `${l.name}: probability of a true reversal ${posteriorText(l.row)}`),
      ),
    )

  const rowsTop = narrow ? plotTop + plotHeight + 106 : plotTop + 6
  const rowsBottom = narrow ? rowsTop + (rows - 1) * rowHeight : plotTop + plotHeight - 6
  const nameX = narrow ? 0 : 470
  const nameWidth = narrow ? 76 : 74
  const axisX = nameX + nameWidth + 6
  const p = linear([0, 1], [axisX, width - 34])
  const ends = lines.reversals.map((l) => {
    const [a, b] = l.points[l.points.length - 1]
    return [x(a), y(b)] as const
  })
  // On a wide page each row is joined to the end of its line, so rows stand in the order of the final score.
  const rowY = narrow
    ? lines.reversals.map((_, i) => rowsTop + i * rowHeight)
    : spread(
        ends.map(([, b]) => b),
        rowHeight,
        rowsTop,
        rowsBottom,
      )
  parts.push(
    text(nameX, narrow ? rowsTop - 34 : plotTop - 12, 'Probability of a true reversal', { size: sizes.label }),
    text(p(0.9), narrow ? rowsTop - 13 : plotTop + 2 - 2, narrow ? '0.9' : '', {
      size: sizes.small,
      anchor: 'middle',
      fill: 'soft',
    }),
    join(
      [0, 0.5, 0.9, 1].map((t) => [
        line(p(t), rowsTop - 8, p(t), rowsBottom + 8, t === 0.9 ? 'soft' : 'grid', t === 0.9 ? '2 3' : undefined),
        t !== 0.9 &&
          text(p(t), rowsBottom + 24, t === 0.5 ? '0.5' : String(t), {
            size: sizes.tick,
            anchor: 'middle',
            fill: 'soft',
          }),
      ]),
    ),
  )
  for (const [i, l] of lines.reversals.entries()) {
    const at = rowY[i]
    const value = l.row.posterior
    if (!narrow)
      parts.push(
        el('path', {
          d: `M${ends[i][0] + 3},${ends[i][1]}L${plotRight + 6},${at}L${nameX - 5},${at}`,
          fill: 'none',
          stroke: 'rule',
          'stroke-width': 0.75,
        }),
      )
    parts.push(
      narrow
        ? join([])
        : el('circle', {
            cx: ends[i][0],
            cy: ends[i][1],
            r: 2.4,
            fill: uncertain(l.row) ? 'paper' : 'reversal',
            stroke: 'reversal',
          }),
      text(nameX, at + 4, shorten(l.name, nameWidth, sizes.tick), {
        size: sizes.tick,
        fill: uncertain(l.row) ? 'soft' : 'reversalText',
        title: l.name,
      }),
    )
    if (value === null) continue
    parts.push(
      (l.row.posterior_low !== null &&
        l.row.posterior_high !== null &&
        el('line', {
          x1: p(Math.max(0, l.row.posterior_low)),
          x2: p(Math.min(1, l.row.posterior_high)),
          y1: at,
          y2: at,
          stroke: 'reversal',
          'stroke-width': 1.25,
        })) ||
        join([]),
      el('circle', {
        cx: p(value),
        cy: at,
        r: 3.4,
        fill: uncertain(l.row) ? 'paper' : 'reversal',
        stroke: 'reversal',
        'stroke-width': 1.4,
      }),
      uncertain(l.row)
        ? text(width, at + 4, '?', { size: sizes.tick, anchor: 'end', fill: 'soft', weight: 600 })
        : join([]),
    )
  }
  return { width, height: rowsBottom + (narrow ? 32 : 44), body: join(parts) }
}

export function trajectoriesFigure(study: Part): FigureSpec {
  const lines = collect(study)
  if (lines.reversals.length === 0)
    return emptyFigure(
      'trajectories',
      'Nobody is a reversal under this definition',
      'No reversal was called, so there is no line to draw.',
    )
  const doubted = lines.reversals.filter((l) => uncertain(l.row)).length
  const total = lines.reversals.length + Math.max(0, lines.left)
  const prior = study.results.callsSummary?.priorRange
  const range = prior
    ? ` the bar runs from a prior of ${chosenPercent(prior[0])} to one of ${chosenPercent(prior[1])}.`
    : ''
  return {
    name: 'trajectories',
    title:
      doubted === 0
        ? `${count(total)} people fell and then rose, each with a confident call`
        : `${count(total)} people fell and then rose; ${count(doubted)} of these calls ${doubted === 1 ? 'is' : 'are'} uncertain`,
    caption: [
      `ALSFRS-R of every reversal (vermilion, n = ${count(total)}) over ${lines.background.length < lines.backgroundTotal ? `${count(lines.background.length)} of ` : ''}the other ${count(lines.backgroundTotal)} people (grey).`,
      'Dashed lines and open circles marked “?” are uncertain calls, which may be noise.',
      `Beside: posterior probability that the latent score rose at least 4 points above its nadir and stayed there 365 days;${range || ' no range of priors was given.'} The dotted line is 0.9, where a call counts as confident.`,
      lines.left > 0 ? `${count(lines.left)} further reversals of lower probability are in the table of calls.` : '',
    ]
      .filter(Boolean)
      .join(' '),
    description: `Score over time of ${count(total)} reversals over the cohort, with the probability of a true reversal for each; ${count(doubted)} are marked uncertain.`,
    draw: (width) => draw(lines, width),
    table: {
      columns: [
        'Person',
        'Probability',
        'Range over priors',
        'Certainty',
        'Nadir',
        'Gain, points',
        'Visits',
        'Excluded because',
      ],
      rows: lines.reversals.map((l) => [
        l.name,
        posteriorText(l.row),
        l.row.posterior_low === null || l.row.posterior_high === null
          ? ''
          : `${percent(l.row.posterior_low)} to ${percent(l.row.posterior_high)}`,
        l.row.certainty,
        l.row.nadir_score,
        l.row.gain === null ? '' : fixed(l.row.gain, 0),
        l.row.visits,
        l.row.exclusion ? clean(l.row.exclusion.replaceAll('_', ' ')) : '',
      ]),
    },
  }
}
