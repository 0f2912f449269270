import { type Drawing, emptyFigure, type FigureSpec } from '../figure.ts'
import { shorten } from '../marks/text.ts'
import { clean, el, join, type Markup, text } from '../markup.ts'
import { count } from '../numbers.ts'
import type { Study } from '../study.ts'
import { sizes } from '../tokens.ts'

interface Matrix {
  titles: string[]
  counts: number[][]
  chosen: number
}

function draw({ titles, counts, chosen }: Matrix, width: number): Drawing {
  const n = titles.length
  const narrow = width < 500
  const labelWidth = narrow ? 112 : 200
  const cell = Math.min(narrow ? 34 : 50, Math.floor((width - labelWidth - 10) / n))
  const height = Math.min(cell, 34)
  const size = cell < 28 ? 9.5 : sizes.tick
  const parts: Markup[] = []
  for (let i = 0; i < n; i++) {
    const y = i * height
    for (let j = 0; j <= i; j++) {
      const shared = counts[i][j]
      // Share of the smaller of the two groups: 1 when one lies inside the other.
      const share = shared / Math.max(1, Math.min(counts[i][i], counts[j][j]))
      const diagonal = i === j
      parts.push(
        el(
          'rect',
          {
            x: j * cell + 0.75,
            y: y + 0.75,
            width: cell - 1.5,
            height: height - 1.5,
            fill: diagonal ? 'wash' : 'even',
            'fill-opacity': diagonal ? null : Math.round(share * 42) / 100,
            stroke: diagonal ? (i === chosen ? 'reversal' : 'rule') : 'none',
            'stroke-width': diagonal && i === chosen ? 2 : 1,
          },
          el(
            'title',
            {},
            diagonal ? `${titles[i]}: ${count(shared)}` : `${titles[i]} and ${titles[j]}: ${count(shared)}`,
          ),
        ),
        text(j * cell + cell / 2, y + height / 2 + 4, count(shared), {
          size,
          anchor: 'middle',
          weight: diagonal ? 600 : 400,
        }),
      )
    }
    parts.push(
      text((i + 1) * cell + 8, y + height / 2 + 4, shorten(titles[i], width - (i + 1) * cell - 8, sizes.label), {
        fill: i === chosen ? 'reversalText' : 'ink',
        weight: i === chosen ? 600 : 400,
        title: titles[i],
      }),
    )
  }
  return { width, height: n * height + 2, body: join(parts) }
}

export function agreementFigure(study: Study): FigureSpec {
  const summary = study.results.callsSummary
  if (!summary || summary.definitions.length < 2)
    return emptyFigure('agreement', 'How far the definitions agree', 'Fewer than two definitions were computed.')
  const chosen = summary.definitions.findIndex((d) => d.id === summary.definition)
  const matrix: Matrix = {
    titles: summary.definitions.map((d) => clean(d.title, 60)),
    counts: summary.agreement,
    chosen,
  }
  // Courses and plateaus are called by definitions as well, but nobody would take them for cases.
  const others = summary.definitions
    .filter((d, i) => i !== chosen && !/^(typical|slow|rapid|plateau|unassigned)(?![a-z])/i.test(d.id))
    .map((d) => d.counts.yes)
  const [least, most] = [Math.min(...others), Math.max(...others)]
  const main = summary.definitions[chosen]
  return {
    name: 'agreement',
    title:
      main && others.length > 0
        ? `The number of cases is a choice: “${clean(main.title, 40)}” says yes for ${count(main.counts.yes)}, ${others.length === 1 ? `the other definition of improvement for ${count(least)}` : `other definitions of improvement for ${least === most ? count(least) : `${count(least)} to ${count(most)}`}`}`
        : 'The number of cases is a choice of definition',
    caption:
      'People for whom each definition says yes (outlined diagonal) and for whom two both do (row and column meeting). Darker: a larger share of the smaller group. The definition of the study is outlined in vermilion.',
    description: summary.definitions
      .map((d) => `${clean(d.title, 60)}: ${count(d.counts.yes)} yes, ${count(d.counts.unconfirmed)} unconfirmed`)
      .join('. '),
    draw: (width) => draw(matrix, width),
    table: {
      columns: ['Definition', 'Version', 'Yes', 'No', 'Unconfirmed', 'Ineligible'],
      rows: summary.definitions.map((d) => [
        clean(d.title, 60),
        clean(d.version, 20),
        d.counts.yes,
        d.counts.no,
        d.counts.unconfirmed,
        d.counts.ineligible,
      ]),
    },
  }
}
