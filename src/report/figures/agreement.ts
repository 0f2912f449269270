import type { CallsSummary } from '../../results/index.ts'
import { type Drawing, emptyFigure, type FigureSpec } from '../figure.ts'
import { shorten } from '../marks/text.ts'
import { clean, el, join, type Markup, text } from '../markup.ts'
import { count, fixed } from '../numbers.ts'
import type { PartOfStudy } from '../study.ts'
import { sizes } from '../tokens.ts'

interface Matrix {
  titles: string[]
  counts: number[][]
  /** Kappa of row and column, null where there is none. */
  kappas: (number | null)[][]
  chosen: number
}

function draw({ titles, counts, kappas, chosen }: Matrix, width: number): Drawing {
  const n = titles.length
  const narrow = width < 500
  const labelWidth = narrow ? 112 : 200
  const cell = Math.min(narrow ? 34 : 50, Math.floor((width - labelWidth - 10) / n))
  // A second line in each cell where there is room for it.
  const twoLines = cell >= 38
  const height = twoLines ? 36 : Math.min(cell, 34)
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
        text(j * cell + cell / 2, y + height / 2 + (twoLines && !diagonal ? -2 : 4), count(shared), {
          size,
          anchor: 'middle',
          weight: diagonal ? 600 : 400,
        }),
        twoLines && !diagonal
          ? text(
              j * cell + cell / 2,
              y + height / 2 + 11,
              kappas[i][j] === null ? 'κ –' : `κ ${fixed(kappas[i][j] ?? 0, 2)}`,
              {
                size: 9,
                anchor: 'middle',
                fill: 'soft',
              },
            )
          : join([]),
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

function kappaWords(kappa: NonNullable<CallsSummary['kappas']>[number] | undefined): string {
  if (kappa === undefined || kappa.kappa === null) return '–'
  const limits = kappa.low === null || kappa.high === null ? '' : ` (${fixed(kappa.low, 2)} to ${fixed(kappa.high, 2)})`
  return `${fixed(kappa.kappa, 2)}${limits}, n ${count(kappa.people)}`
}

export function agreementFigure(study: PartOfStudy<'callsSummary'>): FigureSpec {
  const summary = study.results.callsSummary
  if (!summary || summary.definitions.length < 2)
    return emptyFigure('agreement', 'How far the definitions agree', 'Fewer than two definitions were computed.')
  // A definition that could judge nobody, as one of a measurement that nobody has, has no cell.
  const shown = summary.definitions.flatMap((d, i) =>
    d.counts.yes + d.counts.no + d.counts.unconfirmed > 0 ? [{ ...d, i }] : [],
  )
  if (shown.length < 2)
    return emptyFigure('agreement', 'How far the definitions agree', 'Fewer than two definitions could judge anybody.')
  const chosen = shown.findIndex((d) => d.id === summary.definition)
  const kappaOf = (a: string, b: string) =>
    summary.kappas?.find((k) => (k.a === a && k.b === b) || (k.a === b && k.b === a))
  const matrix: Matrix = {
    titles: shown.map((d) => clean(d.title, 60)),
    counts: shown.map((a) => shown.map((b) => summary.agreement[a.i][b.i])),
    kappas: shown.map((a) => shown.map((b) => kappaOf(a.id, b.id)?.kappa ?? null)),
    chosen,
  }
  // Courses and plateaus are called by definitions as well, but nobody would take them for cases.
  const others = shown
    .filter((d, i) => i !== chosen && !/^(typical|slow|rapid|plateau|unassigned)(?![a-z])/i.test(d.id))
    .map((d) => d.counts.yes)
  const [least, most] = [Math.min(...others), Math.max(...others)]
  const main = shown[chosen]
  return {
    name: 'agreement',
    title:
      main && others.length > 0
        ? `The number of cases is a choice: “${clean(main.title, 40)}” says yes for ${count(main.counts.yes)}, ${others.length === 1 ? `the other definition of improvement for ${count(least)}` : `other definitions of improvement for ${least === most ? count(least) : `${count(least)} to ${count(most)}`}`}`
        : 'The number of cases is a choice of definition',
    caption:
      'People for whom each definition says yes (outlined diagonal) and for whom two both do (row and column meeting), with Cohen’s kappa (κ) of the two over the people of whom both can tell. The stronger the shade, the larger the share of the smaller group. The definition of the study is outlined in vermilion.',
    description: summary.definitions
      .map((d) => `${clean(d.title, 60)}: ${count(d.counts.yes)} yes, ${count(d.counts.unconfirmed)} unconfirmed`)
      .join('. '),
    draw: (width) => draw(matrix, width),
    table: {
      columns: ['Definition', 'Version', 'Yes', 'No', 'Unconfirmed', 'Ineligible', 'Kappa with the study’s definition'],
      rows: summary.definitions.map((d) => [
        clean(d.title, 60),
        clean(d.version, 20),
        d.counts.yes,
        d.counts.no,
        d.counts.unconfirmed,
        d.counts.ineligible,
        kappaWords(kappaOf(d.id, summary.definition)),
      ]),
    },
  }
}
