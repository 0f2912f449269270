import type { Calibration } from '../../results/index.ts'
import { type Drawing, emptyFigure, type FigureSpec } from '../figure.ts'
import { axisBottom, axisLeft, line, path } from '../marks/axes.ts'
import { linear, logarithmic } from '../marks/scale.ts'
import { spread } from '../marks/text.ts'
import { el, join, type Markup, text } from '../markup.ts'
import { chosen, chosenPercent, count, percent } from '../numbers.ts'
import { type Study, testWords } from '../study.ts'
import { type RoleName, sizes } from '../tokens.ts'

type Power = Calibration['power']

const shades: RoleName[] = ['odd', 'even', 'ink']

function draw(power: Power, width: number): Drawing {
  const narrow = width < 500
  const [left, right, top, height] = [38, width - (narrow ? 58 : 150), 30, narrow ? 200 : 220]
  const mafs = [...new Set(power.map((p) => p.maf))].sort((a, b) => a - b)
  const ors = [...new Set(power.map((p) => p.or))].sort((a, b) => a - b)
  const x = logarithmic([ors[0], Math.max(ors[ors.length - 1], ors[0] * 1.5)], [left, right], 6)
  const y = linear([0, 1], [top + height, top])
  const ends = mafs.map((maf) => {
    const last = power
      .filter((p) => p.maf === maf)
      .toSorted((a, b) => a.or - b.or)
      .at(-1)
    return y(last?.power ?? 0)
  })
  const labels = spread(ends, 15, top, top + height)
  const parts: Markup[] = [
    axisLeft(y, left, {
      title: 'Power of this study',
      ticks: [0, 0.2, 0.4, 0.6, 0.8, 1],
      format: chosenPercent,
      grid: [left, right],
    }),
    axisBottom(x, top + height, {
      title: 'True odds ratio',
      ticks: narrow ? ors.filter((_, i) => i % 2 === 0) : ors,
      format: chosen,
    }),
    line(left, y(0.8), right, y(0.8), 'soft', '4 3'),
  ]
  for (const [k, maf] of mafs.entries()) {
    const points = power.filter((p) => p.maf === maf).toSorted((a, b) => a.or - b.or)
    const role = shades[Math.min(k, shades.length - 1)]
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
            el('title', {}, `odds ratio ${chosen(p.or)}, MAF ${chosen(p.maf)}: ${percent(p.power)}`),
          ),
        ),
      ),
      text(right + 8, labels[k] + 4, narrow ? chosenPercent(maf) : `allele frequency ${chosenPercent(maf)}`, {
        size: sizes.tick,
        fill: 'soft',
      }),
    )
  }
  if (narrow)
    parts.push(text(width, top - 12, 'by allele frequency', { size: sizes.tick, anchor: 'end', fill: 'soft' }))
  return { width, height: top + height + 42, body: join(parts) }
}

export function powerFigure(study: Study): FigureSpec {
  const calibration = study.results.calibration
  if (!calibration || calibration.power.length === 0)
    return emptyFigure('power', 'What this study could have seen', 'The power of this design was not simulated.')
  const { power } = calibration
  const good = power
    .filter((p) => p.power >= 0.8)
    .toSorted((a, b) => a.or - b.or || b.maf - a.maf)
    .at(0)
  return {
    name: 'power',
    title: good
      ? `This study could reliably see odds ratios of about ${chosen(good.or)} and above (allele frequency ${chosenPercent(good.maf)})`
      : 'This study had less than 80% power at every effect that was tried',
    caption: `Power of the ${testWords(calibration.primary.test)} at level ${chosen(calibration.primary.alpha)} on this design (${count(calibration.design.cases)} cases among ${count(calibration.design.people)} people), found by planting effects before unblinding. Bands: 95% intervals of the simulation. Dashed: 80%.`,
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
