// npm run bench calls [PEOPLE [WORKERS,...]]: calls of a simulated cohort the size of PRO-ACT's (12,000 people, some 8 visits each with items):
// every definition, the posterior by totals and by items, groups and the summary; from visits in memory to rows, with one worker and with two.
import { readdirSync, readFileSync } from 'node:fs'
import { machine } from './measure.js'

const people = Number(process.argv[2] ?? 12_000)
const { installNodeKernels } = await import('../dist/host/node/kernels.js')
installNodeKernels()
const { openWorkshop } = await import('../dist/study/workshop.js')
const { createProgress } = await import('../dist/study/progress.js')
const { makeCalls, parseDefinitions } = await import('../dist/clinical/index.js')
const { simulatePerson } = await import('../dist/clinical/calls/posterior/simulate.js')
const { publishedModel } = await import('../dist/clinical/calls/posterior/model.js')

const names = ['q1', 'q2', 'q3', 'q4', 'q5a', 'q6', 'q7', 'q8', 'q9', 'r1', 'r2', 'r3']
const courses = [
  ...Array(66).fill('decline'),
  ...Array(16).fill('plateau'),
  ...Array(10).fill('ratingShift'),
  'transientGain',
  'transientGain',
  'transientGain',
  'transientGain',
  'smallGain',
  'smallGain',
  'outlyingSpell',
  'reversal',
]
const patients = []
const visits = []
for (let i = 0; i < people; i++) {
  const patient = `P${String(i).padStart(6, '0')}`
  const { trajectory, items } = simulatePerson(9, i, courses[i % courses.length], publishedModel, { items: true })
  patients.push({
    patient,
    cohort: 'c',
    sample: null,
    sex: 'male',
    age_at_onset: 60,
    onset_site: 'limb',
    onset_day: -400,
    diagnosis_day: -100,
    first_visit_day: 0,
    last_visit_day: trajectory.days.at(-1),
    death_day: null,
    el_escorial: null,
    riluzole: null,
    dna_source: null,
    mimic: null,
    known_mutation: null,
  })
  trajectory.days.forEach((day, k) => {
    const visit = { patient, day, scale: 'ALSFRS-R', total: trajectory.scores[k], q5b: null, q10: null }
    for (const [j, name] of names.entries()) visit[name] = items[k][j]
    visits.push(visit)
  })
}
const folder = new URL('../definitions/', import.meta.url)
const definitions = parseDefinitions(
  readdirSync(folder)
    .filter((file) => file.endsWith('.yaml'))
    .sort()
    .map((file) => ({ file, text: readFileSync(new URL(file, folder), 'utf8') })),
)
console.log(`${people} people, ${visits.length} visits; ${machine()}`)
let first
for (const workers of (process.argv[3] ?? '2,1').split(',').map(Number)) {
  const { signal } = new AbortController()
  const workshop = openWorkshop({ workers, signal, progress: createProgress('quiet', process.stderr) })
  const began = performance.now()
  const used = process.cpuUsage()
  const { groups } = await makeCalls(
    patients,
    visits,
    { definitions, caseDefinition: 'large-sustained', cases: 'reversal', controls: 'others', strictness: 'mimics' },
    workshop,
  )
  const { user, system } = process.cpuUsage(used)
  await workshop.close()
  const rows = JSON.stringify(groups)
  if (first !== undefined && rows !== first) throw new Error('the result depends on the number of workers')
  first = rows
  const peak = Number(/VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? 0) / 1024
  console.log(
    `${workers} worker${workers === 1 ? '' : 's'}: ${((performance.now() - began) / 1000).toFixed(1)} s, ${((user + system) / 1e6).toFixed(1)} s of processor time, peak memory so far ${peak.toFixed(0)} MB`,
  )
}
if ((process.argv[3] ?? ',').includes(',')) console.log('the same rows with either')
