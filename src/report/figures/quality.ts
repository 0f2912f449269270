import type { FilterStep } from '../../results/index.ts'
import { type Drawing, emptyFigure, type FigureSpec } from '../figure.ts'
import { line } from '../marks/axes.ts'
import { wrap } from '../marks/text.ts'
import { clean, el, join, type Markup, text, typeset } from '../markup.ts'
import { count, percent } from '../numbers.ts'
import type { Study } from '../study.ts'
import { sizes } from '../tokens.ts'

interface Side {
  title: string
  total: number
  kept: number
  steps: FilterStep[]
}

function panel(side: Side, y0: number, width: number): { parts: Markup[]; y: number } {
  const narrow = width < 500
  const barLeft = narrow ? 4 : 330
  const barRight = width - (narrow ? 66 : 74)
  const worst = Math.max(1, ...side.steps.map((s) => s.removed))
  const parts: Markup[] = [
    text(
      0,
      y0 + 12,
      `${side.title}: ${count(side.kept)} of ${count(side.total)} kept (${percent(side.kept / Math.max(1, side.total))})`,
      { weight: 600 },
    ),
    line(0, y0 + 20, width, y0 + 20, 'rule'),
  ]
  let y = y0 + 22
  for (const s of side.steps) {
    const rule = wrap(typeset(s.rule, 260), narrow ? width - 10 : barLeft - 24, sizes.small)
    const height = 22 + rule.length * 13 + (narrow ? 18 : 0)
    const barY = narrow ? y + 18 + rule.length * 13 + 2 : y + 6
    const length = ((barRight - barLeft) * s.removed) / worst
    parts.push(
      text(0, y + 15, clean(s.filter.charAt(0).toUpperCase() + s.filter.slice(1), 60)),
      join(rule.map((words, k) => text(0, y + 29 + k * 13, words, { size: sizes.small, fill: 'soft' }))),
      s.removed > 0
        ? el('rect', { x: barLeft, y: barY, width: Math.max(1.5, length), height: 11, fill: 'even' })
        : line(barLeft, barY, barLeft, barY + 11, 'soft'),
      text(barLeft + Math.max(1.5, length) + 7, barY + 10, s.removed > 0 ? `−${count(s.removed)}` : 'none lost', {
        size: sizes.tick,
        fill: s.removed > 0 ? 'ink' : 'soft',
      }),
      line(0, y + height, width, y + height, 'grid'),
    )
    y += height
  }
  return { parts, y: y + 22 }
}

function draw(sides: Side[], width: number): Drawing {
  const parts: Markup[] = []
  let y = 0
  for (const side of sides) {
    const drawn = panel(side, y, width)
    parts.push(...drawn.parts)
    y = drawn.y
  }
  return { width, height: y - 16, body: join(parts) }
}

/** Variants lost on merging cohorts, by reason; undefined in a study of one. */
function mergingSide(study: Study): Side | undefined {
  const { merge, cohorts } = study.results.genotypes ?? {}
  if (!merge) return undefined
  const lost = Object.entries(merge.dropped)
  const total = merge.variants + lost.reduce((sum, [, n]) => sum + n, 0)
  let remaining = total
  const steps = lost.map(([reason, removed]): FilterStep => {
    remaining -= removed
    return { filter: reason, rule: rules[reason] ?? '', removed, remaining, examples: [] }
  })
  return { title: `Merging ${cohorts?.length ?? 2} cohorts, variants`, total, kept: merge.variants, steps }
}

/** What is behind the reasons for which variants are left out on merging, in words. */
const rules: Readonly<Record<string, string>> = {
  'strand-ambiguous': 'A/T or C/G: strands cannot be told apart',
  'alleles of the other strand': 'fits only after complementing, which was not asked for',
  'other alleles at the position': 'cohorts have different alleles there',
  'another reference allele at the position': 'cohorts contradict each other on the reference',
  'the same variant twice in one cohort, written differently': 'nothing tells which of the two is right',
  'not in every cohort': 'a cohort does not have it',
}

export function qualityFigure(study: Study): FigureSpec {
  const quality = study.results.quality
  if (!quality) return emptyFigure('quality', 'What quality control removed', 'Quality control was not run.')
  const merging = mergingSide(study)
  const sides: Side[] = [
    ...(merging ? [merging] : []),
    { title: 'Samples', ...quality.samples },
    { title: 'Variants', ...quality.variants },
  ]
  const rows = sides.flatMap((side) =>
    side.steps.map((s) => [
      side.title,
      clean(s.filter, 60),
      typeset(s.rule, 260),
      s.removed,
      s.remaining,
      s.examples
        .slice(0, 5)
        .map((e) => clean(e, 24))
        .join(', '),
    ]),
  )
  return {
    name: 'quality',
    title: `Quality control removed ${count(quality.samples.total - quality.samples.kept)} samples and ${count(quality.variants.total - quality.variants.kept)} variants`,
    caption: `Losses at each filter, in the order in which they were applied; bars are to scale within samples and within variants.${merging ? ' Variants of several cohorts were merged first; merge.parquet lists each one that was left out.' : ''} No filter looked at who reversed: differences between cases and controls set flags instead.`,
    description: sides
      .map(
        (s) =>
          `${s.title}: ${count(s.kept)} of ${count(s.total)} kept; ${s.steps.map((t) => `${t.filter} ${count(t.removed)}`).join(', ')}`,
      )
      .join('. '),
    draw: (width) => draw(sides, width),
    table: { columns: ['Of', 'Filter', 'Rule', 'Removed', 'Remaining', 'Examples'], rows },
  }
}
