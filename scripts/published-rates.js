// npm run published-rates: writes docs/published-rates.md, how often each definition says yes in a simulated cohort that is like PRO-ACT in its rates of decline, beside
// what was published of PRO-ACT. Needs a build. The same bytes on every machine.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = new URL('../', import.meta.url)
const load = (path) => import(new URL(`dist/${path}`, root).href)
const { openWorkshop } = await load('study/workshop.js')
const { createProgress } = await load('study/progress.js')
const { definitionTexts } = await load('study/clinical-files.js')
const { simulateCohort } = await load('simulation/index.js')
const { callDefinitions, measureEveryone, parseDefinitions, readClinical } = await load('clinical/index.js')
const { clopperPearsonInterval } = await load('statistics/index.js')

const people = 5000
const cases = 25
const seed = 20240815

/** Bedlack and others 2016, as the abstract gives them: people of PRO-ACT, and what the program computes beside each. */
const published = [
  { id: 'plateau-6', rate: 0.25, of: 3132, words: 'did not decline over 6 months' },
  { id: 'plateau-12', rate: 0.16, of: 2105, words: 'did not decline over 12 months' },
  { id: 'plateau-18', rate: 0.07, of: 1218, words: 'did not decline over 18 months' },
  { id: 'positive-slope-180', rate: 0.14, of: 1343, words: 'a 180-day interval with a slope above zero' },
  { id: 'large-sustained', below: 0.01, words: '4 or more points for at least 12 months, ever' },
]

const percent = (x, digits = 1) => `${(100 * x).toFixed(digits)}%`
const folder = mkdtempSync(join(tmpdir(), 'upturn-rates-'))
const workshop = openWorkshop({
  workers: 1,
  signal: new AbortController().signal,
  progress: createProgress('quiet', process.stderr),
})
try {
  await simulateCohort(
    {
      seed,
      people,
      cases,
      prevalence: cases / people,
      mixture: 'population',
      clinicalOnly: true,
      relatives: 0,
      duplicates: 0,
      swaps: 0,
    },
    folder,
    workshop,
  )
  const records = await readClinical(
    { path: join(folder, 'clinical'), cohort: 'simulated' },
    workshop.host,
    workshop.signal,
  )
  const truth = JSON.parse(readFileSync(join(folder, 'truth.json'), 'utf8'))
  const classOf = new Map(truth.people.map((one) => [one.patient, one.class]))
  const definitions = parseDefinitions(await definitionTexts())
  /** Counts by definition, of visits up to a day; `changed` alters rules. */
  const countsOf = (lastDay, changed = (definition) => definition) => {
    const visits = records.visits.filter(({ day }) => day <= lastDay)
    const counts = new Map()
    for (const { patient, definition, verdict } of callDefinitions(
      records.patients,
      visits,
      definitions.map(changed),
    )) {
      const own = counts.get(definition) ?? { yes: 0, no: 0, unconfirmed: 0, ineligible: 0, true: 0 }
      own[verdict]++
      if (verdict === 'yes' && classOf.get(patient) === 'reversal') own.true++
      counts.set(definition, own)
    }
    return counts
  }
  const whole = countsOf(Number.POSITIVE_INFINITY)
  const year = 365.25
  const short = countsOf(1.5 * year)
  const near = countsOf(Number.POSITIVE_INFINITY, (definition) =>
    definition.id === 'positive-slope-180'
      ? { ...definition, rule: { ...definition.rule, longest_days: 210 } }
      : definition,
  )
  const declined = countsOf(Number.POSITIVE_INFINITY, (definition) =>
    definition.rule.kind === 'plateau'
      ? { ...definition, rule: { ...definition.rule, without_end: 'decline' } }
      : definition,
  )
  const share = ({ yes, no }) => {
    if (yes + no === 0) return '–'
    const { low, high } = clopperPearsonInterval(yes, yes + no)
    return `${percent(yes / (yes + no))} (${percent(low)} to ${percent(high)}) of ${yes + no}`
  }
  const reaches = ({ rate, below, of }, { yes, no }) => {
    const here = clopperPearsonInterval(yes, yes + no)
    if (below !== undefined)
      return here.high < below ? 'reached: below' : here.low > below ? 'not reached: higher here' : 'cannot be told'
    const there = clopperPearsonInterval(Math.round(rate * of), of)
    if (here.low <= there.high && there.low <= here.high) return 'reached'
    return here.estimate < rate ? 'not reached: lower here' : 'not reached: higher here'
  }
  const row = (one, counts) =>
    `| ${one.words} | ${one.below === undefined ? `${percent(one.rate, 0)} of ${one.of.toLocaleString('en')}` : `less than ${percent(one.below, 0)}`} | [${one.id}](definitions/${one.id}.md) | ${share(whole.get(one.id))} | ${share(short.get(one.id))} | ${reaches(one, counts.get(one.id))} |`
  const large = whole.get('large-sustained')
  const six = whole.get('large-sustained-6-months')
  const measures = measureEveryone(records.patients, records.visits, []).people
  const flags = (wanted) => {
    const own = measures.filter(({ patient }) => (classOf.get(patient) === 'reversal') === wanted)
    const n = (flag) => own.filter(({ d50_flag }) => d50_flag === flag).length
    return `${own.length} | ${n('rises')} (${percent(n('rises') / own.length)}) | ${n('misfit')} (${percent(n('misfit') / own.length)}) | ${n('fits')} (${percent(n('fits') / own.length)})`
  }
  const visits = records.visits.length / records.patients.length
  const page = `# Published rates and what a simulated cohort gives

Written by \`npm run published-rates\`: ${people.toLocaleString('en')} simulated people (seed ${seed}), ${cases} of them true reversals (${percent(cases / people)}), everybody else declining at a rate from PRO-ACT's published distribution
(1.0 points a month, standard deviation 0.75; [the model](simulation.md)), visits about every three months with noise of 1.7 points, ${visits.toFixed(1)} visits a person, until death, drop-out or 30 to 60 months. Nobody in it plateaus.

**Standing of the published rates.** Bedlack and others 2016 (Neurology 86:808), PRO-ACT, from the abstract, which was read. Its methods were not: windows, tolerances, how a slope was measured, how deaths and
drop-out count and whether the ALSFRS and the ALSFRS-R were mixed are not known here. So this is a check of scale, not a comparison. Rates are of people of whom the definition can tell, with exact 95% limits.

| published event | published | definition here | this cohort | its first 18 months alone | published rate |
|---|---|---|---|---|---|
${published.map((one) => row(one, whole)).join('\n')}

"Reached" means that the exact 95% intervals of the two rates meet.

## Why they differ

- **Plateaus.** A plateau here is two visits of which the later is not lower, so visit noise decides among slow progressors, and fewer the longer the time. The simulated population declines steadily and holds no true plateau: what the
  published rates have beyond it may be true plateaus, slower courses, trial selection, or another way to count. With people without a visit at the end counted as declined (\`without_end: decline\`) the rates are
  ${['plateau-6', 'plateau-12', 'plateau-18'].map((id) => percent(declined.get(id).yes / (declined.get(id).yes + declined.get(id).no))).join(', ')}.
- **Slope above zero over 180 days.** Every window of at least 180 days is tried, so the longer people are followed, the more easily noise finds one that rises. With windows of 180 to 210 days alone
  (\`longest_days: 210\`) the rate is ${share(near.get('positive-slope-180'))}.
- **Large and sustained.** ${large.yes} people are called, of whom ${large.true} are true reversals: of the ${people - cases} who only declined, ${large.yes - large.true} are called by noise (${percent((large.yes - large.true) / (people - cases), 2)}); ${large.unconfirmed} more gained
  and were not seen long enough. Held for 6 months: ${six.yes} people, ${six.true} of them true. The share of true reversals was put in by hand.

## The D50 flag

How often a curve that can only fall is flagged ([how](measures.md#d50)), in the same cohort:

| | people | rises | misfit | fits |
|---|---|---|---|---|
| true reversals | ${flags(true)} |
| everybody else | ${flags(false)} |

Research use only. Nothing here replaces the advice of a doctor.
`
  writeFileSync(fileURLToPath(new URL('docs/published-rates.md', root)), page)
} finally {
  await workshop.close()
  rmSync(folder, { recursive: true, force: true })
}
