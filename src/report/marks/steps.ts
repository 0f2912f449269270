import { el, join, type Markup, text } from '../markup.ts'
import { count } from '../numbers.ts'
import { sizes } from '../tokens.ts'
import { line } from './axes.ts'
import { textWidth, wrap } from './text.ts'

/** A box of a flow diagram, and who left on the way to it. */
export interface Step {
  title: string
  people: number
  lost: { people: number; reason: string } | null
}

export interface DrawnSteps {
  body: Markup
  /** Lower edge of the last box, its middle, and the width of the boxes. */
  bottom: number
  centre: number
  boxWidth: number
}

export function box(
  x: number,
  y: number,
  width: number,
  height: number,
  stroke: 'rule' | 'reversal' | 'typical',
): Markup {
  return el('rect', { x, y, width, height, rx: 3, fill: 'paper', stroke, 'stroke-width': stroke === 'rule' ? 1 : 1.75 })
}

export const arrow = (x: number, y: number): Markup =>
  el('path', { d: `M${x - 4},${y - 6}L${x},${y}L${x + 4},${y - 6}Z`, fill: 'soft' })

/** Boxes from above to below, joined by arrows; beside each arrow who left and why. The last box may be that of reversals. */
export function drawSteps(steps: readonly Step[], width: number, last: 'rule' | 'reversal' = 'rule'): DrawnSteps {
  const narrow = width < 500
  const boxWidth = narrow ? 158 : 372
  const sideX = boxWidth + (narrow ? 18 : 44)
  const sideWidth = width - sideX - 1
  const pad = narrow ? 9 : 11
  const lead = 15
  const parts: Markup[] = []
  let y = 1
  const centre = boxWidth / 2
  for (const [i, step] of steps.entries()) {
    if (i > 0) {
      const words = step.lost ? wrap(`${count(step.lost.people)}: ${step.lost.reason}`, sideWidth, sizes.tick) : []
      const gap = Math.max(20, words.length * 14 + 14)
      parts.push(line(centre, y, centre, y + gap - 1, 'soft'), arrow(centre, y + gap))
      if (step.lost) {
        const middle = y + gap / 2
        parts.push(
          line(centre, middle, sideX - 8, middle, 'rule'),
          join(
            words.map((w, k) =>
              text(sideX, middle + 4 + (k - (words.length - 1) / 2) * 14, w, { size: sizes.tick, fill: 'soft' }),
            ),
          ),
        )
      }
      y += gap
    }
    const label = `n = ${count(step.people)}`
    const room = boxWidth - 2 * pad - (narrow ? 0 : textWidth(label, sizes.label) + 14)
    const words = wrap(step.title, room, sizes.label)
    const height = 2 * pad + (words.length + (narrow ? 1 : 0)) * lead - 2
    parts.push(
      box(1, y, boxWidth - 2, height, i === steps.length - 1 ? last : 'rule'),
      join(words.map((w, k) => text(pad + 2, y + pad + 10 + k * lead, w))),
      narrow
        ? text(pad + 2, y + pad + 10 + words.length * lead, label, { weight: 600 })
        : text(boxWidth - pad - 2, y + pad + 10, label, { anchor: 'end', weight: 600 }),
    )
    y += height
  }
  return { body: join(parts), bottom: y, centre, boxWidth }
}
