import type { Intake, IntakeFinding } from '../../results/index.ts'
import { type Drawing, emptyFigure, type FigureSpec } from '../figure.ts'
import { axisBottom, line } from '../marks/axes.ts'
import { logarithmic } from '../marks/scale.ts'
import { shorten, textWidth, wrap } from '../marks/text.ts'
import { clean, el, join, type Markup, text } from '../markup.ts'
import { count, plural } from '../numbers.ts'
import type { PartOfStudy } from '../study.ts'
import { type RoleName, sizes } from '../tokens.ts'

type Action = IntakeFinding['action']

const groups: readonly { action: Action; title: string; role: RoleName }[] = [
  { action: 'refused', title: 'Refused: left empty or not used', role: 'caution' },
  { action: 'mended', title: 'Mended by a rule', role: 'even' },
  { action: 'noted', title: 'Noted', role: 'odd' },
]

/** Shape repeats what colour says. */
function mark(action: Action, role: RoleName, x: number, y: number, title: string): Markup {
  const told = el('title', {}, title)
  if (action === 'refused') return el('rect', { x: x - 4.5, y: y - 4.5, width: 9, height: 9, fill: role }, told)
  return el(
    'circle',
    {
      cx: x,
      cy: y,
      r: 4.5,
      fill: action === 'mended' ? role : 'paper',
      stroke: role,
      'stroke-width': 1.75,
    },
    told,
  )
}

function placeOf({ where }: IntakeFinding): string {
  const [first] = where
  if (first === undefined) return ''
  return `${clean(first.file, 60)}, line ${count(first.line)}${first.column === undefined ? '' : `, ${clean(first.column, 40)}`}`
}

const byCount = (a: IntakeFinding, b: IntakeFinding) => b.count - a.count || (a.code < b.code ? -1 : 1)

function draw(findings: readonly IntakeFinding[], width: number): Drawing {
  const narrow = width < 500
  const lead = 14
  const left = 10
  const largest = Math.max(10, ...findings.map((finding) => finding.count))
  const labelRoom = textWidth(count(largest), sizes.label) + 16
  const decades = Math.ceil(Math.log10(largest))
  // On a narrow page every second, or the numbers would meet.
  const step = narrow && decades > 4 ? 2 : 1
  const ticks = Array.from({ length: Math.floor(decades / step) + 1 }, (_, k) => 10 ** (k * step))
  // Beside the marks there is room for the places on a wide page; on a narrow one they are in the table.
  const right = narrow ? width - labelRoom : width - labelRoom - 210
  const x = logarithmic([1, 10 ** decades], [left, right])
  const body: Markup[] = []
  const rows: { from: number; to: number }[] = []
  let y = 4
  for (const { action, title, role } of groups) {
    const own = findings.filter((finding) => finding.action === action).sort(byCount)
    if (own.length === 0) continue
    y += 14
    body.push(text(0, y, title, { weight: 600 }))
    y += 6
    for (const finding of own) {
      const words = wrap(clean(finding.message, 300), 0.95 * width, sizes.label)
      for (const row of words) {
        y += lead
        body.push(text(0, y, row))
      }
      y += 13
      rows.push({ from: y - 8, to: y + 8 })
      const at = x(finding.count)
      const place = placeOf(finding)
      const number = count(finding.count)
      body.push(
        line(left, y, at, y, 'rule', undefined, 1.5),
        mark(action, role, at, y, `${number}; first: ${place}`),
        text(at + 10, y + 4, number, { weight: 600, halo: true }),
      )
      // Bold is wider.
      const after = at + 10 + 1.12 * textWidth(number, sizes.label) + 14
      const room = width - after
      if (place !== '' && !narrow && room > 200)
        body.push(
          text(after, y + 4, shorten(`first: ${place}`, room, sizes.tick), {
            size: sizes.tick,
            fill: 'soft',
            halo: true,
          }),
        )
      y += 9
    }
    y += 6
  }
  const grid = ticks.flatMap((tick) => rows.map(({ from, to }) => line(x(tick), from, x(tick), to, 'grid')))
  return {
    width,
    height: y + 42,
    body: join([
      grid,
      body,
      axisBottom(x, y, { title: 'Times that the rule was used (logarithmic)', ticks, format: count }),
    ]),
  }
}

const total = (findings: readonly IntakeFinding[], action: Action): number =>
  findings.reduce((sum, finding) => sum + (finding.action === action ? finding.count : 0), 0)

/** What the clinical export held: every rule of intake that was used, how often, and where first. */
export function intakeFigure(study: PartOfStudy<'intake'>): FigureSpec {
  const { intake } = study.results
  if (!intake) return emptyFigure('intake', 'What the clinical records held', 'No clinical records were read.')
  const { findings } = intake
  const read = `${plural(intake.patients, 'person', 'people')}, ${plural(intake.visits, 'visit')}${intake.labValues > 0 ? ` and ${plural(intake.labValues, 'laboratory value')}` : ''}`
  if (findings.length === 0)
    return emptyFigure('intake', `${read} were read as they stand`, 'No rule of intake had to be used.')
  const [refused, mended, noted] = groups.map(({ action }) => total(findings, action))
  const left = intakeLeft(intake)
  return {
    name: 'intake',
    title: `${read} were read; ${plural(refused, 'finding')} refused, ${count(mended)} mended`,
    caption: `${plural(findings.length, 'rule')} used ${plural(refused + mended + noted, 'time')} on ${intake.source} records. Refused values were left empty or their rows not used, because nothing tells what is right; mended ones were put right by the rule; ${plural(noted, 'finding')} only noted. Every one is a row of intake.tsv, with what was read and what is used.${left === '' ? '' : ` ${left}`}`,
    description: findings
      .toSorted(byCount)
      .map((finding) => `${finding.action} ${count(finding.count)}: ${finding.message} First: ${placeOf(finding)}.`)
      .join(' '),
    draw: (width) => draw(findings, width),
    table: {
      columns: ['Action', 'Times', 'What was seen, what was done', 'First'],
      rows: findings.map((finding) => [finding.action, finding.count, finding.message, placeOf(finding)]),
    },
  }
}

/** Files and columns that nothing was read of, in a sentence. */
function intakeLeft({ files = [], filesNotRead = [] }: Intake): string {
  const columns = files.reduce((sum, file) => sum + file.columnsNotRead.length, 0)
  const parts = [
    ...(filesNotRead.length > 0 ? [plural(filesNotRead.length, 'file')] : []),
    ...(columns > 0 ? [plural(columns, 'column')] : []),
  ]
  return parts.length === 0 ? '' : `Not read: ${parts.join(' and ')}, named in intake.json.`
}
