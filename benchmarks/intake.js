// npm run bench intake [-- --rounds N] [-- --peer]: reading a clinical export as large as PRO-ACT (12,000 people, 4.5 million laboratory rows, visits, vital
// capacity, weights, history), which is simulated with errors of every kind planted. First every count of intake is held against what was planted; then
// `upturn intake FOLDER --out DIR` is timed, with its peak memory (resident, the process and its children). With --peer R reads the laboratory
// table alone, by read.csv, in the same run.
import { mkdtempSync, rmSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { has, interleave, measure } from './measure.js'
import { writeProActSize } from './pro-act-size.js'

const option = (name, otherwise) => {
  const at = process.argv.indexOf(name)
  return at < 0 ? otherwise : Number(process.argv[at + 1])
}
const rounds = option('--rounds', 3)
const program = fileURLToPath(new URL('../bin/upturn.js', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'upturn-bench-intake-'))
try {
  const { planted, rows } = writeProActSize(join(folder, 'export'))
  const intake = () =>
    measure(process.execPath, [program, 'intake', join(folder, 'export'), '--out', join(folder, 'out'), '--json'])
  const first = await intake()
  const found = JSON.parse(first.stdout)
  const counts = Object.fromEntries(found.findings.map(({ code, count }) => [code, count]))
  for (const code of new Set([...Object.keys(planted), ...Object.keys(counts)]))
    if (planted[code] !== counts[code])
      throw new Error(`${code}: ${planted[code] ?? 0} planted, ${counts[code] ?? 0} found`)
  for (const { file, rows: read } of found.files)
    if (rows[file] !== read) throw new Error(`${file}: ${rows[file]} rows written, ${read} read`)
  console.log(
    `${found.patients} people, ${found.visits} visits, ${found.labValues} laboratory values of ${rows['PROACT_LABS.csv']} rows; all ${Object.values(counts).reduce((a, b) => a + b, 0)} findings are those planted`,
  )
  const arms = { 'upturn intake': intake }
  if (process.argv.includes('--peer') && has('Rscript'))
    arms['R read.csv, laboratory table alone'] = () =>
      measure('Rscript', [
        '-e',
        `d <- read.csv("${join(folder, 'export/PROACT_LABS.csv')}", colClasses = "character"); cat(nrow(d))`,
      ])
  for (const [name, { minimum, median, processor, megabytes }] of Object.entries(await interleave(arms, rounds)))
    console.log(
      `${name.padEnd(36)} ${minimum.toFixed(1)} s (median ${median.toFixed(1)}), processor ${processor.toFixed(1)} s, ${Math.round(megabytes)} MB`,
    )
  console.log(`${cpus()[0].model}, ${cpus().length} cores, Node ${process.version}`)
} finally {
  rmSync(folder, { recursive: true, force: true })
}
