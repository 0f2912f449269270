// The calibration certificate at the size of a night: null label sets by the ten thousand on a simulated cohort, every test, every
// level, by minor-allele count. npm run bench calibration [REPLICATES] [PEOPLE] [VARIANTS] writes docs/statistics/calibration-night.md.
// One worker; says how long it took. Needs a build.
import { execFileSync } from 'node:child_process'
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../', import.meta.url))
const [replicates = '10000', people = '265', variants = '20000'] = process.argv.slice(2)
const folder = mkdtempSync(join(tmpdir(), 'upturn-night-'))
const upturn = (...words) =>
  execFileSync(process.execPath, [`${root}bin/upturn.js`, ...words, '--quiet'], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
try {
  upturn('simulate', '--out', folder, '--people', people, '--variants', variants, '--seed', '4')
  const study = join(folder, 'study.yaml')
  // As many label sets for the threshold as for the errors, so that its noise is no larger than theirs.
  writeFileSync(study, readFileSync(study, 'utf8').replace(/^permutations: .*$/m, `permutations: ${replicates}`))
  appendFileSync(study, `calibration: { replicates: ${replicates}, firth_replicates: ${replicates} }\n`)
  upturn('run', study, '--stage', 'ancestry', '--workers', '1')
  const began = process.hrtime.bigint()
  upturn('calibrate', study, '--workers', '1')
  const seconds = Math.round(Number(process.hrtime.bigint() - began) / 1e9)
  const found = JSON.parse(readFileSync(join(folder, 'results/calibration.json'), 'utf8'))
  writeFileSync(`${root}docs/statistics/calibration-night.md`, page(found, seconds))
} finally {
  rmSync(folder, { recursive: true, force: true })
}

function digits(x) {
  return x === 0 ? '0' : x >= 0.001 ? `${Number((100 * x).toPrecision(2))}%` : x.toExponential(1)
}

function page(c, seconds) {
  const levels = [0.05, 0.001, 0.0001]
  const bins = [...new Set(c.tests.flatMap((t) => t.rates.map((r) => r.bin)))]
  const tables = levels.map((alpha) => {
    const rows = c.tests.map((t) => {
      const cells = bins.map((bin) => {
        const r = t.rates.find((rate) => rate.bin === bin && rate.alpha === alpha)
        return r === undefined
          ? '–'
          : `${digits(r.rate)} (${digits(r.low)} to ${digits(r.high)})${r.low > alpha ? ' **!**' : ''}`
      })
      return `| ${t.test.replaceAll('_', ' ').replace(/ p$/, '')} | ${cells.join(' | ')} |`
    })
    return `## At ${alpha}\n\n| test | ${bins.map((bin) => (bin === 'all' ? 'all' : `minor allele count ${bin}`)).join(' | ')} |\n|${'---|'.repeat(bins.length + 1)}\n${rows.join('\n')}\n`
  })
  const f = c.familywise
  return `# The certificate at the size of a night

Written by \`npm run bench calibration ${process.argv.slice(2).join(' ')}\`: ${c.replicates} null label sets on a simulated cohort of ${people} people and ${variants} variants (seed 4), of whom ${c.design.people} take part, ${c.design.cases} as cases; covariates ${c.design.covariates.join(', ')}; label sets ${c.design.masks}.
The certificate took ${seconds} s with one worker, beside other work, on a machine with ${cpus().length} cores (${cpus()[0].model.trim()}). Research use only: nothing here replaces a doctor's advice.

Rejections of true null hypotheses, with 95% limits that resample label sets; **!** marks where the lower limit lies above the level. Tests of the bare table (trend exact, trend midp, fisher, allelic, dominant, recessive, trend asymptotic) do not know the covariates, which the label sets follow: what they
lose to that is part of what is shown. What is 0 was never seen.

${tables.join('\n')}
## Family-wise error

${f.errors} of ${f.replicates} null studies had a family-wise p at or below ${f.alpha}: ${digits(f.rate)} (${digits(f.low)} to ${digits(f.high)}; the limits hold the noise of the threshold's own label sets too).

${c.recommendation.sentence}

${c.notes.map((note) => `- ${note}`).join('\n')}
`
}
