import type { Calibration } from '../../results/index.ts'
import { type Drawing, emptyFigure, type FigureSpec } from '../figure.ts'
import { axisBottom, axisLeft, line, path } from '../marks/axes.ts'
import { linear, logarithmic, type Scale } from '../marks/scale.ts'
import { el, join, type Markup, text } from '../markup.ts'
import { chosen, chosenPercent, count, percent } from '../numbers.ts'
import { isFirth, type PartOfStudy, testWords } from '../study.ts'
import { type RoleName, sizes } from '../tokens.ts'

type Point = Calibration['power'][number]

interface Curve {
  maf: number
  points: Point[]
}

const shades: RoleName[] = ['odd', 'even', 'ink']

function curvesOf(power: readonly Point[]): Curve[] {
  return [...new Set(power.map((p) => p.maf))]
    .sort((a, b) => a - b)
    .map((maf) => ({ maf, points: power.filter((p) => p.maf === maf).toSorted((a, b) => a.or - b.or) }))
}

/** Rarest, middle and commonest: more would lie on each other, and all are in the table. */
function few(curves: readonly Curve[]): Curve[] {
  return curves.length <= 3
    ? [...curves]
    : [curves[0], curves[Math.floor((curves.length - 1) / 2)], curves[curves.length - 1]]
}

/** Where a curve first reaches one half, in pixels; its end when it never does. */
function middle(curve: Curve, x: Scale, y: Scale): [number, number] {
  for (const [i, b] of curve.points.entries()) {
    const a = curve.points[i - 1]
    if (b.power < 0.5) continue
    if (a === undefined) return [x(b.or), y(b.power)]
    const share = (0.5 - a.power) / (b.power - a.power)
    return [x(a.or) + (x(b.or) - x(a.or)) * share, y(0.5)]
  }
  const end = curve.points[curve.points.length - 1]
  return [x(end.or), y(end.power)]
}

function draw(power: readonly Point[], width: number): Drawing {
  const narrow = width < 500
  const [left, right, top, height] = [38, width - (narrow ? 52 : 118), 30, narrow ? 200 : 230]
  const ors = [...new Set(power.map((p) => p.or))].sort((a, b) => a - b)
  const x = logarithmic([ors[0], Math.max(ors[ors.length - 1], ors[0] * 1.5)], [left, right], 6)
  const y = linear([0, 1], [top + height, top])
  const parts: Markup[] = [
    axisLeft(y, left, {
      title: 'Power of this study',
      ticks: [0, 0.2, 0.4, 0.6, 0.8, 1],
      format: chosenPercent,
      grid: [left, right],
    }),
    axisBottom(x, top + height, { title: 'True odds ratio', ticks: ors, format: chosen }),
    line(left, y(0.8), right, y(0.8), 'soft', '4 3'),
  ]
  const labels: Markup[] = []
  let last = Number.NEGATIVE_INFINITY
  for (const [k, curve] of few(curvesOf(power)).toReversed().entries()) {
    const role = shades[shades.length - 1 - k]
    const { points, maf } = curve
    parts.push(
      el('path', {
        d: `${path(points.map((p) => [x(p.or), y(p.high)]))}${path(points.toReversed().map((p) => [x(p.or), y(p.low)])).replace('M', 'L')}Z`,
        fill: role,
        'fill-opacity': 0.18,
      }),
      el('path', {
        d: path(points.map((p) => [x(p.or), y(p.power)])),
        fill: 'none',
        stroke: role,
        'stroke-width': 1.75,
      }),
      join(
        points.map((p) =>
          el(
            'circle',
            { cx: x(p.or), cy: y(p.power), r: 2.6, fill: role },
            el(
              'title',
              {},
              `odds ratio ${chosen(p.or)}, allele frequency ${chosenPercent(p.maf)}: ${percent(p.power)}`,
            ),
          ),
        ),
      ),
    )
    // The first curve from the left is named on its left, the others on their right, lower where the one before is close.
    const [px, py] = middle(curve, x, y)
    const below = k > 1 && px - last < (narrow ? 40 : 110) ? 16 : 0
    const first = k === 0 && px - left > (narrow ? 40 : 110)
    labels.push(
      text(first ? px - 9 : px + 9, py + 4 + below, `${narrow ? '' : 'frequency '}${chosenPercent(maf)}`, {
        size: sizes.tick,
        anchor: first ? 'end' : 'start',
        halo: true,
      }),
    )
    last = px
  }
  if (narrow)
    parts.push(text(width, top - 12, 'by allele frequency', { size: sizes.tick, anchor: 'end', fill: 'soft' }))
  parts.push(...labels)
  return { width, height: top + height + 42, body: join(parts) }
}

export function powerFigure(study: PartOfStudy<'calibration' | 'plan'>): FigureSpec {
  const calibration = study.results.calibration
  if (!calibration || calibration.power.length === 0)
    return emptyFigure('power', 'What this study could have seen', 'The power of this design was not simulated.')
  const { power } = calibration
  const curves = curvesOf(power)
  // The frequency nearest to the lead's, since that is the one a reader will ask about.
  const alternate = study.results.plan?.achieved?.maf
  const wanted =
    alternate === undefined ? curves[Math.floor(curves.length / 2)].maf : Math.min(alternate, 1 - alternate)
  const near = curves.toSorted((a, b) => Math.abs(a.maf - wanted) - Math.abs(b.maf - wanted))[0]
  const enough = near.points.find((p) => p.power >= 0.8)
  return {
    name: 'power',
    title: enough
      ? `At an allele frequency of ${chosenPercent(near.maf)}, this study had 80% power only from an odds ratio of about ${chosen(enough.or)}`
      : `At an allele frequency of ${chosenPercent(near.maf)}, this study had less than 80% power at every odds ratio tried`,
    caption: `Power of ${isFirth(calibration.primary.test) ? '' : 'the '}${testWords(calibration.primary.test)} at level ${chosen(calibration.primary.alpha)} on this design (${count(calibration.design.cases)} cases among ${count(calibration.design.people)} people), found by planting effects before unblinding${curves.length > 3 ? `; ${curves.length} frequencies were tried, all in the table` : ''}. Bands: 95% intervals of the simulation. Dashed: 80%.`,
    description: power
      .map((p) => `Odds ratio ${chosen(p.or)} at allele frequency ${chosenPercent(p.maf)}: ${percent(p.power)}`)
      .join('. '),
    draw: (width) => draw(power, width),
    table: {
      columns: ['Odds ratio', 'Minor allele frequency', 'Power', '95% interval'],
      rows: power.map((p) => [
        chosen(p.or),
        chosen(p.maf),
        percent(p.power),
        `${percent(p.low)} to ${percent(p.high)}`,
      ]),
    },
  }
}
