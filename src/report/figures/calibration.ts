import type { Calibration, Rate } from '../../results/index.ts'
import { type Drawing, emptyFigure, type FigureSpec } from '../figure.ts'
import { line } from '../marks/axes.ts'
import { linear } from '../marks/scale.ts'
import { shorten } from '../marks/text.ts'
import { clean, el, join, type Markup, text } from '../markup.ts'
import { chosen, chosenPercent, count, percent, plural, significant } from '../numbers.ts'
import {
  type CalibrationVerdict,
  capital,
  isFirth,
  type PartOfStudy,
  primaryCalibration,
  rateVerdict,
  testName,
  testWords,
  verdictWords,
} from '../study.ts'
import { sizes } from '../tokens.ts'

/** The level shown: 5% where it was tested, else the largest. */
function level(calibration: Calibration): number {
  const levels = calibration.tests.flatMap((t) => t.rates.map((r) => r.alpha))
  return levels.includes(0.05) ? 0.05 : Math.max(0, ...levels)
}

/** Calling too often is the failure that matters, so it alone has a colour, and a shape of its own. */
function mark(verdict: CalibrationVerdict, cx: number, cy: number, words: string): Markup {
  const tip = el('title', {}, words)
  if (verdict === 'anti-conservative')
    return el('path', { d: `M${cx},${cy - 5}l5,8.5h-10Z`, fill: 'caution', stroke: 'paper', 'stroke-width': 0.6 }, tip)
  if (verdict === 'uncertain' || verdict === 'untested')
    return el('path', { d: `M${cx - 4},${cy}h8`, fill: 'none', stroke: 'even', 'stroke-width': 2.4 }, tip)
  return el(
    'circle',
    { cx, cy, r: 3.8, fill: verdict === 'calibrated' ? 'even' : 'paper', stroke: 'even', 'stroke-width': 1.5 },
    tip,
  )
}

function draw(calibration: Calibration, alpha: number, width: number): Drawing {
  const narrow = width < 500
  const at = (rates: readonly Rate[]) => rates.filter((r) => r.alpha === alpha)
  const tests = calibration.tests.filter((t) => at(t.rates).length > 0)
  const bins = [...new Set(tests.flatMap((t) => at(t.rates).map((r) => r.bin)))]
  const most = Math.max(alpha * 1.5, ...tests.flatMap((t) => at(t.rates).map((r) => r.high)))
  const nameWidth = narrow ? 0 : 142
  const axis = narrow ? 24 : 30
  const rowHeight = narrow ? 100 : tests.length > 5 ? 66 : 78
  const columnWidth = (width - nameWidth - axis) / Math.max(1, bins.length)
  const centre = (j: number) => nameWidth + axis + (j + 0.5) * columnWidth
  const top = 26
  const parts: Markup[] = [
    narrow ? join([]) : text(0, 12, 'Minor allele count', { size: sizes.tick, fill: 'soft' }),
    join(
      bins.map((bin, j) =>
        text(centre(j), 12, bin === 'all' ? 'all' : clean(bin, 12).replace('-', '–'), {
          size: sizes.tick,
          anchor: 'middle',
          fill: 'soft',
          weight: bin === 'all' ? 600 : 400,
        }),
      ),
    ),
  ]
  for (const [i, t] of tests.entries()) {
    const y0 = top + i * rowHeight
    const plotTop = y0 + (narrow ? 28 : 10)
    const plotBottom = y0 + rowHeight - 24
    const y = linear([0, most], [plotBottom, plotTop])
    const name = testName(t.test)
    const fill = t.verdict === 'anti-conservative' ? 'caution' : 'soft'
    parts.push(
      line(0, y0, width, y0, 'grid'),
      text(0, narrow ? y0 + 16 : plotBottom - 24, shorten(name, narrow ? 200 : nameWidth - 6, sizes.label), {
        weight: 600,
      }),
      narrow
        ? text(width, y0 + 16, verdictWords(t.verdict), { size: sizes.tick, anchor: 'end', fill })
        : text(0, plotBottom - 8, verdictWords(t.verdict), { size: sizes.tick, fill }),
      join(
        // The 0 is left out where the two would run into each other.
        (y(0) - y(alpha) < sizes.small ? [alpha] : [0, alpha]).map((tick) =>
          text(nameWidth + axis - 6, y(tick) + 4, chosenPercent(tick), {
            size: sizes.small,
            anchor: 'end',
            fill: 'soft',
          }),
        ),
      ),
      line(nameWidth + axis, y(0), width, y(0), 'rule'),
      line(nameWidth + axis, y(alpha), width, y(alpha), 'soft', '4 3'),
    )
    for (const [j, bin] of bins.entries()) {
      const rate = at(t.rates).find((r) => r.bin === bin)
      const cx = centre(j)
      parts.push(
        rate
          ? join([
              el('line', {
                x1: cx,
                x2: cx,
                y1: y(rate.low),
                y2: y(rate.high),
                stroke: rateVerdict(rate) === 'anti-conservative' ? 'caution' : 'even',
                'stroke-width': 1.75,
              }),
              mark(
                rateVerdict(rate),
                cx,
                y(rate.rate),
                `${name}, minor allele count ${bin}: ${percent(rate.rate)} (${percent(rate.low)} to ${percent(rate.high)})`,
              ),
            ])
          : join([]),
        text(cx, plotBottom + 15, rate ? percent(rate.rate) : '–', {
          size: sizes.small,
          anchor: 'middle',
          fill: 'soft',
        }),
      )
    }
  }
  return { width, height: top + tests.length * rowHeight + 4, body: join(parts) }
}

/** Each test's own replicates and variants, tests alike named once. */
function replicateWords(calibration: Calibration, alpha: number): string {
  const groups = new Map<string, string[]>()
  for (const t of calibration.tests) {
    const all = t.rates.find((r) => r.bin === 'all' && r.alpha === alpha)
    if (!all) continue
    const words = `${count(all.replicates)} of ${plural(all.variants, 'variant')}`
    groups.set(words, [...(groups.get(words) ?? []), testWords(t.test)])
  }
  const said = [...groups]
  return said.length === 1 ? said[0][0] : said.map(([words, tests]) => `${tests.join(', ')}: ${words}`).join('; ')
}

export function calibrationFigure(study: PartOfStudy<'calibration'>): FigureSpec {
  const calibration = study.results.calibration
  if (!calibration || calibration.tests.every((t) => t.rates.length === 0))
    return emptyFigure(
      'calibration',
      'Do the tests hold their level on this design?',
      'No null replicates were run, so this is not known.',
    )
  const alpha = level(calibration)
  const bad = calibration.tests.filter((t) => t.verdict === 'anti-conservative').map((t) => testName(t.test))
  const f = calibration.familywise
  const firth = isFirth(calibration.primary.test)
  const primary = primaryCalibration(study)
  const called =
    firth && primary
      ? `Firth regression, the primary test, called ${percent(primary.rate)} of variants at ${chosenPercent(primary.alpha)}`
      : `the primary test called ${count(f.errors)} of ${count(f.replicates)} studies like this one`
  return {
    name: 'calibration',
    title: `With no true effect, ${called}${bad.length > 0 ? `; ${bad.map((b, i) => (i === 0 ? `the ${b.charAt(0).toLowerCase()}${b.slice(1)}` : b)).join(' and ')} ${bad.length === 1 ? 'calls' : 'call'} too often` : ''}`,
    caption: [
      `Type I error at a nominal ${chosenPercent(alpha)} (dashed) by minor allele count, over null replicates (${replicateWords(calibration, alpha)}) on this study’s own people, covariates and label sets (${clean(calibration.design.masks, 60)}), made before labels were joined to genotypes.`,
      'Each mark speaks for its own bin, the word beside a test for all its variants. Filled circles: calibrated; open circles: conservative; triangles: calls too often; dashes: the interval is too wide to tell. Bars: 95% intervals over replicates.',
      firth && primary
        ? `The primary test: ${percent(primary.rate)} (${percent(primary.low)} to ${percent(primary.high)}) at ${chosenPercent(primary.alpha)}, ${verdictWords(primary.verdict)}; at its own level of ${chosen(calibration.primary.alpha)} no number of replicates would tell. Family-wise error of the smallest exact p, which is not the primary test: ${percent(f.rate)} (${percent(f.low)} to ${percent(f.high)}) at ${chosenPercent(f.alpha)}.`
        : `Family-wise error of the primary test: ${percent(f.rate)} (${percent(f.low)} to ${percent(f.high)}) at ${chosenPercent(f.alpha)}, ${verdictWords(f.verdict)}.`,
    ].join(' '),
    description: calibration.tests
      .map((t) => {
        const all = t.rates.find((r) => r.bin === 'all' && r.alpha === alpha)
        return `${capital(testName(t.test))}: ${verdictWords(t.verdict)}${all ? `, ${percent(all.rate)} at ${chosenPercent(alpha)}` : ''}`
      })
      .join('. '),
    draw: (width) => draw(calibration, alpha, width),
    table: {
      columns: [
        'Test',
        'Minor allele count',
        'Level',
        'Type I error',
        '95% interval',
        'Variants',
        'Replicates',
        'Verdict',
      ],
      rows: calibration.tests.flatMap((t) =>
        t.rates.map((r) => [
          testName(t.test),
          clean(r.bin, 12),
          chosen(r.alpha),
          significant(r.rate, 2),
          `${significant(r.low, 2)} to ${significant(r.high, 2)}`,
          r.variants,
          r.replicates,
          verdictWords(rateVerdict(r)),
        ]),
      ),
    },
  }
}
