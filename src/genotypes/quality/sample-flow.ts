import { UpturnError } from '../../errors/index.ts'
import type { FilterStep } from '../../results/genotypes.ts'

const examplesListed = 100

/** People on their way through the filters: who is still there, and why the others are not. */
export class SampleFlow {
  readonly #samples: readonly string[]
  /** By column of the store; null while the person is present. */
  readonly reasons: (string | null)[]
  readonly steps: FilterStep[] = []

  constructor(samples: readonly string[]) {
    this.#samples = samples
    this.reasons = samples.map(() => null)
  }

  isPresent(s: number): boolean {
    return this.reasons[s] === null
  }

  /** Columns of the people still present. */
  present(): number[] {
    return [...this.reasons.keys()].filter((s) => this.isPresent(s))
  }

  /** Records a filter and takes out who falls to it. Refuses to leave nobody. */
  remove(filter: string, rule: string, leaving: readonly number[]): void {
    for (const s of leaving) this.reasons[s] = filter
    const remaining = this.present().length
    const examples = leaving.slice(0, examplesListed).map((s) => this.#samples[s])
    this.steps.push({ filter, rule, removed: leaving.length, remaining, examples })
    if (remaining === 0)
      throw new UpturnError(
        'BadArgument',
        `quality control leaves nobody: the last ${leaving.length} people fall to the filter "${filter}" (${rule})`,
      )
  }
}
