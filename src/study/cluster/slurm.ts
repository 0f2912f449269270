import { join } from 'node:path'
import { UpturnError } from '../../errors/index.ts'
import { type CommandEnd, runCommand, saidBy } from './command.ts'
import { type RunFolder, shortDigest } from './run-folder.ts'
import type { Fate, Look, Scheduler } from './scheduler.ts'

/** Options of sbatch that are Upturn's own business. */
const own = ['--array', '-a', '--job-name', '-J', '--parsable', '--wrap', '--output', '-o', '--open-mode']

/** States of a job that will not run any more. */
const over: Record<string, 'innocent' | 'guilty'> = {
  BOOT_FAIL: 'innocent',
  CANCELLED: 'innocent',
  COMPLETED: 'innocent',
  DEADLINE: 'innocent',
  NODE_FAIL: 'innocent',
  PREEMPTED: 'innocent',
  REVOKED: 'innocent',
  TIMEOUT: 'innocent',
  FAILED: 'guilty',
  OUT_OF_MEMORY: 'guilty',
}

/** States in which a job's processes may be alive. */
const atWork = new Set(['RUNNING', 'COMPLETING', 'SUSPENDED', 'STOPPED', 'SIGNALING', 'STAGE_OUT', 'RESIZING'])

/** What a busy controller says: worth another try. */
const passing = /socket timed out|unable to contact|temporarily|try again|connection refused|zero bytes/i

const pause = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds))

/** Splits options as a shell does: by spaces outside quotes. */
export function splitOptions(text: string): string[] {
  const words: string[] = []
  let word: string | undefined
  let quote = ''
  for (const character of text) {
    if (quote !== '') {
      if (character === quote) quote = ''
      else word += character
    } else if (character === '"' || character === "'") {
      quote = character
      word ??= ''
    } else if (/\s/.test(character)) {
      if (word !== undefined) words.push(word)
      word = undefined
    } else word = (word ?? '') + character
  }
  if (quote !== '') throw new UpturnError('BadArgument', `a quote is not closed in the options of Slurm: ${text}`)
  if (word !== undefined) words.push(word)
  for (const given of words)
    if (own.some((name) => given === name || (name.startsWith('--') && given.startsWith(`${name}=`))))
      throw new UpturnError(
        'BadArgument',
        `${given.split('=')[0]} is set by Upturn itself; leave it out of the options of Slurm`,
      )
  return words
}

/** `12_3`; of an array that is not yet spread out, `12_[4-7]` never comes: squeue is asked for every element. */
interface Row {
  job: string
  element: string
  state: string
  reason: string
}

/** Lines of `squeue -h -r -o %F|%K|%T|%r`. */
export function parseQueue(text: string): Row[] {
  return text.split('\n').flatMap((line) => {
    const [job, index, state, reason = ''] = line.trim().split('|')
    if (!/^\d+$/.test(job) || state === undefined) return []
    return [{ job, element: /^\d+$/.test(index) ? `${job}_${index}` : job, state: state.split(' ')[0], reason }]
  })
}

/** The last state in lines of `sacct -P -n -X -D -o JobID,State`: `NODE_FAIL`, `CANCELLED by 0`, `REQUEUED`. */
export function parseAccount(text: string, element: string): Fate | undefined {
  const states = text.split('\n').flatMap((line) => {
    const [id, state] = line.trim().split('|')
    return id === element && state !== undefined ? [state.split(' ')[0]] : []
  })
  // A job that was requeued lives on under the same name: what became of its earlier run is no failure of its own.
  const state = states.findLast((name) => name in over || name === 'REQUEUED')
  return state === undefined ? undefined : { state, innocent: over[state] !== 'guilty' }
}

/**
 * Slurm by its own commands: `sbatch --parsable`, `squeue`, `sacct` where there is accounting, `scancel`. Jobs carry a
 * name made from the run folder, by which they are found again. Formats are asked for field by field: `--json` changes
 * with the release.
 */
export class Slurm implements Scheduler {
  readonly name = 'slurm'
  readonly #run: RunFolder
  readonly #options: readonly string[]
  readonly #jobName: string
  readonly #retryAfter: number
  /** What squeue last said of elements that are over; it forgets them after some minutes. */
  readonly #fates = new Map<string, Fate>()
  #accounting = true

  constructor(run: RunFolder, options: readonly string[], retryAfter = 5000) {
    this.#run = run
    this.#options = options
    this.#jobName = `upturn-${shortDigest(run.folder)}`
    this.#retryAfter = retryAfter
  }

  #failed(what: string, end: CommandEnd): UpturnError {
    const hint =
      end.trouble?.endsWith('not found') === true ? ' (run where Slurm is installed, such as a login node)' : ''
    return new UpturnError('SchedulerFailed', `Slurm did not ${what}: ${saidBy(end)}${hint}`)
  }

  async submit(count: number): Promise<string> {
    const args = [
      '--parsable',
      `--array=0-${count - 1}`,
      `--job-name=${this.#jobName}`,
      `--output=${join(this.#run.logs.replaceAll('%', '%%'), '%A_%a.log')}`,
      '--open-mode=append',
      ...this.#options,
      this.#run.script,
    ]
    const before = new Set(await this.find())
    for (let attempt = 1; ; attempt++) {
      const end = await runCommand('sbatch', args)
      // `--parsable` prints `id` or `id;cluster`; site plugins may print lines of their own before it.
      const id = /^(\d+)(?:;\S*)?$/m.exec(end.stdout)?.[1]
      if (end.code === 0 && id !== undefined) return id
      const busy = end.trouble?.startsWith('no answer') === true || passing.test(saidBy(end))
      if (!busy || attempt === 4) throw this.#failed('take the job', end)
      await pause(this.#retryAfter)
      // A controller that answers too late may have taken it all the same.
      const taken = (await this.find()).find((job) => !before.has(job))
      if (taken !== undefined) return taken
    }
  }

  async #queue(): Promise<Row[]> {
    const end = await runCommand('squeue', ['-h', '-r', '-t', 'all', '-n', this.#jobName, '-o', '%F|%K|%T|%r'])
    if (end.code !== 0) throw this.#failed('say how its jobs are', end)
    return parseQueue(end.stdout)
  }

  async look(jobs: readonly string[]): Promise<Look> {
    const rows = (await this.#queue()).filter((row) => jobs.includes(row.job))
    for (const { element, state } of rows)
      if (state in over) this.#fates.set(element, { state, innocent: over[state] === 'innocent' })
    const living = rows.filter((row) => !(row.state in over))
    const running = living.filter((row) => atWork.has(row.state))
    const waiting = living.filter((row) => !atWork.has(row.state))
    // An element that lives again was requeued, whatever was said of it before.
    for (const { element, state } of waiting) this.#fates.set(element, { state: `REQUEUED ${state}`, innocent: true })
    return {
      jobs: new Set(living.map((row) => row.job)),
      running: running.length,
      pending: waiting.length,
      reason: waiting.map((row) => row.reason).find((reason) => reason !== '' && reason !== 'None') ?? null,
      runningElements: new Set(running.map((row) => row.element)),
    }
  }

  async fate(element: string): Promise<Fate | undefined> {
    const known = this.#fates.get(element)
    if (known !== undefined || !this.#accounting || !/^\d+(_\d+)?$/.test(element)) return known
    const end = await runCommand('sacct', ['-P', '-n', '-X', '-D', '-j', element, '-o', 'JobID,State'])
    if (end.code !== 0) {
      this.#accounting = false
      return undefined
    }
    return parseAccount(end.stdout, element)
  }

  async cancel(jobs: readonly string[]): Promise<void> {
    const end = await runCommand('scancel', jobs)
    if (end.code !== 0 && !/invalid job id/i.test(end.stderr)) throw this.#failed('cancel its jobs', end)
  }

  async find(): Promise<string[]> {
    return [...new Set((await this.#queue()).filter((row) => !(row.state in over)).map((row) => row.job))]
  }
}
