// docs/cost-model.md and its figure, from the measurements alone.
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { fitCost } from './cost-fit.js'

const dist = new URL('../dist/', import.meta.url)
const load = (path) => import(new URL(path, dist).href)
const docs = fileURLToPath(new URL('../docs/', import.meta.url))

/** Parts of the work that grow by a law of their own: where each is found in a measurement, and that law. */
const taskParts = [
  { part: 'import from BED', stage: 'import from BED', law: 'linear', of: (m) => m.tasks },
  { part: 'import from VCF', stage: 'import from VCF', law: 'linear', of: (m) => m.tasks },
  { part: 'quality counts', stage: 'quality counts', law: 'linear', of: (m) => m.tasks },
  { part: 'kinship (KING)', stage: 'kinship (KING)', law: 'pairs', of: (m) => m.tasks },
  { part: 'covariance (PCA)', stage: 'covariance (PCA)', law: 'pairs', of: (m) => m.tasks },
  { part: 'association rows', stage: 'association', law: 'linear', of: (m) => m.inTasks['association/rows'] },
  { part: 'family scan', stage: 'association', law: 'linear', of: (m) => m.inTasks['association/minima'] },
]
/** What the coordinator does itself, in one thread, however many nodes there are. */
const ownParts = [
  { part: 'import from BED', stage: 'import from BED', law: 'linear', of: (m) => m.total - m.tasks },
  { part: 'import from VCF', stage: 'import from VCF', law: 'linear', of: (m) => m.total - m.tasks },
  { part: 'association', stage: 'association', law: 'apart', of: (m) => m.total - m.tasks },
  { part: 'eigenvectors (PCA)', stage: 'eigenvectors (PCA)', law: 'cubic', of: (m) => m.total },
]
/** How peak memory of one worker grows. */
const memoryLaws = { 'covariance (PCA)': 'square', 'eigenvectors (PCA)': 'matrix' }

/** Shorter than this is the start of a process, not work. */
const worthFitting = 0.01

const measured = (record, { stage, of }) =>
  record.measurements
    .filter((m) => m.stage === stage && m.leftOut === undefined)
    .map((m) => ({ variants: m.variants, people: m.people, value: of(m) }))
    .filter(({ value }) => value !== undefined && value >= worthFitting)

function fitOf(record, part) {
  const points = measured(record, part)
  if (points.length < 3) return undefined
  return fitCost(points, part.law)
}

const tens = (n) => {
  const power = Math.log10(n)
  return Number.isInteger(power) && power >= 4 ? `10^${power}` : n.toLocaleString('en-GB')
}
const short = (seconds) =>
  seconds < 0.095
    ? seconds.toFixed(3)
    : seconds < 9.95
      ? seconds.toFixed(2)
      : seconds < 99.5
        ? seconds.toFixed(1)
        : Math.round(seconds).toLocaleString('en-GB')
const long = (seconds) =>
  seconds < 1
    ? 'below 1 s'
    : seconds < 100
      ? `${seconds.toFixed(0)} s`
      : seconds < 6000
        ? `${(seconds / 60).toFixed(0)} min`
        : `${Number((seconds / 3600).toPrecision(2)).toLocaleString('en-GB')} h`
const bytes = (megabytes) =>
  megabytes < 1000
    ? `${Math.round(megabytes)} MB`
    : `${(megabytes / 1000).toLocaleString('en-GB', { maximumSignificantDigits: 2 })} GB`
const factor = (x) => (x < 1.995 ? x.toFixed(2) : x.toFixed(1))

/** Megabytes of results that come back to the coordinator as files. */
const resultParts = [
  ['import from BED', 'linear'],
  ['kinship (KING)', 'pairs'],
  ['covariance (PCA)', 'pairs'],
  ['association', 'linear'],
].map(([stage, law]) => ({
  part: stage,
  stage,
  law,
  of: (m) => Object.values(m.resultBytes).reduce((a, b) => a + b, 0) / 1e6,
}))

/** The study that is extrapolated to. */
const biobank = { people: 50_000, variants: 1e7, independent: 1e5, nodes: 100, cores: 16 }

const sizeOf = (part) => ({
  people: biobank.people,
  variants: /KING|PCA/.test(part) ? biobank.independent : biobank.variants,
})

function prediction(record) {
  const cores = biobank.nodes * biobank.cores
  const rows = []
  for (const part of taskParts) {
    if (part.part === 'import from VCF') continue
    const fit = fitOf(record, part)
    if (fit === undefined) continue
    const seconds = fit.predict(sizeOf(part.part))
    rows.push({ part: part.part, core: seconds, wall: seconds / cores, where: 'nodes' })
  }
  for (const part of ownParts) {
    if (part.part === 'import from VCF') continue
    const fit = fitOf(record, part)
    if (fit === undefined) continue
    const seconds = fit.predict(sizeOf(part.part))
    rows.push({ part: part.part, core: seconds, wall: seconds, where: 'coordinator' })
  }
  return rows
}

function memory(record) {
  const stages = [...new Set(record.measurements.map((m) => m.stage))]
  return stages.flatMap((stage) => {
    const points = record.measurements
      .filter((m) => m.stage === stage && m.leftOut === undefined)
      .map((m) => ({ variants: m.variants, people: m.people, value: m.megabytes }))
    if (points.length < 3) return []
    return [{ stage, fit: fitCost(points, memoryLaws[stage] ?? 'people') }]
  })
}

async function figure(record) {
  const [{ standaloneSvg }, { el, join, sup, text }, { logarithmic }, { axisBottom, axisLeft, path, line }, { sizes }] =
    await Promise.all([
      load('report/figure.js'),
      load('report/markup.js'),
      load('report/marks/scale.js'),
      load('report/marks/axes.js'),
      load('report/tokens.js'),
    ])
  const shown = taskParts.filter((part) => fitOf(record, part) !== undefined)
  const points = shown.flatMap((part) => measured(record, part))
  const sizesOfPeople = [...new Set(points.map((p) => p.people))].sort((a, b) => a - b)
  const variants = [...new Set(points.map((p) => p.variants))].sort((a, b) => a - b)
  const shades = ['even', 'odd', 'ink']
  const low = 0.01
  const high = Math.max(...points.map((p) => p.value)) * 2
  const marks = ['circle', 'square', 'triangle']
  const mark = (shape, x, y, fill) =>
    shape === 'circle'
      ? el('circle', { cx: x, cy: y, r: 3, fill })
      : shape === 'square'
        ? el('rect', { x: x - 2.7, y: y - 2.7, width: 5.4, height: 5.4, fill })
        : el('path', { d: `M${x},${y - 3.6}l3.4,6h-6.8Z`, fill })
  const draw = (width) => {
    const columns = 2
    const gap = 64
    const panel = { width: (width - 44 - gap * (columns - 1) - 76) / columns, height: 150 }
    const body = shown.map((part, i) => {
      const left = 44 + (i % columns) * (panel.width + gap + 38)
      const top = 52 + Math.floor(i / columns) * (panel.height + 92)
      const x = logarithmic([variants[0], variants[variants.length - 1]], [left, left + panel.width], 4)
      const y = logarithmic([low, high], [top + panel.height, top], 4)
      const fit = fitOf(record, part)
      // Largest first: a label that would lie on the one above it goes below.
      let lowest = Number.NEGATIVE_INFINITY
      const curves = sizesOfPeople.toReversed().map((people, reversed) => {
        const k = sizesOfPeople.length - 1 - reversed
        const own = measured(record, part).filter((p) => p.people === people)
        const steps = Array.from({ length: 49 }, (_, s) => 10 ** (4 + (s * (Math.log10(variants.at(-1)) - 4)) / 48))
        const curve = steps
          .map((v) => [v, fit.predict({ variants: v, people })])
          .filter(([, value]) => value >= low && value <= high)
        const end = curve.at(-1)
        const labelY = end === undefined ? 0 : Math.max(y(end[1]) + 4, lowest + 11)
        if (end !== undefined && end[0] > variants.at(-1) * 0.5) lowest = labelY
        const furthest = Math.max(0, ...own.map((p) => p.variants))
        const inside = curve.filter(([v]) => v <= furthest * 1.001)
        const outside = curve.filter(([v]) => v >= furthest * 0.999)
        const draws = (list, dash) =>
          list.length > 1 &&
          el('path', {
            d: path(list.map(([v, value]) => [x(v), y(value)])),
            fill: 'none',
            stroke: shades[k],
            'stroke-width': 1.5,
            'stroke-dasharray': dash,
          })
        return join([
          draws(inside),
          draws(outside, '3 3'),
          own.map((p) => mark(marks[k], x(p.variants), y(Math.max(low, p.value)), shades[k])),
          end !== undefined &&
            text(x(end[0]) + 6, labelY, `${people.toLocaleString('en-GB')}`, {
              size: sizes.tick,
              halo: true,
            }),
        ])
      })
      return join([
        text(left - 44, top - 30, `${part.part}${i === 0 ? ', lines by people' : ''}`, {
          size: sizes.label,
          weight: 600,
        }),
        axisLeft(y, left, {
          title: 'Seconds of one core',
          titleX: left - 44,
          ticks: [0.01, 0.1, 1, 10, 100].filter((t) => t <= high),
          format: (t) => String(t),
          grid: [left, left + panel.width],
        }),
        axisBottom(x, top + panel.height, {
          title: 'Variants',
          ticks: variants,
          format: (t) => `10${sup(String(Math.round(Math.log10(t))))}`,
        }),
        line(left, top + panel.height, left, top, 'grid'),
        ...curves,
      ])
    })
    return { width, height: 52 + Math.ceil(shown.length / columns) * (panel.height + 92) - 30, body: join(body) }
  }
  return standaloneSvg(
    {
      name: 'cost-model',
      title: 'What each part of the work costs, by variants and people',
      caption: '',
      description: shown.map((part) => `${part.part}: ${fitOf(record, part).text} seconds`).join('. '),
      draw,
      table: null,
    },
    860,
  )
}

export async function writePage(record) {
  const fits = (parts) =>
    parts.flatMap((part) => {
      const fit = fitOf(record, part)
      return fit === undefined ? [] : [{ part: part.part, fit }]
    })
  const lawRows = (list) =>
    list.map(
      ({ part, fit }) => `| ${part} | ${fit.text} | ${fit.points} | ${factor(fit.middle)} | ${factor(fit.worst)} |`,
    )
  const machines = [...new Set(record.measurements.map((m) => m.machine))]
  const rows = prediction(record)
  const wall = rows.reduce((sum, row) => sum + row.wall, 0)
  const mostPeople = Math.max(...record.measurements.map((m) => m.people))
  const needs = memory(record).map(({ stage, fit }) => ({
    stage,
    fit,
    biobank: fit.predict(sizeOf(stage)),
  }))
  const sent = resultParts.flatMap((part) => {
    const fit = fitOf(record, part)
    return fit === undefined ? [] : [{ part: part.part, megabytes: fit.predict(sizeOf(part.part)) }]
  })
  const table = record.measurements.map((m) =>
    m.leftOut === undefined
      ? `| ${m.stage} | ${m.people.toLocaleString('en-GB')} | ${m.variants === 0 ? '' : tens(m.variants)} | ${short(m.total)} | ${short(m.tasks)} | ${bytes(m.megabytes)} | ${m.commit} |`
      : `| ${m.stage} | ${m.people.toLocaleString('en-GB')} | ${tens(m.variants)} | left out: ${m.leftOut} | | | |`,
  )
  const text = `# What a study costs

Written by \`node benchmarks/cost-model.js\` from \`cost-model.json\`; the numbers below are measured on made-up cohorts (\`benchmarks/cohort.js\`: LD, rare and common variants, missing calls), each stage
alone in a process with one thread. Seconds are CPU seconds of one core, so that a busy machine does not count. ${machines.join('; ')}.

![What each part of the work costs](images/cost-model.svg)

Lines are the model, dashed beyond what was measured; marks are measurements.

## The model

Seconds of the parts that run in chunks, on as many cores as there are. Fitted by least squares of the relative error; the last columns say by what factor model and measurement differ, in the middle and at worst.

| part | seconds of one core | sizes | middle | worst |
|---|---|---|---|---|
${lawRows(fits(taskParts)).join('\n')}

Seconds that the coordinator needs itself, however many cores there are:

| part | seconds | sizes | middle | worst |
|---|---|---|---|---|
${lawRows(fits(ownParts)).join('\n')}

Kinship and components see at most 100,000 independent variants, whatever a study holds. Association is with 1,000 label sets, four covariates and Firth on every row; 22 cases of 125 people, and as many of the larger cohorts.

Peak memory in MB of a process that does the whole stage in one thread:

| stage | MB | sizes | middle | worst |
|---|---|---|---|---|
${needs.map(({ stage, fit }) => `| ${stage} | ${fit.text} | ${fit.points} | ${factor(fit.middle)} | ${factor(fit.worst)} |`).join('\n')}

## A biobank, extrapolated

**Nothing in this section was measured.** It is the model at ${biobank.people.toLocaleString('en-GB')} people, ${biobank.people / mostPeople} times more than the largest cohort measured, and ${tens(biobank.variants)} variants in BED, on ${biobank.nodes} nodes
with ${biobank.cores} cores each, all as fast as the core that was measured and never waiting for a disk or a network. Calibration, which scans as the association does, and loading results into the coordinator are not in it.

| part | core hours | time on ${biobank.nodes} nodes | where |
|---|---|---|---|
${rows.map((row) => `| ${row.part} | ${short(row.core / 3600)} | ${long(row.wall)} | ${row.where} |`).join('\n')}
| all | ${short(rows.reduce((sum, row) => sum + row.core, 0) / 3600)} | ${long(wall)} | |

${
  rows.some((row) => row.where === 'coordinator')
    ? `${Math.floor((100 * rows.filter((row) => row.where === 'coordinator').reduce((sum, row) => sum + row.wall, 0)) / wall)}% of that time is the coordinator's own, which more nodes do not shorten. `
    : ''
}A process that does all of a stage in one thread would need ${needs.map(({ stage, biobank: megabytes }) => `${bytes(megabytes)} for ${stage}`).join(', ')}.
Results would come back as ${sent.map(({ part, megabytes }) => `${bytes(megabytes)} of files from ${part}`).join(', ')}.

## Measured

| stage | people | variants | seconds | of them in chunks | peak memory | commit |
|---|---|---|---|---|---|---|
${table.join('\n')}
`
  writeFileSync(`${docs}cost-model.md`, text)
  writeFileSync(`${docs}images/cost-model.svg`, `${await figure(record)}\n`)
}
