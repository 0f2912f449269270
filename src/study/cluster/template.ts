import { UpturnError } from '../../errors/index.ts'
import { runCommand, saidBy } from './command.ts'
import { type RunFolder, shortDigest } from './run-folder.ts'
import type { Look, Scheduler } from './scheduler.ts'

/** Commands of a batch system, run by `sh`. `{script}`, `{tasks}`, `{logs}`, `{name}` and `{job}` are filled in. */
export interface Template {
  submit: string
  /** Its group is the job's name in what `submit` prints. */
  job?: string
  /** Lists jobs, or with `{job}` says how one is. */
  status?: string
  /** A line of `status` that matches is an element that runs, or waits. Without them a job lives while it is listed. */
  running?: string
  pending?: string
  cancel?: string
}

/** How SGE, LSF and PBS print the name of a new job; anything else: the first number. */
const jobForms = [
  /Your job(?:-array)? (\d+)/,
  /Job <(\d+)>/,
  /^(\d+(?:\[\d*\])?\.[\w.-]+)\s*$/m,
  /^(\d+\[\d*\])\s*$/m,
  /(\d+)/,
]

const quoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`
const number = (job: string) => /\d+/.exec(job)?.[0] ?? job

/** The job's number stands in a line as a word of its own. */
const names = (line: string, job: string) => new RegExp(`(^|\\D)${number(job)}(\\D|$)`).test(line)

/** True when a pilot's job, `7.3` or `7[3].server`, is an element of a job as `submit` named it. */
export const isElementOf = (element: string, job: string): boolean => number(element) === number(job)

export class TemplateScheduler implements Scheduler {
  readonly name = 'template'
  readonly template: Template
  readonly #run: RunFolder

  constructor(run: RunFolder, template: Template) {
    this.#run = run
    this.template = template
  }

  #command(template: string, values: Record<string, string | number>): string {
    const all: Record<string, string | number> = {
      script: this.#run.script,
      logs: this.#run.logs,
      name: `upturn-${shortDigest(this.#run.folder)}`,
      ...values,
    }
    return template.replaceAll(/\{(\w+)\}/g, (whole, name: string) => {
      const value = all[name]
      return value === undefined ? whole : typeof value === 'number' ? String(value) : quoted(value)
    })
  }

  async submit(count: number): Promise<string> {
    const command = this.#command(this.template.submit, { tasks: count })
    const end = await runCommand('sh', ['-c', command])
    if (end.code !== 0)
      throw new UpturnError('SchedulerFailed', `the scheduler did not take the job: ${saidBy(end)}`, {
        details: { command },
      })
    const forms = this.template.job === undefined ? jobForms : [new RegExp(this.template.job, 'm')]
    for (const form of forms) {
      const job = form.exec(end.stdout)?.[1]
      if (job !== undefined) return job
    }
    // Without a name it can be neither asked about nor cancelled, which a command that needs none may be fine with.
    if (this.template.status === undefined && this.template.cancel === undefined) return ''
    throw new UpturnError(
      'SchedulerFailed',
      `the submit command printed no name of a job: ${end.stdout.trim().slice(0, 200) || 'nothing'}; say how to find it with job:`,
      { details: { command } },
    )
  }

  async look(jobs: readonly string[]): Promise<Look | undefined> {
    const { status, running, pending } = this.template
    if (status === undefined) return undefined
    const alive = new Set<string>()
    const counts = { running: 0, pending: 0 }
    const whole = status.includes('{job}') ? undefined : await this.#ask(status, {})
    for (const job of jobs) {
      const end = whole ?? (await this.#ask(status, { job }))
      const lines = end.stdout.split('\n').filter((line) => whole === undefined || names(line, job))
      if (running === undefined && pending === undefined) {
        // One question a job is answered by the exit status, a list by what stands in it.
        if (whole === undefined ? end.code === 0 : lines.length > 0) alive.add(job)
        continue
      }
      for (const [state, pattern] of [
        ['running', running],
        ['pending', pending],
      ] as const) {
        const matches = pattern === undefined ? 0 : lines.filter((line) => new RegExp(pattern).test(line)).length
        counts[state] += matches
        if (matches > 0) alive.add(job)
      }
    }
    return { jobs: alive, ...counts, reason: null, runningElements: null }
  }

  async #ask(status: string, values: Record<string, string>) {
    const end = await runCommand('sh', ['-c', this.#command(status, values)])
    // 127: the shell did not find the command.
    if (end.code === null || end.code === 127)
      throw new UpturnError('SchedulerFailed', `the scheduler did not say how its jobs are: ${saidBy(end)}`)
    return end
  }

  fate(): Promise<undefined> {
    return Promise.resolve(undefined)
  }

  async cancel(jobs: readonly string[]): Promise<void> {
    const { cancel } = this.template
    if (cancel === undefined) return
    const failures: string[] = []
    for (const job of jobs) {
      const end = await runCommand('sh', ['-c', this.#command(cancel, { job })])
      // A job that is over already cannot be cancelled: `look` tells whether one is left.
      if (end.code !== 0 && (await this.look([job]).catch(() => undefined))?.jobs.size !== 0) failures.push(saidBy(end))
    }
    if (failures.length > 0)
      throw new UpturnError('SchedulerFailed', `the scheduler did not cancel its jobs: ${failures.join('; ')}`)
  }

  find(): Promise<string[]> {
    return Promise.resolve([])
  }
}
