import { readFile } from 'node:fs/promises'
import { LineCounter, parseDocument, visit } from 'yaml'
import { z } from 'zod'
import { UpturnError } from '../../errors/index.ts'
import { fileError } from '../../host/node/files.ts'
import { type ClusterTimes, usualTimes } from './run-folder.ts'
import { splitOptions } from './slurm.ts'
import type { Template } from './template.ts'

/** How a run is sent to a cluster. */
export interface ClusterSettings {
  scheduler: { kind: 'slurm'; options: string[] } | { kind: 'template'; template: Template }
  /** Pilots at a time. */
  tasks: number
  times: ClusterTimes
  /** The command line of a pilot without its folder; undefined for this program. */
  program?: string
}

const seconds = z.number().min(0).max(86_400)
const pattern = z.string().refine(
  (text) => {
    try {
      new RegExp(text)
      return true
    } catch {
      return false
    }
  },
  { error: 'this is no regular expression' },
)

/** `--executor cluster.yaml`. */
const file = z
  .strictObject({
    scheduler: z.enum(['slurm', 'template']),
    /** Of sbatch. */
    options: z.string().optional(),
    submit: z.string().min(1).optional(),
    job: pattern.optional(),
    status: z.string().min(1).optional(),
    running: pattern.optional(),
    pending: pattern.optional(),
    cancel: z.string().min(1).optional(),
    tasks: z.int().min(1).max(10_000).optional(),
    program: z.string().min(1).optional(),
    seconds: z
      .strictObject({
        beat: seconds.min(0.1).optional(),
        stale: seconds.min(1).optional(),
        poll: seconds.min(0.05).optional(),
        watch: seconds.min(0.1).optional(),
        idle: seconds.optional(),
        local: seconds.optional(),
      })
      .optional(),
  })
  .superRefine((given, context) => {
    const mistake = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message })
    if (given.scheduler === 'template' && given.submit === undefined) mistake('submit', 'missing; it is needed')
    if (given.scheduler === 'slurm')
      for (const name of ['submit', 'job', 'status', 'running', 'pending', 'cancel'] as const)
        if (given[name] !== undefined)
          mistake(name, 'Slurm needs no commands; leave it out, or write scheduler: template')
    if (given.scheduler === 'template' && given.options !== undefined)
      mistake('options', 'a template has its options in submit:')
  })

const usualTasks = 8

/** Options of `upturn run` that concern a cluster. */
export interface ClusterFlags {
  executor: string
  tasks?: number
  slurmOptions?: string
  submit?: string
  status?: string
  cancel?: string
  localSeconds?: number
}

const milliseconds = (given: Partial<ClusterTimes> | undefined): ClusterTimes => {
  const times = { ...usualTimes }
  for (const [name, value] of Object.entries(given ?? {}))
    if (value !== undefined) times[name as keyof ClusterTimes] = 1000 * value
  return times
}

/** Reads what the command line, or the file that it names, says of a cluster; undefined for threads. */
export async function clusterSettings(flags: ClusterFlags): Promise<ClusterSettings | undefined> {
  const { executor } = flags
  const only = (names: readonly (keyof ClusterFlags)[], of: string) => {
    for (const name of names)
      if (flags[name] !== undefined)
        throw new UpturnError(
          'BadArgument',
          `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)} goes with --executor ${of}`,
        )
  }
  let settings: ClusterSettings
  if (executor === 'threads') {
    only(['slurmOptions'], 'slurm')
    only(['submit', 'status', 'cancel'], 'template')
    only(['tasks', 'localSeconds'], 'slurm or template')
    return undefined
  }
  if (executor === 'slurm') {
    only(['submit', 'status', 'cancel'], 'template')
    settings = {
      scheduler: { kind: 'slurm', options: splitOptions(flags.slurmOptions ?? '') },
      tasks: usualTasks,
      times: { ...usualTimes },
    }
  } else if (executor === 'template') {
    only(['slurmOptions'], 'slurm')
    if (flags.submit === undefined)
      throw new UpturnError(
        'BadArgument',
        "--executor template needs --submit, such as 'qsub -t 1-{tasks} -o {logs} -j y {script}'; docs/clusters.md has examples",
      )
    const { submit, status, cancel } = flags
    settings = {
      scheduler: { kind: 'template', template: { submit, status, cancel } },
      tasks: usualTasks,
      times: { ...usualTimes },
    }
  } else if (/\.ya?ml$/.test(executor)) {
    only(['slurmOptions', 'submit', 'status', 'cancel'], 'slurm or template; here the file says it')
    settings = await readSettings(executor)
  } else
    throw new UpturnError('BadArgument', `--executor takes threads, slurm, template or a .yaml file, not ${executor}`)
  if (flags.tasks !== undefined) settings.tasks = flags.tasks
  if (flags.localSeconds !== undefined) settings.times.local = 1000 * flags.localSeconds
  return settings
}

async function readSettings(path: string): Promise<ClusterSettings> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw fileError(error, path)
  })
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, version: '1.2', prettyErrors: false })
  const refuse = (offset: number, message: string): never => {
    const { line, col } = lines.linePos(offset)
    throw new UpturnError('FormatInvalid', message, { place: { file: path, line, column: col } })
  }
  const broken = document.errors[0]
  if (broken !== undefined) refuse(broken.pos[0], `not valid YAML: ${broken.message.split('\n')[0]}`)
  visit(document, {
    // An alias may stand for more than fits into memory.
    Alias: (_key, node) => refuse(node.range?.[0] ?? 0, 'aliases (*name) are not read; write the value out'),
  })
  const parsed = file.safeParse(document.toJS())
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    const key = issue.code === 'unrecognized_keys' ? issue.keys[0] : undefined
    const node = document.getIn(issue.path, true) as { range?: [number, number, number] } | undefined
    const at = [...issue.path, ...(key === undefined ? [] : [key])].map(String).join('.')
    return refuse(
      node?.range?.[0] ?? 0,
      `${at === '' ? '' : `${at}: `}${key === undefined ? issue.message : 'there is no such setting'}; docs/clusters.md shows the file`,
    )
  }
  const { scheduler, options, tasks, program, seconds: times, ...template } = parsed.data
  return {
    scheduler:
      scheduler === 'slurm'
        ? { kind: 'slurm', options: splitOptions(options ?? '') }
        : { kind: 'template', template: template as Template },
    tasks: tasks ?? usualTasks,
    times: milliseconds(times),
    program,
  }
}
