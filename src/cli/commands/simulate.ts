import { resolve } from 'node:path'
import type { Command } from 'commander'
import {
  type CliCommand,
  type CommandOptions,
  integerOption,
  interruption,
  print,
  progressOf,
  workersOf,
} from '../command.ts'
import { exitCode } from '../failure.ts'

const decimal = (text: string) => Number(text)

/** Options that `simulate` and `demo` share. */
export function defineCohort(command: Command): void {
  command
    .option(
      '--people <n>',
      'reversals and typical progressors together (default: 265)',
      integerOption('people', 1, 100_000),
    )
    .option('--cases <n>', 'reversals among them (default: 22)', integerOption('cases', 0, 100_000))
    .option(
      '--variants <n>',
      'variants over 22 chromosomes and X (default: 200000)',
      integerOption('variants', 60, 50_000_000),
    )
    .option('--seed <n>', 'seed: same seed, same bytes (default: 20240815)', integerOption('seed', 0, 4_294_967_295))
}

export async function simulateTo(folder: string, options: CommandOptions, given: Record<string, unknown> = {}) {
  const { simulateCohort } = await import('../../simulation/index.ts')
  const { openWorkshop } = await import('../../study/workshop.ts')
  const { people, cases, variants, seed } = options as Record<string, number | undefined>
  const progress = progressOf(options)
  const { signal, release } = interruption()
  const workshop = openWorkshop({ workers: workersOf(options), signal, progress })
  const began = performance.now()
  try {
    progress.stage('simulate', 1, 1)
    const truth = await simulateCohort({ people, cases, variants, seed, ...given }, folder, workshop)
    progress.stageDone('simulate', (performance.now() - began) / 1000, false)
    return truth
  } finally {
    progress.close()
    release()
    await workshop.close()
  }
}

export const simulate: CliCommand = {
  usage: 'simulate',
  summary: 'a cohort with a known truth, in real file formats, and its study.yaml',
  define(command) {
    command.requiredOption('--out <folder>', 'where to write')
    defineCohort(command)
    command
      .option(
        '--odds-ratio <x>',
        'marginal odds ratio of reversal for each copy of the causal allele (default: 12)',
        decimal,
      )
      .option('--mediated-share <x>', 'share of it that goes through free IGF-1 (default: 0.3)', decimal)
      .option('--null', 'no effect of any variant')
      .option('--fst <x>', 'F_ST between the two ancestries (default: 0.1)', decimal)
      .option('--second-ancestry <x>', 'share of people of the second ancestry (default: 0.15)', decimal)
      .option('--missing-rate <x>', 'expected share of missing calls (default: 0.004)', decimal)
      .option('--relatives <n>', 'further people related to others (default: 2)', integerOption('relatives', 0, 1000))
      .option('--duplicates <n>', 'people who enrolled twice (default: 1)', integerOption('duplicates', 0, 1000))
      .option('--swaps <n>', 'pairs of swapped samples (default: 1)', integerOption('swaps', 0, 1000))
      .option(
        '--second-controls <n>',
        'people of a second control set (default: 0)',
        integerOption('second-controls', 0, 100_000),
      )
      .option('--saliva-cases', "cases' DNA from saliva, controls' from blood, as in the published design")
      .option('--clinical-only', 'visits and laboratory values without genotypes')
  },
  async run(_args, options) {
    const out = resolve(String(options.out))
    const given = {
      oddsRatio: options.oddsRatio,
      mediatedShare: options.mediatedShare,
      null: options.null === true ? true : undefined,
      fst: options.fst,
      secondAncestry: options.secondAncestry,
      missingRate: options.missingRate,
      relatives: options.relatives,
      duplicates: options.duplicates,
      swaps: options.swaps,
      controls2: options.secondControls,
      salivaCases: options.salivaCases === true ? true : undefined,
      clinicalOnly: options.clinicalOnly === true ? true : undefined,
    }
    const truth = await simulateTo(out, options, given)
    print(
      options.json
        ? { ok: true, out, truth }
        : `${out}: study.yaml, its files and truth.json. Next: upturn run ${out}/study.yaml`,
    )
    return exitCode.done
  },
}
