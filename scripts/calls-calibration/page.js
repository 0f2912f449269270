// docs/calls-calibration.md and its figures, from the simulations alone.
import { writeFileSync } from 'node:fs'
import { cohorts, fitted, people, scenarios } from './scenarios.js'

const dist = new URL('../../dist/report/', import.meta.url)
const load = (path) => import(new URL(path, dist).href)
const { standaloneSvg } = await load('figure.js')
const { el, join, text } = await load('markup.js')
const { axisBottom, axisLeft, line, path } = await load('marks/axes.js')
const { linear } = await load('marks/scale.js')
const { sizes } = await load('tokens.js')

const noiseOf = (name) => (name === 'base' ? 1.8 : scenarios[name].noise)
const noiseLevels = ['noise-1.2', 'noise-1.5', 'base', 'noise-2.1', 'noise-2.5', 'noise-3.0']
const broken = [
  'tails',
  'people',
  'correlated',
  'accelerating',
  'wearing-off',
  'raters',
  'practice',
  'drop-out',
  'items',
  'itemwise',
]
const panels = ['base', 'noise-1.2', 'noise-3.0', ...broken]

const thousands = (n) => n.toLocaleString('en-GB')
const percent = (x, digits = 0) => (x === null ? '–' : `${(100 * x).toFixed(digits)}%`)
const within = ({ value, low, high }, digits = 0) =>
  value === null ? '–' : `${percent(value, digits)} (${percent(low, digits)} to ${percent(high, digits)})`
const perMillion = ({ value, high }) => {
  const number = (x) => (x >= 1e-4 ? thousands(Math.round(x * 1e5) * 10) : String(Math.round(x * 1e6)))
  return value === 0 ? `0 (to ${number(high)})` : `${number(value)} (to ${number(high)})`
}

/** Mean posterior against the share that is true, one panel a simulator. */
function reliability(record) {
  const size = 116
  const draw = (width) => {
    const columns = Math.max(2, Math.floor((width + 30) / (size + 56)))
    const body = panels.map((name, i) => {
      const left = 30 + (i % columns) * (size + 56)
      const top = 46 + Math.floor(i / columns) * (size + 92)
      const x = linear([0, 1], [left, left + size], 2)
      const y = linear([0, 1], [top + size, top], 2)
      const bins = record[name].bins.filter(({ effective }) => effective >= 10)
      const words = scenarios[name].short ?? scenarios[name].title
      return join([
        text(left - 26, top - 24, words, {
          size: sizes.small,
          weight: 600,
        }),
        axisLeft(y, left, { ticks: [0, 0.5, 1], grid: [left, left + size] }),
        axisBottom(x, top + size, { ticks: [0, 0.5, 1] }),
        line(x(0), y(0), x(1), y(1), 'soft', '3 3'),
        el('path', {
          d: path(bins.map((bin) => [x(bin.meanPosterior), y(bin.trueShare.value)])),
          fill: 'none',
          stroke: 'reversal',
          'stroke-width': 1,
        }),
        bins.map(({ meanPosterior, trueShare }) => [
          el('line', {
            x1: x(meanPosterior),
            x2: x(meanPosterior),
            y1: y(trueShare.low),
            y2: y(trueShare.high),
            stroke: 'reversal',
            'stroke-width': 1.5,
          }),
          el('circle', { cx: x(meanPosterior), cy: y(trueShare.value), r: 2.5, fill: 'reversal' }),
        ]),
      ])
    })
    const rows = Math.ceil(panels.length / columns)
    const height = rows * (size + 92)
    return {
      width,
      height: height + 4,
      body: join([
        ...body,
        text(
          4,
          height,
          'Across: mean posterior of a bin. Up: share of true reversals in it, with 95% interval. Dashed: calibrated.',
          {
            size: sizes.small,
            fill: 'soft',
          },
        ),
      ]),
    }
  }
  return {
    name: 'calls-reliability',
    title: 'A posterior means what it says, also where the simulator is not the model',
    caption: '',
    description: panels
      .map((name) => {
        const bin = record[name].bins.find(({ from }) => from === 0.8)
        return `${scenarios[name].title}: of posteriors from 0.8 to 0.9, ${within(bin.trueShare)} were true reversals`
      })
      .join('. '),
    draw,
    table: null,
  }
}

/** The plain rule and the posterior at every noise level. */
function againstRule(record) {
  const ways = [
    ['rule', 'plain rule', 'typical', 'typicalText'],
    ['likely', 'posterior from 0.5', 'slow', 'slowText'],
    ['confident', 'posterior from 0.9', 'reversal', 'reversalText'],
  ]
  const draw = (width) => {
    const narrow = width < 560
    const size = narrow ? width - 150 : (width - 300) / 2
    const height = 220
    const frames = [
      ['Events within follow-up that are called', (rates) => rates.sensitivity],
      ['Calls that are true, at 0.5% prevalence', (rates) => rates.trueAmongCalled],
    ]
    const body = frames.map(([title, of], i) => {
      const left = 40 + (narrow ? 0 : i * (size + 150))
      const top = 48 + (narrow ? i * (height + 100) : 0)
      const x = linear([1, 3.2], [left, left + size], 4)
      const y = linear([0, 1], [top + height, top], 4)
      const ends = ways.map(([way]) => y(of(record[noiseLevels.at(-1)][way]).value))
      const order = ends.map((_, k) => k).sort((a, b) => ends[a] - ends[b])
      for (const [k, own] of order.entries()) if (k > 0) ends[own] = Math.max(ends[own], ends[order[k - 1]] + 14)
      return join([
        axisLeft(y, left, {
          title,
          titleX: left - 36,
          ticks: [0, 0.25, 0.5, 0.75, 1],
          format: (t) => `${Math.round(100 * t)}%`,
          grid: [left, left + size],
        }),
        axisBottom(x, top + height, { title: 'SD of a visit’s noise, points', ticks: [1, 1.5, 2, 2.5, 3] }),
        ways.map(([way, words, colour, ink], k) => {
          const points = noiseLevels.map((name) => ({ at: noiseOf(name), ...of(record[name][way]) }))
          return [
            el('path', {
              d: path(points.map((p) => [x(p.at), y(p.value)])),
              fill: 'none',
              stroke: colour,
              'stroke-width': 1.5,
            }),
            points.map((p) => [
              el('line', {
                x1: x(p.at),
                x2: x(p.at),
                y1: y(p.low),
                y2: y(p.high),
                stroke: colour,
                'stroke-width': 1.25,
              }),
              el('circle', { cx: x(p.at), cy: y(p.value), r: 2.5, fill: colour }),
            ]),
            text(x(3) + 10, ends[k] + 4, words, { size: sizes.small, fill: ink, halo: true }),
          ]
        }),
      ])
    })
    return { width, height: narrow ? 2 * (height + 100) : height + 100, body: join(body) }
  }
  return {
    name: 'calls-rule',
    title: 'The plain rule finds more, and most of what it finds is noise',
    caption: '',
    description: noiseLevels
      .map((name) => {
        const { rule, likely, confident } = record[name]
        return `At a noise of ${noiseOf(name)} points the rule calls ${within(rule.sensitivity)} of events and ${within(rule.trueAmongCalled)} of its calls are true; posterior from 0.5: ${within(likely.sensitivity)} and ${within(likely.trueAmongCalled)}; from 0.9: ${within(confident.sensitivity)} and ${within(confident.trueAmongCalled)}`
      })
      .join('. '),
    draw,
    table: null,
  }
}

const courseNames = {
  decline: 'decline (regression to the mean: one low visit, then an ordinary one)',
  plateau: 'change of slope, plateaus among them',
  transientGain: 'gain that does not last',
  smallGain: 'gain below 4 points',
  ratingShift: 'lasting shift of the ratings',
  outlyingSpell: 'two or three visits off by one error',
}

const growth = ({ models }) => {
  const found = models.map(({ pace }) => 12 * pace).sort((a, b) => a - b)
  return `${percent(found[0])} to ${percent(found.at(-1))}`
}

const ratioOf = ({ events, others }) => (others === 0 ? '–' : (events / others).toFixed(events / others < 0.1 ? 2 : 1))

/** Bins whose interval leaves out their mean posterior. */
const offRows = (record) =>
  Object.keys(scenarios).flatMap((name) =>
    record[name].bins
      .filter(
        ({ from, people: n, meanPosterior, trueShare }) =>
          from >= 0.3 && n > 0 && (meanPosterior < trueShare.low || meanPosterior > trueShare.high),
      )
      .map(
        ({ from, to, meanPosterior, trueShare }) =>
          `| ${scenarios[name].title} | ${from} to ${to} | ${meanPosterior.toFixed(2)} | ${within(trueShare)} | ${meanPosterior > trueShare.high ? 'too sure' : 'too careful'} |`,
      ),
  )

export async function page(record, docs) {
  const { base, itemwise } = record
  const total = Object.values(record).reduce((sum, one) => sum + one.people, 0)
  const ranges = Object.keys(scenarios).map((name) => ({
    name,
    bin: record[name].bins.find(({ from }) => from === 0.8),
  }))
  const inside = ranges.filter(({ bin }) => bin.trueShare.value >= 0.8 && bin.trueShare.value <= 0.9)
  const departures = Object.keys(scenarios)
    .flatMap((name) =>
      record[name].bins
        .filter(({ from, meanPosterior }) => from >= 0.5 && meanPosterior !== null)
        .map(({ from, to, meanPosterior, trueShare }) => ({ name, from, to, off: trueShare.value - meanPosterior })),
    )
    .sort((a, b) => a.off - b.off)
  const points = ({ name, from, to, off }) =>
    `${Math.abs(100 * off).toFixed(0)} points at ${from} to ${to} (${scenarios[name].title})`
  const excluded = ranges.filter(({ bin }) => bin.trueShare.high < 0.8 || bin.trueShare.low > 0.9)
  const row = (name) => {
    const one = record[name]
    const bin = (from) => one.bins.find((b) => b.from === from)
    return `| ${scenarios[name].title} | ${within(bin(0.5).trueShare)} | ${within(bin(0.7).trueShare)} | ${within(bin(0.8).trueShare)} | ${Math.round(bin(0.8).effective)} | ${within(one.confident.trueAmongCalled)} | ${within(one.confident.sensitivity)} | ${within(one.likely.sensitivity)} | ${within(one.rule.sensitivity)} |`
  }
  const falseRow = (name) => {
    const { rule, likely, confident } = record[name]
    return `| ${scenarios[name].title} | ${perMillion(rule.falseCalls)} | ${perMillion(likely.falseCalls)} | ${perMillion(confident.falseCalls)} | ${within(rule.trueAmongCalled)} | ${within(likely.trueAmongCalled)} | ${within(confident.trueAmongCalled)} |`
  }
  const { comparison } = itemwise
  const mean = (cell, key) => (cell.people === 0 ? '–' : (cell[key] / cell.people).toFixed(1))
  const described = (name, words) => {
    const cell = comparison.described[name]
    return `| ${words} | ${comparison.cells[name]} | ${comparison.truth[name]} | ${mean(cell, 'nadir')} | ${mean(cell, 'rise')} | ${mean(cell, 'itemsUp')} | ${mean(cell, 'largest')} | ${mean(cell, 'atEnd')} |`
  }
  const words = `# Calibration of calls

Written by \`npm run calibrate:calls\` from \`calls-calibration.json\`, which it also makes: ${thousands(total)} simulated people whose truth is known, called by the [posterior](reversal-posterior.md) and by the plain
rule (4 points above an earlier visit at every visit of the 365 days, the first visit after them included). For research; these are simulations, not patients.

**In short.** Of posteriors from 0.8 to 0.9, ${within(ranges.find(({ name }) => name === 'base').bin.trueShare)} are true reversals where the simulator is as assumed, and the share lies between 80% and 90% in ${inside.length} of ${ranges.length}
simulators; its 95% interval leaves that range out altogether in ${excluded.length === 0 ? 'none' : excluded.map(({ name, bin }) => `${scenarios[name].title} (${within(bin.trueShare)})`).join(' and ')}. At a prevalence of 0.5% the plain rule calls ${percent(base.rule.sensitivity.value)} of the
events that lie within the follow-up, and ${percent(base.rule.trueAmongCalled.value)} of its calls are true; from a posterior of 0.9 on it is ${percent(base.confident.sensitivity.value)} and ${percent(base.confident.trueAmongCalled.value)}, from 0.5 on ${percent(base.likely.sensitivity.value)} and ${percent(base.likely.trueAmongCalled.value)}. From 0.5 on, no bin of any simulator is too sure by more than ${points(departures[0])}, nor too careful
by more than ${points(departures.at(-1))}.

## How

4 to 13 irregular visits over 9 to 36 months, whole scores from 0 to 48, outlying visits, every course of the [model](reversal-posterior.md) with continuous times, lengths, sizes and slopes (\`src/clinical/calls/posterior/simulate.ts\`); the truth is read from the latent course, not
from its name. People of each course are simulated in numbers of their own and weighted to the stated prevalence (0.5%). As a study would, the posterior takes the cohort's model from the people themselves: for each simulator it is fitted to ${cohorts} cohorts of ${fitted} others, drawn at
the stated prevalence, and each fit calls a quarter of the people. People without a score 3 points above an earlier one are not weighed and count as below 0.01. Of the others, those who do not reverse and whose mean over three visits hardly rises above that of the two before
are weighed in a sample (one in 20 at least), each standing for several, so that time goes to the courses that resemble a reversal. Intervals are Wilson's at the number of equally weighted people that would be as informative (*effective*).
Per simulator, ${thousands(Object.values(people).reduce((a, b) => a + b, 0))} people times its size (2 for the first, 0.5 for the last, else 1); seed 1.

## Where the simulator is as assumed

| posterior | weighed | effective | mean posterior | truly reversed (95% interval) |
|---|---|---|---|---|
${base.bins.map(({ from, to, people: n, effective, meanPosterior, trueShare }) => `| ${from} to ${to} | ${thousands(n)} | ${thousands(Math.round(effective))} | ${meanPosterior === null ? '–' : meanPosterior < 0.01 ? meanPosterior.toFixed(4) : meanPosterior.toFixed(3)} | ${trueShare.value < 0.01 ? within(trueShare, 2) : within(trueShare, 1)} |`).join('\n')}

## Where it is not

![Posteriors against the truth](images/calls-reliability.svg)

| simulator | true at 0.5 to 0.7 | at 0.7 to 0.8 | at 0.8 to 0.9 | effective people there | true from 0.9 on | events called from 0.9 | events called from 0.5 | events called by the rule |
|---|---|---|---|---|---|---|---|---|
${Object.keys(scenarios).map(row).join('\n')}

Events are those that lie within the follow-up, nadir to the end of the 365 days.

**Where it is off, and by how much.** Bins from 0.3 on whose 95% interval leaves out their own mean posterior (some one in twenty would by chance):

| simulator | posterior | mean | true | |
|---|---|---|---|---|
${offRows(record).join('\n')}

**Why, and what to conclude.** Where *drop-out grows with loss* posteriors are too careful. The prior is the same for everyone, but people who lose little are followed for longer, and those followed for longer have had more time to reverse. Events among people
seen for so many months, against events among all (1 where follow-up says nothing):

| months seen | ${record.base.followUp.map(({ from, to }, i, { length }) => (i === 0 ? `below ${to}` : i === length - 1 ? `${from} and more` : `${from} to ${to}`)).join(' | ')} |
|---|${record.base.followUp.map(() => '---|').join('')}
| as assumed | ${record.base.followUp.map(ratioOf).join(' | ')} |
| drop-out grows with loss | ${record['drop-out'].followUp.map(ratioOf).join(' | ')} |

A posterior of 0.5 asks for a gain that was held, and so for a long follow-up: the prior of those people is too low. It is left so: how many left because of loss and how many because the study ended is not in the scores, and the error is on the careful
side. In a cohort that loses people by decline, the posterior of somebody seen for more than 18 months is a lower limit; the range over priors (\`posterior_high\`) shows what a higher prior would say.

Where *raters change* posteriors are somewhat too sure up to 0.9. A rater who stays for some visits makes an error that lasts, which the model knows beside a decline (lasting shift of the ratings) but not beside a gain that is too small or too short. What the noise of neighbouring
visits shares is taken into account, but such errors last longer than that. A study whose raters changed should count on posteriors from 0.9 on, and look at who rated the visits around the nadir.

Where *loss accelerates* posteriors below 0.8 are somewhat too careful: growth is found as ${growth(record.accelerating)} a year, a constant share of itself, where the simulator adds 30% of the first slope each year; what is left over counts as noise and outlying visits.

## Against the plain rule

![Sensitivity and true calls by noise](images/calls-rule.svg)

False calls in a million people who did not reverse, with the upper end of the 95% interval, and the share of calls that are true at a prevalence of 0.5%:

| simulator | rule, false | from 0.5, false | from 0.9, false | rule, true | from 0.5, true | from 0.9, true |
|---|---|---|---|---|---|---|
${Object.keys(scenarios).map(falseRow).join('\n')}

Who is called falsely where the simulator is as assumed, of a million people on each course:

| course | rule | from 0.5 | from 0.9 |
|---|---|---|---|
${Object.entries(courseNames)
  .map(
    ([course, words]) =>
      `| ${words} | ${['rule', 'likely', 'confident'].map((way) => perMillion(base[way].byCourse[course])).join(' | ')} |`,
  )
  .join('\n')}

## Totals and single items

${thousands(comparison.people)} people with simulated items (1,000 reversals; 500 each with a gain that does not last, a small gain and a change of slope), called likely (from 0.5) by their totals, by their items, or by both. Items are drawn from
graded responses in four domains with profiles of their own; the posterior's item model is fitted to others. From the lowest visit to the highest after it:

| called by | people | truly reversed | score at the nadir | points gained | items that rose | most points of one item | items at an end of their scale |
|---|---|---|---|---|---|---|---|
${described('both', 'both')}
${described('totals', 'totals alone')}
${described('items', 'items alone')}
| neither | ${comparison.cells.neither} | ${comparison.truth.neither} | | | | | |

By items, ${percent(itemwise.confident.sensitivity.value)} of the events within follow-up reach 0.9 and ${percent(itemwise.likely.sensitivity.value)} reach 0.5; by totals, with the same people, ${percent(record.items.confident.sensitivity.value)} and ${percent(record.items.likely.sensitivity.value)}. Those whom the two call differently look alike in this
table and are mostly true either way: they lie near the limit, and items make the difference by how precise they say each rating to be, where a total has one noise for everyone. In a study, \`calls.json\` lists everyone whose call differs and what
the items did.

## Repeat

\`npm run build && npm run calibrate:calls\` does everything (${Math.round(Object.values(record).reduce((sum, { seconds }) => sum + seconds, 0) / 60)} minutes of processor time, in two processes); \`npm run calibrate:calls -- raters\` one simulator; \`-- page\` writes this page from the JSON.
`
  writeFileSync(`${docs}calls-calibration.md`, words)
  for (const figure of [reliability(record), againstRule(record)])
    writeFileSync(`${docs}images/${figure.name}.svg`, `${standaloneSvg(figure, 860)}\n`)
}
