import type { Drawing, FigureSpec } from '../figure.ts'
import { emptyFigure } from '../figure.ts'
import { line } from '../marks/axes.ts'
import { arrow, box, drawSteps, type Step } from '../marks/steps.ts'
import { clean, join, type Markup, text } from '../markup.ts'
import { count, people, plural } from '../numbers.ts'
import type { Study } from '../study.ts'

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
    push(
      steps,
      association.matched ? 'In matched sets, analysed' : 'Analysed',
      association.cases + association.controls,
      association.matched
        ? 'in no matched set, or a covariate is missing'
        : 'sex or a covariate is missing, or not at risk',
    )
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

function draw(study: Study, steps: Step[], width: number): Drawing {
  const narrow = width < 500
  const { body, bottom: y, centre, boxWidth } = drawSteps(steps, width)
  const half = boxWidth / 2 - 6
  const parts: Markup[] = [
    body,
    line(centre, y, centre, y + 14, 'soft'),
    line(half / 2, y + 14, boxWidth - half / 2, y + 14, 'soft'),
  ]
  for (const [k, group] of (['reversal', 'typical'] as const).entries()) {
    const x = k === 0 ? 1 : boxWidth - half
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
