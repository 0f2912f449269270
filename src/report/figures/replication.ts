import { type Drawing, emptyFigure, type FigureSpec } from '../figure.ts'
import { axisBottom, line, whisker } from '../marks/axes.ts'
import { extent, logarithmic } from '../marks/scale.ts'
import { shorten } from '../marks/text.ts'
import { clean, el, join, type Markup, text } from '../markup.ts'
import { chosen, count, interval, pValue } from '../numbers.ts'
import type { Study } from '../study.ts'
import { sizes } from '../tokens.ts'

interface Row {
  name: string
  or: number
  low: number
  high: number
  negLog10P: number
  role: 'lead' | 'even'
}

function draw(rows: Row[], width: number): Drawing {
  const narrow = width < 500
  const row = narrow ? 42 : 28
  const top = 10
  const left = narrow ? 4 : 230
  const right = width - (narrow ? 4 : 196)
  const bottom = top + rows.length * row
  const x = logarithmic(
    extent(
      rows.flatMap((r) => [r.or, r.low, r.high]).filter((v) => v > 0.02 && v < 500),
      [0.9],
    ),
    [left, right],
    narrow ? 4 : 6,
  )
  const parts: Markup[] = [
    axisBottom(x, bottom, { title: 'Odds ratio', grid: [top, bottom], format: chosen }),
    line(x(1), top, x(1), bottom, 'soft'),
  ]
  for (const [i, r] of rows.entries()) {
    const y = top + i * row + row / 2 + (narrow ? 8 : 0)
    parts.push(
      text(0, narrow ? y - 15 : y + 4, shorten(r.name, narrow ? 170 : left - 12, sizes.label), {
        title: r.name,
        halo: narrow,
      }),
      whisker(x, y, r.low, r.high, r.role),
      r.role === 'lead'
        ? el('rect', { x: x(r.or) - 4, y: y - 4, width: 8, height: 8, fill: r.role })
        : el('circle', { cx: x(r.or), cy: y, r: 4.2, fill: r.role }),
      text(
        width,
        narrow ? y - 15 : y + 4,
        `${interval(r.or, r.low, r.high)}${narrow ? '' : `, p\u00a0=\u00a0${pValue(r.negLog10P)}`}`,
        { size: sizes.tick, anchor: 'end' },
      ),
    )
  }
  return { width, height: bottom + 42, body: join(parts) }
}

export function replicationFigure(study: Study): FigureSpec {
  const { replication, loci } = study.results
  if (!replication || replication.kind === 'none' || replication.loci.length === 0)
    return emptyFigure(
      'replication',
      'No second cohort was given',
      'Nothing here has been replicated: a second cohort with new cases would be needed.',
    )
  const robustness = replication.kind === 'control-set robustness' || replication.sharedCases > 0
  const rows: Row[] = replication.loci.flatMap((l) => {
    const found = loci?.loci.find((d) => d.lead === l.lead)
    const name = clean(found?.rsid || l.lead, 30)
    return [
      ...(found && found.or !== null && found.orLow !== null && found.orHigh !== null
        ? [
            {
              name: `${name}, this study`,
              or: found.or,
              low: found.orLow,
              high: found.orHigh,
              negLog10P: found.negLog10P,
              role: 'lead' as const,
            },
          ]
        : []),
      {
        name: `${name}, ${clean(replication.cohort, 40)}`,
        or: l.or,
        low: l.low,
        high: l.high,
        negLog10P: l.negLog10P,
        role: 'even' as const,
      },
    ]
  })
  return {
    name: 'replication',
    title: robustness
      ? 'Other controls, the same cases: robustness of the control set, not replication'
      : `In new cases, ${replication.loci.every((l) => l.sameDirection) ? 'the effect points the same way' : 'the effect does not point the same way'}`,
    caption: `${clean(replication.cohort, 60)}: ${count(replication.cases)} cases${replication.sharedCases > 0 ? `, of whom ${count(replication.sharedCases)} are also this study’s` : ', none of them in this study'}, and ${count(replication.controls)} controls. ${robustness ? 'Shared cases carry their own luck with them: agreement here cannot confirm the finding in people.' : ''} Odds ratios by Firth regression with 95% limits, and p-values, are without covariates: ancestry that goes with the disease in the second study is not taken out.`,
    description: rows
      .map((r) => `${r.name}: odds ratio ${interval(r.or, r.low, r.high)}, p\u00a0=\u00a0${pValue(r.negLog10P)}`)
      .join('. '),
    draw: (width) => draw(rows, width),
    table: {
      columns: ['Variant and cohort', 'Odds ratio (95% limits)', 'p'],
      rows: rows.map((r) => [r.name, interval(r.or, r.low, r.high), pValue(r.negLog10P)]),
    },
  }
}
