import type { Drawing, FigureSpec } from '../figure.ts'
import { emptyFigure } from '../figure.ts'
import { line } from '../marks/axes.ts'
import { textWidth, wrap } from '../marks/text.ts'
import { clean, el, join, type Markup, text } from '../markup.ts'
import { count, people, plural } from '../numbers.ts'
import type { Study } from '../study.ts'
import { sizes } from '../tokens.ts'

interface Step {
  title: string
  people: number
  /** Who left on the way here. */
  lost: { people: number; reason: string } | null
}

/** From everyone with visits to the people analysed, each loss counted once. */
function flowSteps(study: Study): Step[] {
  const { callsSummary, intake, groups, samples, patients, association } = study.results
  const steps: Step[] = []
  if (callsSummary && callsSummary.flow.length > 0)
    for (const s of callsSummary.flow)
      steps.push({
        title: clean(s.step, 90),
        people: s.people,
        lost: s.lost > 0 ? { people: s.lost, reason: clean(s.reason, 140) } : null,
      })
  else if (intake) steps.push({ title: 'People with visits', people: intake.patients, lost: null })

  const chosen = groups.filter((g) => g.case !== null)
  if (chosen.length > 0 && samples.length > 0) {
    const sampleOf = new Map(patients.map((p) => [p.patient, p.sample]))
    const quality = new Map(samples.map((s) => [s.sample, s]))
    const held = chosen.flatMap((g) => quality.get(sampleOf.get(g.patient) ?? g.patient) ?? [])
    const kept = held.filter((s) => s.kept)
    const reasons = new Map<string, number>()
    for (const s of held) if (!s.kept) reasons.set(s.reason ?? 'quality', (reasons.get(s.reason ?? 'quality') ?? 0) + 1)
    push(steps, 'With genotypes', held.length, 'no sample in the genotype files')
    push(
      steps,
      'After quality control of samples',
      kept.length,
      [...reasons].map(([reason, n]) => `${clean(reason, 60)} ${count(n)}`).join('; '),
    )
  }
  const first = steps.at(0)
  const cohorts = cohortSizes(study)
  if (first && cohorts !== '') first.title = `${first.title} (${cohorts})`
  if (association)
    push(steps, 'Analysed', association.cases + association.controls, 'sex or a covariate is missing, or not at risk')
  return steps
}

/** People with records by cohort, in words; empty in a study of one. */
function cohortSizes(study: Study): string {
  const sizes = new Map<string, number>()
  for (const { cohort } of study.results.patients) sizes.set(cohort, (sizes.get(cohort) ?? 0) + 1)
  return sizes.size < 2 ? '' : [...sizes].map(([cohort, n]) => `${clean(cohort, 24)} ${count(n)}`).join(', ')
}

function push(steps: Step[], title: string, people: number, reason: string): void {
  const lost = (steps.at(-1)?.people ?? people) - people
  steps.push({ title, people, lost: lost > 0 ? { people: lost, reason } : null })
}

function box(x: number, y: number, width: number, height: number, stroke: 'rule' | 'reversal' | 'typical'): Markup {
  return el('rect', { x, y, width, height, rx: 3, fill: 'paper', stroke, 'stroke-width': stroke === 'rule' ? 1 : 1.75 })
}

function draw(study: Study, steps: Step[], width: number): Drawing {
  const narrow = width < 500
  const mainWidth = narrow ? 158 : 372
  const sideX = mainWidth + (narrow ? 18 : 44)
  const sideWidth = width - sideX - 1
  const pad = narrow ? 9 : 11
  const lead = 15
  const parts: Markup[] = []
  let y = 1
  const centre = mainWidth / 2

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
    const room = mainWidth - 2 * pad - (narrow ? 0 : textWidth(label, sizes.label) + 14)
    const words = wrap(step.title, room, sizes.label)
    const height = 2 * pad + (words.length + (narrow ? 1 : 0)) * lead - 2
    parts.push(
      box(1, y, mainWidth - 2, height, 'rule'),
      join(words.map((w, k) => text(pad + 2, y + pad + 10 + k * lead, w))),
      narrow
        ? text(pad + 2, y + pad + 10 + words.length * lead, label, { weight: 600 })
        : text(mainWidth - pad - 2, y + pad + 10, label, { anchor: 'end', weight: 600 }),
    )
    y += height
  }

  const half = mainWidth / 2 - 6
  parts.push(line(centre, y, centre, y + 14, 'soft'), line(half / 2, y + 14, mainWidth - half / 2, y + 14, 'soft'))
  for (const [k, group] of (['reversal', 'typical'] as const).entries()) {
    const x = k === 0 ? 1 : mainWidth - half
    const middle = x + half / 2
    parts.push(
      line(middle, y + 14, middle, y + 29, 'soft'),
      arrow(middle, y + 30),
      box(x, y + 30, half - 1, 48, group),
      text(middle, y + 50, k === 0 ? (narrow ? 'Cases' : 'Cases (reversal)') : 'Controls', {
        anchor: 'middle',
        fill: `${group}Text`,
      }),
      text(middle, y + 67, `n = ${count(k === 0 ? study.cases : study.controls)}`, { anchor: 'middle', weight: 600 }),
    )
  }
  return { width, height: y + 80, body: join(parts) }
}

const arrow = (x: number, y: number) =>
  el('path', { d: `M${x - 4},${y - 6}L${x},${y}L${x + 4},${y - 6}Z`, fill: 'soft' })

export function flowFigure(study: Study): FigureSpec {
  const steps = flowSteps(study)
  const title = 'Who was counted, and who was not'
  if (steps.length === 0) return emptyFigure('flow', title, 'No stage counted people.')
  const first = steps[0].people
  // A step at which nobody left is drawn only where it is a landmark.
  const drawn = steps.filter(
    (s, i) => i === 0 || s.lost !== null || s.title === 'With genotypes' || i === steps.length - 1,
  )
  return {
    name: 'flow',
    title: `Of ${people(first)} with visits, ${count(study.cases)} became cases and ${count(study.controls)} controls`,
    caption:
      'Flow of people from visits to analysis. Each arrow to the right names those who left and why; a person leaves once, and steps at which nobody left are in the table. Samples were judged without sight of who reversed.',
    description: steps
      .map(
        (s) =>
          `${s.title}: ${count(s.people)}${s.lost ? ` (${plural(s.lost.people, 'person', 'people')} left: ${s.lost.reason})` : ''}`,
      )
      .join('. '),
    draw: (width) => draw(study, drawn, width),
    table: {
      columns: ['Step', 'People', 'Left before it', 'Why'],
      rows: steps.map((s) => [s.title, s.people, s.lost?.people ?? 0, s.lost?.reason ?? '']),
    },
  }
}
