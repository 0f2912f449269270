import type { Template } from './template.ts'

/** What a scheduler says of the jobs of a run. */
export interface Look {
  /** Jobs, as `submit` named them, of which something lives or waits. */
  jobs: ReadonlySet<string>
  running: number
  pending: number
  /** Why jobs wait, where it says. */
  reason: string | null
  /** Elements of jobs, as pilots name them, that run; null where the scheduler tells only of whole jobs. */
  runningElements: ReadonlySet<string> | null
}

/** How a job ended. */
export interface Fate {
  /** The scheduler's word. */
  state: string
  /** It was ended from outside, or by itself without a failure. */
  innocent: boolean
}

/** A batch system. Every method may throw SchedulerFailed. */
export interface Scheduler {
  readonly name: string
  /** The commands of a template. */
  readonly template?: Template
  /** Submits `count` pilots as one job; its name. */
  submit(count: number): Promise<string>
  /** How jobs are; undefined where the scheduler cannot be asked at all. */
  look(jobs: readonly string[]): Promise<Look | undefined>
  /** How an element that no longer runs has ended; undefined when nobody knows. */
  fate(element: string): Promise<Fate | undefined>
  cancel(jobs: readonly string[]): Promise<void>
  /** Jobs of this run that it knows of, also when they were written down nowhere. */
  find(): Promise<string[]>
}
