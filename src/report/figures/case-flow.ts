import { type Drawing, emptyFigure, type FigureSpec } from '../figure.ts'
import { drawSteps, type Step } from '../marks/steps.ts'
import { clean } from '../markup.ts'
import { count, people, plural } from '../numbers.ts'
import type { PartOfStudy } from '../study.ts'

/** From everyone to confirmed calls of the study's own definition. */
export function caseFlowFigure(study: PartOfStudy<'callsSummary'>): FigureSpec {
  const summary = study.results.callsSummary
  const flow = summary?.caseFlow ?? []
  const title = 'From everyone to a confirmed call'
  if (!summary || flow.length === 0) return emptyFigure('case-flow', title, 'No definition was computed.')
  const definition = summary.definitions.find(({ id }) => id === summary.definition)
  const steps: Step[] = flow.map(({ step, people: n, lost, reason }) => ({
    title: clean(step, 90),
    people: n,
    lost: lost > 0 ? { people: lost, reason: clean(reason, 140) } : null,
  }))
  const draw = (width: number): Drawing => {
    const { body, bottom } = drawSteps(steps, width, 'reversal')
    return { width, height: bottom + 2, body }
  }
  const called = flow.find(({ step }) => step.startsWith('Called: '))
  const last = flow[flow.length - 1]
  return {
    name: 'case-flow',
    title: `Of ${people(flow[0].people)}, ${count(called?.people ?? last.people)} meet “${clean(definition?.title ?? summary.definition, 60)}”, and ${count(last.people)} are left at the end`,
    caption:
      'People whom the study’s own definition could judge, who gained, who kept the gain, who were followed long enough, whom no recorded mimic or mutation excludes, and who are confirmed. Beside each arrow: who left, and why.',
    description: steps
      .map(
        (s) =>
          `${s.title}: ${count(s.people)}${s.lost ? ` (${plural(s.lost.people, 'person', 'people')} left: ${s.lost.reason})` : ''}`,
      )
      .join('. '),
    draw,
    table: {
      columns: ['Step', 'People', 'Left before it', 'Why'],
      rows: steps.map((s) => [s.title, s.people, s.lost?.people ?? 0, s.lost?.reason ?? '']),
    },
  }
}
