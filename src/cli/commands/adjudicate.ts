import { Option } from 'commander'
import { UpturnError } from '../../errors/index.ts'
import type { Called } from '../../study/called.ts'
import { type CliCommand, type CommandOptions, interruption, print, progressOf, workersOf } from '../command.ts'
import { exitCode } from '../failure.ts'
import { agreementText, defineFolderOptions, folderOptions, refuseFolderOptions } from './call.ts'
import { resultsFolder } from './run.ts'

const actions = ['list', 'show', 'add', 'agreement'] as const
type Action = (typeof actions)[number]

const notice = 'Research use only. Nothing here replaces the advice of a doctor.'

const share = (p: number | null) =>
  p === null ? '–' : p > 0.999 ? '>99.9%' : p < 0.001 ? '<0.1%' : `${(100 * p).toFixed(1)}%`

interface Waiting {
  patient: string
  verdict: string
  posterior: number | null
  excluded: string | null
  raters: string[]
  outcome: string | null
}

/** Whom the study's own definition calls or leaves open, who by another definition of the same group is probable, and whoever was judged; the most probable first. */
async function everybodyToJudge(called: Called): Promise<Waiting[]> {
  const { lastWords, outcomeOf } = await import('../../clinical/index.ts')
  const { loadAdjudications } = await import('../../study/adjudications.ts')
  const { definition } = called.summary
  const words = lastWords(await loadAdjudications(called.adjudications), definition)
  const verdicts = new Map(
    called.calls.filter((call) => call.definition === definition).map((call) => [call.patient, call.verdict]),
  )
  return called.groups
    .flatMap((row): Waiting[] => {
      const verdict = verdicts.get(row.patient) ?? 'ineligible'
      const said = words.get(row.patient)
      const candidate = verdict === 'yes' || verdict === 'unconfirmed' || (row.posterior ?? 0) >= 0.5
      if (!candidate && said === undefined) return []
      return [
        {
          patient: row.patient,
          verdict,
          posterior: row.posterior,
          excluded: row.exclusion,
          raters: [...(said?.keys() ?? [])],
          outcome: said === undefined ? null : outcomeOf(said.values()),
        },
      ]
    })
    .sort((a, b) => (b.posterior ?? -1) - (a.posterior ?? -1) || (a.patient < b.patient ? -1 : 1))
}

/** Not settled, or not yet judged by this rater. */
const waits = ({ outcome, raters }: Waiting, who: string | undefined): boolean =>
  who === undefined ? outcome === null || outcome === 'deferred' || outcome === 'disagreed' : !raters.includes(who)

async function listAction(called: Called, options: CommandOptions): Promise<{ text: string; facts: object }> {
  const who = options.who as string | undefined
  const everybody = await everybodyToJudge(called)
  const shown = options.all === true ? everybody : everybody.filter((one) => waits(one, who))
  const rows = shown.map(({ patient, verdict, posterior, excluded, raters, outcome }) =>
    [
      patient.padEnd(16),
      verdict.padEnd(13),
      share(posterior).padStart(8),
      (outcome ?? 'not judged').padEnd(13),
      raters.join(', '),
      excluded === null ? '' : `(${excluded.replaceAll('_', ' ')})`,
    ].join('  '),
  )
  return {
    text: [
      `${shown.length} of ${everybody.length} people ${options.all === true ? 'to judge or judged' : who === undefined ? 'wait for a verdict' : `wait for ${who}`} (${called.summary.definition}):`,
      ['Person'.padEnd(16), 'Rule says'.padEnd(13), 'Reversal'.padStart(8), 'Raters say'.padEnd(13), 'Raters'].join(
        '  ',
      ),
      ...rows,
      `Verdicts are kept in ${called.adjudications}`,
    ].join('\n'),
    facts: { definition: called.summary.definition, file: called.adjudications, people: shown },
  }
}

function personOf(called: Called, patient: string | undefined): string {
  if (patient === undefined)
    throw new UpturnError('BadArgument', 'name a person; `upturn adjudicate list` says who waits')
  if (!called.patients.some((one) => one.patient === patient))
    throw new UpturnError('BadArgument', `there is no person ${patient} in these records`)
  return patient
}

const scored = (days: number | null) => (days === null ? 'not known' : `day ${days}`)

async function showAction(called: Called, named: string | undefined): Promise<{ text: string; facts: object }> {
  const { findingsOf } = await import('../../clinical/index.ts')
  const { loadAdjudications } = await import('../../study/adjudications.ts')
  const { measurementsOf } = await import('../../study/called.ts')
  const patient = personOf(called, named)
  const person = called.patients.find((one) => one.patient === patient)
  const measures = called.measures.find((one) => one.patient === patient)
  const group = called.groups.find((one) => one.patient === patient)
  const visits = called.visitMeasures.filter((one) => one.patient === patient)
  const calls = called.calls.filter((one) => one.patient === patient)
  const labs = measurementsOf(called.labs, patient)
  const findings = findingsOf(called.labs.filter((lab) => lab.patient === patient))
  const said = (await loadAdjudications(called.adjudications)).filter((entry) => entry.patient === patient)
  const bar = (total: number | null, scale: string) =>
    total === null ? '' : '█'.repeat(Math.round((total / (scale === 'ALSFRS' ? 40 : 48)) * 32))
  const cell = (value: number | string | null, width: number) => String(value ?? '–').padStart(width)
  const number = (value: number | null) => (value === null ? '–' : value.toFixed(2))
  const text = [
    `${patient}: ${[person?.sex, person?.onset_site === null ? null : `${person?.onset_site} onset`, person?.age_at_onset == null ? null : `age ${person.age_at_onset.toFixed(0)} at onset`].filter(Boolean).join(', ') || 'nothing else recorded'}`,
    `  onset ${scored(person?.onset_day ?? null)}${person?.onset_uncertainty_days == null ? '' : ` (within ${person.onset_uncertainty_days} days)`}, diagnosis ${scored(person?.diagnosis_day ?? null)}, death ${scored(person?.death_day ?? null)}`,
    `  recorded mimic: ${person?.mimic ?? 'none'}; known mutation: ${person?.known_mutation ?? 'none'}; El Escorial ${measures?.el_escorial ?? 'not known'}${measures?.el_escorial_by == null ? '' : ` (${measures.el_escorial_by})`}, Awaji ${measures?.awaji ?? 'not known'}, Gold Coast ${measures?.gold_coast ?? 'not known'}`,
    '',
    `  ${cell('day', 6)}  ${cell('total', 5)} ${cell('bulb', 5)} ${cell('fine', 5)} ${cell('gross', 5)} ${cell('resp', 5)}  ${'King’s'.padEnd(7)}${'MiToS'.padEnd(6)}`,
    ...visits.map(
      (v) =>
        `  ${cell(v.day, 6)}  ${cell(v.total, 5)} ${cell(v.bulbar, 5)} ${cell(v.fine_motor, 5)} ${cell(v.gross_motor, 5)} ${cell(v.respiratory, 5)}  ${(v.kings ?? '–').padEnd(7)}${String(v.mitos ?? '–').padEnd(6)}${bar(v.total, v.scale)}`,
    ),
    '',
    `  lost ${number(measures?.delta_fs_nadir ?? null)} points a month from onset to the lowest visit; slope ${number(measures?.pre_nadir_slope ?? null)} a month up to it, ${number(measures?.post_nadir_slope ?? null)} from it on`,
    `  D50: ${measures?.d50_flag ?? measures?.d50_status ?? 'not fitted'}; vital capacity ${measures?.vc_first ?? '–'} to ${measures?.vc_last ?? '–'}% of normal (${measures?.vc_values ?? 0} values)`,
    ...(labs.length === 0
      ? []
      : [
          `  measured: ${labs
            .slice(0, 24)
            .map(({ test, day, qualifier, value, unit }) => `${test} ${qualifier}${value} ${unit} (day ${day})`)
            .join('; ')}${labs.length > 24 ? `; and ${labs.length - 24} more` : ''}`,
        ]),
    ...(findings === null
      ? ['  no findings by region are recorded']
      : [
          `  signs: ${Object.entries(findings.regions)
            .map(
              ([region, { umn, lmn, emg }]) =>
                `${region} ${[umn && 'upper', lmn && 'lower', emg && 'EMG'].filter(Boolean).join(' and ') || 'none recorded'}`,
            )
            .join('; ')}`,
        ]),
    '',
    `  group ${group?.group ?? 'none'}; probability of a true reversal ${share(group?.posterior ?? null)} (${share(group?.posterior_low ?? null)} to ${share(group?.posterior_high ?? null)} over priors)`,
    ...calls.map(
      (one) =>
        `  ${one.definition === called.summary.definition ? '*' : ' '} ${one.definition}: ${one.verdict}. ${one.reason}`,
    ),
    '',
    ...(said.length === 0
      ? ['  Nobody has judged yet.']
      : said.map(
          (entry) =>
            `  ${entry.when} ${entry.who}: ${entry.verdict} (${entry.definition}). ${entry.reason} [${Object.entries(
              entry.evidence,
            )
              .map(([question, answer]) => `${question}: ${answer}`)
              .join(', ')}]`,
        )),
  ].join('\n')
  return { text, facts: { person, measures, group, visits, calls, labs, findings, adjudications: said } }
}

async function addAction(called: Called, named: string | undefined, options: CommandOptions) {
  const { evidenceQuestions } = await import('../../clinical/index.ts')
  const { addAdjudication } = await import('../../study/adjudications.ts')
  const patient = personOf(called, named)
  const need = (name: string, why: string): string => {
    const value = options[name]
    if (typeof value !== 'string' || value.trim() === '')
      throw new UpturnError('BadArgument', `--${name} is missing: ${why}`)
    return value
  }
  const verdict = need('verdict', 'confirm, reject or defer')
  const who = need('who', 'your name')
  const reason = need('reason', 'why, in a sentence')
  const answer = (question: keyof typeof evidenceQuestions) =>
    need(question, `${evidenceQuestions[question]} Answer yes, no or unclear`)
  const evidence = {
    diagnosis: answer('diagnosis'),
    progression: answer('progression'),
    recovery: answer('recovery'),
    mimics: answer('mimics'),
  }
  const call = called.calls.find((one) => one.patient === patient && one.definition === called.summary.definition)
  const entries = await addAdjudication(
    called.adjudications,
    {
      patient,
      definition: called.summary.definition,
      verdict: verdict as 'confirm',
      reason,
      who,
      evidence: evidence as Record<keyof typeof evidence, 'yes'>,
      call: {
        verdict: call?.verdict ?? 'ineligible',
        start_day: call?.start_day ?? null,
        end_day: call?.end_day ?? null,
        value: call?.value ?? null,
      },
    },
    new Date(),
  )
  const entry = entries.at(-1)
  return {
    text: `${patient}: ${verdict}, by ${who}, as line ${entries.length} of ${called.adjudications}. Run the study or the calls again for it to count.`,
    facts: { file: called.adjudications, line: entries.length, entry },
  }
}

async function agreementAction(called: Called): Promise<{ text: string; facts: object }> {
  const { lastWords, raterAgreement } = await import('../../clinical/index.ts')
  const { loadAdjudications } = await import('../../study/adjudications.ts')
  const entries = await loadAdjudications(called.adjudications)
  const pairs = raterAgreement(lastWords(entries, called.summary.definition))
  const table = ({ a, b, categories, table: counts }: (typeof pairs)[number]) => [
    `  ${`${a} \\ ${b}`.padEnd(24)}${categories.map((name) => name.padStart(9)).join('')}`,
    ...counts.map((row, i) => `  ${categories[i].padEnd(24)}${row.map((n) => String(n).padStart(9)).join('')}`),
  ]
  return {
    text:
      pairs.length === 0
        ? `No two raters have judged somebody in common (${called.adjudications}).`
        : [
            ...pairs.flatMap((pair) => [agreementText(pair), ...table(pair)]),
            'Limits are large-sample and rough for a few dozen people.',
          ].join('\n'),
    facts: { file: called.adjudications, agreement: pairs },
  }
}

export const adjudicate: CliCommand = {
  usage: 'adjudicate <action> <study> [person]',
  summary: 'people judge calls: list who waits, show a person, add a verdict, agreement of raters',
  define(command) {
    command
      .addHelpText(
        'before',
        'Actions: list, show, add, agreement. A study is a study file that was run, or a folder of records.\n',
      )
      .option('--out <folder>', 'results folder of the study (default: results/ beside the study file)')
      .option('--who <name>', 'add: your name; list: who has not yet judged')
      .addOption(new Option('--verdict <verdict>', 'add').choices(['confirm', 'reject', 'defer']))
      .option('--reason <text>', 'add: why, in a sentence')
      .option('--all', 'list: those who are settled as well')
    for (const [question, words] of [
      ['diagnosis', 'is the diagnosis of ALS certain?'],
      ['progression', 'is progression before the recovery documented?'],
      ['recovery', 'is the recovery objective and persistent?'],
      ['mimics', 'are mimics excluded?'],
    ])
      command.addOption(new Option(`--${question} <answer>`, `add: ${words}`).choices(['yes', 'no', 'unclear']))
    defineFolderOptions(command)
  },
  async run([action, path, person], options) {
    if (!(actions as readonly string[]).includes(action))
      throw new UpturnError('BadArgument', `${action} is no action; there are ${actions.join(', ')}`)
    const { calledOf, isStudyFile } = await import('../../study/called.ts')
    const { openWorkshop } = await import('../../study/workshop.ts')
    if (isStudyFile(path)) refuseFolderOptions(options)
    const progress = progressOf(options)
    const { signal, release } = interruption()
    const workshop = openWorkshop({ workers: workersOf(options), signal, progress })
    try {
      const called = await calledOf(path, { out: resultsFolder(path, options), ...folderOptions(options) }, workshop)
      const run: Record<Action, () => Promise<{ text: string; facts: object }>> = {
        list: () => listAction(called, options),
        show: () => showAction(called, person),
        add: () => addAction(called, person, options),
        agreement: () => agreementAction(called),
      }
      const { text, facts } = await run[action as Action]()
      progress.close()
      print(options.json ? { ok: true, ...facts } : `${text}\n${notice}`)
      return exitCode.done
    } finally {
      progress.close()
      release()
      await workshop.close()
    }
  },
}
