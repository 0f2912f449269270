// Many simulated cohorts, with and without an effect: does the study find what was planted, do its limits hold it, and how
// often does it cry wolf?
//   node benchmarks/seeds.js run FIRST LAST FILE        cohorts of these seeds, effect and null; one JSON line each
//   node benchmarks/seeds.js calls FIRST LAST FILE      the calls of those with an effect alone, which takes a tenth of the time
//   node benchmarks/seeds.js table FILE... > docs/seeds.md
// The genome is thin (3,000 variants, a twentieth of the recombination) so that hundreds of cohorts take minutes; people, visits,
// definitions, covariates and tests are those of the demo.
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const cohort = {
  people: 265,
  cases: 22,
  variants: 3000,
  morgansPerMegabase: 0.0005,
  formats: ['bed'],
  // People who are called but never reversed, and samples that are not their owner's, dilute the effect: what they do to the
  // limits is not what is asked here.
  pseudoReversals: 0,
  duplicates: 0,
  swaps: 0,
}

/** Odds ratio, limits and p at the planted variant itself, whatever the lead is. */
async function plantedRow(file, key) {
  const { parquetReadObjects } = await import('./parquet.js')
  const [chromosome, position, ref, alt] = key.split(':')
  const rows = await parquetReadObjects(
    file,
    `chromosome = '${chromosome}' AND position = ${position} AND ref = '${ref}' AND alt = '${alt}'`,
  )
  if (rows[0] === undefined) return undefined
  const { or, or_low: low, or_high: high, limits, trend_exact_p: p, status } = rows[0]
  return { or, low, high, limits, p, status }
}

/** Simulates cohorts, runs their study up to a stage and appends what `rowOf` makes of each; a study that refuses is a row too. */
async function eachCohort({ first, last, nulls, stage, file }, rowOf) {
  const { simulateCohort } = await import('../dist/simulation/index.js')
  const { openWorkshop } = await import('../dist/study/workshop.js')
  const { createProgress } = await import('../dist/study/progress.js')
  const { loadStudy } = await import('../dist/study/load.js')
  const { runStudy } = await import('../dist/study/run.js')
  const { checkAgainstTruth } = await import('../dist/study/truth-check.js')
  const progress = createProgress('quiet', process.stderr)
  const { signal } = new AbortController()
  const append = (row) => appendFileSync(file, `${JSON.stringify(row)}\n`)
  for (let seed = first; seed <= last; seed++)
    for (const isNull of nulls) {
      const folder = mkdtempSync(join(tmpdir(), 'upturn-seed-'))
      const workshop = openWorkshop({ workers: 1, signal, progress })
      try {
        await simulateCohort({ ...cohort, seed, null: isNull }, folder, workshop)
        const out = join(folder, 'results')
        // The certificate is not what is asked here, so it is kept small.
        appendFileSync(join(folder, 'study.yaml'), 'calibration: { replicates: 20 }\n')
        const study = await loadStudy(join(folder, 'study.yaml'))
        const manifest = await runStudy(study, { out, workers: 1, stage, progress, signal })
        const check = await checkAgainstTruth(join(folder, 'truth.json'), out, manifest)
        append({ seed, ...(await rowOf({ isNull, out, manifest, check })) })
      } catch (error) {
        append({ seed, null: isNull, failed: `${error.code ?? ''} ${error.message}` })
      } finally {
        await workshop.close()
        rmSync(folder, { recursive: true, force: true })
      }
    }
}

async function runSeeds(first, last, file) {
  const { currentDocument } = await import('../dist/study/summary.js')
  const cohorts = { first, last, nulls: [false, true], stage: 'loci', file }
  await eachCohort(cohorts, async ({ isNull, out, manifest, check }) => {
    const { primary, families, cases, controls } = await currentDocument(out, manifest, 'association.json')
    const { folder } = manifest.stages.find((record) => record.stage === 'association')
    const planted = isNull
      ? null
      : await plantedRow(join(out, '.stages', folder, 'associations.parquet'), check.planted.key)
    return {
      null: isNull,
      ...{ found: check.found, rank: check.locusRank, significant: check.significant },
      ...{ familyP: primary.p, uniformP: families.at(-1)?.familyP, cases, controls, planted: planted ?? null },
    }
  })
}

/** The calls alone. */
async function callSeeds(first, last, file) {
  const cohorts = { first, last, nulls: [false], stage: 'calls', file }
  await eachCohort(cohorts, ({ check }) => ({ calls: check.reversals }))
}

const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1]

/** The range that holds a binomial count with 95%, for n draws at rate p. */
function binomialRange(n, p) {
  const logFactorial = [0]
  for (let k = 1; k <= n; k++) logFactorial.push(logFactorial[k - 1] + Math.log(k))
  const pmf = (k) =>
    Math.exp(logFactorial[n] - logFactorial[k] - logFactorial[n - k] + k * Math.log(p) + (n - k) * Math.log(1 - p))
  let low = 0
  for (let sum = 0; low <= n; low++) {
    sum += pmf(low)
    if (sum > 0.025) break
  }
  let high = n
  for (let sum = 0; high >= 0; high--) {
    sum += pmf(high)
    if (sum > 0.025) break
  }
  return [low, high]
}

async function table(files) {
  const rows = files.flatMap((file) =>
    readFileSync(file, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line)),
  )
  const called = rows.filter((row) => row.calls !== undefined).map((row) => row.calls)
  const failed = rows.filter((row) => row.failed !== undefined)
  const effect = rows.filter((row) => row.null === false && row.failed === undefined)
  const none = rows.filter((row) => row.null && row.failed === undefined)
  const count = (list, test) => list.filter(test).length
  const tested = effect.filter((row) => row.planted?.low !== undefined && row.planted.low !== null)
  const sum = (list, pick) => list.reduce((total, row) => total + pick(row), 0)
  const line = (what, hits, n, wanted) => {
    const range = wanted === null ? null : binomialRange(n, wanted)
    const limits = range === null ? '–' : `${range[0]} to ${range[1]}`
    const verdict =
      range === null ? '–' : hits >= range[0] && hits <= range[1] ? 'inside' : hits > range[1] ? 'above' : 'below'
    return `| ${what} | ${hits} of ${n} | ${((100 * hits) / n).toFixed(1)}% | ${wanted === null ? '–' : `${100 * wanted}%`} | ${limits} | ${verdict} |`
  }
  const { machine } = await import('./measure.js')
  console.log(`# What the study finds in simulated cohorts

Written by \`node benchmarks/seeds.js table\` from ${effect.length + none.length} runs (${effect.length} cohorts with a marginal odds ratio of 12 for each copy, ${none.length} without any effect; calls of ${called.length} with it),
each a cohort of its own seed: 22 reversals and 243 typical progressors besides plateaus, mimics, slow and rapid
progressors; 3,000 variants; covariates sex, age at onset, PC1, PC2; 1,000 label sets, more where the interval covered 5%. The range is the one that holds a binomial count
with 95% if the wanted rate is true.

| | count | rate | wanted | range | |
|---|---|---|---|---|---|
${line(
  'null cohorts called significant (family-wise error, conditional label sets)',
  count(none, (row) => row.significant),
  none.length,
  0.05,
)}
${line(
  'null cohorts with uniform family-wise p at or below 0.05',
  count(none, (row) => row.uniformP <= 0.05),
  none.length,
  0.05,
)}
${line(
  '95% limits of the odds ratio at the planted variant hold 12',
  count(tested, (row) => row.planted.low <= 12 && 12 <= row.planted.high),
  tested.length,
  0.95,
)}
${line(
  'planted locus is the best one',
  count(effect, (row) => row.rank === 1),
  effect.length,
  null,
)}
${line(
  'planted locus is among the ten best',
  count(effect, (row) => row.rank !== null),
  effect.length,
  null,
)}
${line(
  'planted locus found and significant',
  count(effect, (row) => row.found && row.significant),
  effect.length,
  null,
)}
${line(
  'true reversals called',
  sum(called, (row) => row.called),
  sum(called, (row) => row.planted),
  null,
)}
${line(
  'true reversals called confidently (posterior at least 0.9)',
  sum(called, (row) => row.confident),
  sum(called, (row) => row.planted),
  null,
)}

Odds ratio at the planted variant, median: ${median(tested.map((row) => row.planted.or)).toFixed(1)}. Where the planted variant failed quality control (${effect.length - tested.length} cohorts) it has no row.

${failed.length === 0 ? 'No run failed.' : `${failed.length} runs refused to go on: ${[...new Set(failed.map((row) => row.failed))].join('; ')}.`}

Machine: ${machine()}.`)
}

const [command, ...rest] = process.argv.slice(2)
if (command === 'run') await runSeeds(Number(rest[0]), Number(rest[1]), rest[2])
else if (command === 'calls') await callSeeds(Number(rest[0]), Number(rest[1]), rest[2])
else if (command === 'table') await table(rest)
else {
  console.log('node benchmarks/seeds.js run FIRST LAST FILE | calls FIRST LAST FILE | table FILE...')
  process.exit(2)
}
