import { writeFile } from 'node:fs/promises'
import { Option } from 'commander'
import { UpturnError } from '../../errors/index.ts'
import type { PlanAnswer, PlanQuestion } from '../../planning/index.ts'
import { type CliCommand, type CommandOptions, integerOption, print } from '../command.ts'
import { exitCode } from '../failure.ts'
import { runStudyCommand } from './run.ts'

const tests = {
  'exact-trend': 'trend_exact_p',
  'exact-trend-midp': 'trend_midp',
  'fisher-2x3': 'fisher_p',
  firth: 'firth_p',
  allelic: 'allelic_p',
  dominant: 'dominant_p',
  recessive: 'recessive_p',
} as const

/** A number from an option, or a BadArgument that names it. */
const number =
  (name: string) =>
  (text: string): number => {
    const value = Number(text)
    if (text.trim() === '' || !Number.isFinite(value))
      throw new UpturnError('BadArgument', `--${name} takes a number, not ${text}`)
    return value
  }

const numbers =
  (name: string) =>
  (text: string): number[] =>
    text.split(',').map(number(name))

function questionOf(options: CommandOptions): PlanQuestion {
  const given = (name: string): number | undefined => options[name] as number | undefined
  const need = (name: string, flag: string, why: string): number => {
    const value = given(name)
    if (value === undefined) throw new UpturnError('BadArgument', `${why} needs --${flag}`)
    return value
  }
  const paired = (one: string, other: string): boolean => {
    const [a, b] = [given(one) !== undefined, given(other) !== undefined]
    if (a !== b) throw new UpturnError('BadArgument', `--${one} and --${other} go together`)
    return a
  }
  const trial = ['effectCarriers', 'effectOthers', 'sd'].some((name) => given(name) !== undefined)
  return {
    or: need('or', 'or', 'a plan without a study'),
    frequency: need('frequency', 'frequency', 'a plan without a study'),
    ...(paired('low', 'high') && { limits: { low: given('low') as number, high: given('high') as number } }),
    ...(given('selectedAt') !== undefined && { selectedAt: given('selectedAt') }),
    ...(given('bestOf') !== undefined && { bestOf: given('bestOf') }),
    inheritance: options.model as PlanQuestion['inheritance'],
    test: tests[options.test as keyof typeof tests],
    alpha: given('alpha') as number,
    power: given('power') as number,
    ratio: given('ratio') as number,
    otherRatios: options.otherRatios as number[],
    maxCases: given('maxCases') as number,
    ...(paired('cases', 'controls') && {
      size: { cases: given('cases') as number, controls: given('controls') as number },
    }),
    ...(given('registry') !== undefined && {
      registry: {
        patients: given('registry') as number,
        stay: given('stay') as number,
        reversalRate: given('reversalRate') as number,
        consent: given('consent') as number,
      },
      otherRates: options.otherRates as number[],
    }),
    ...(trial && {
      trial: {
        ...(given('carriers') !== undefined && { carriers: given('carriers') }),
        effectCarriers: need('effectCarriers', 'effect-carriers', 'a trial'),
        effectOthers: given('effectOthers') ?? 0,
        sd: need('sd', 'sd', 'a trial'),
        alpha: given('trialAlpha') as number,
        power: given('power') as number,
        mostPerArm: 5000,
      },
    }),
    seed: given('seed') as number,
    replicates: given('replicates') as number,
  }
}

function wordsOf(answer: PlanAnswer): string {
  const ratios = answer.byRatio.map(
    (r) => `  ${String(r.ratio).padStart(4)} controls a case   ${r.casesNeeded ?? 'more than were tried'} cases`,
  )
  return [...answer.sentences, ...ratios, ...answer.notes.map((note) => `- ${note}`)].join('\n')
}

export const plan: CliCommand = {
  usage: 'plan [study]',
  summary: 'the corrected effect and the size of the next study: of a study file, or from numbers alone',
  define(command) {
    command
      .option('--out <folder>', 'with a study: results folder (default: results/ beside the study file)')
      .option('--or <x>', 'odds ratio of the variant', number('or'))
      .option('--low <x>', 'its lower 95% limit', number('low'))
      .option('--high <x>', 'its upper 95% limit', number('high'))
      .option(
        '--selected-at <p>',
        'it was shown because its p was below this: corrects the odds ratio',
        number('selected-at'),
      )
      .option(
        '--best-of <m>',
        'it was shown as the best of so many variants',
        integerOption('best-of', 1, 1_000_000_000),
      )
      .option('--frequency <x>', 'of the allele among controls', number('frequency'))
      .addOption(
        new Option('--model <name>', 'what the odds ratio is of: a copy, carriers, two copies')
          .choices(['additive', 'dominant', 'recessive'])
          .default('additive'),
      )
      .addOption(
        new Option('--test <name>', 'the test the study will use').choices(Object.keys(tests)).default('exact-trend'),
      )
      .option('--alpha <p>', 'its level, two-sided', number('alpha'), 0.05)
      .option('--power <x>', 'wanted', number('power'), 0.8)
      .option('--ratio <x>', 'controls a case', number('ratio'), 4)
      .option('--other-ratios <list>', 'other ratios to give', numbers('other-ratios'), [1, 2, 10])
      .option('--max-cases <n>', 'larger studies are not considered', integerOption('max-cases', 2, 100_000), 1000)
      .option('--cases <n>', 'power of a study of this size', integerOption('cases', 1, 100_000))
      .option('--controls <n>', 'and so many controls', integerOption('controls', 1, 1_000_000))
      .option('--registry <n>', 'people with the disease whom a registry reaches', number('registry'))
      .option('--stay <years>', 'mean years that a person is in it', number('stay'), 3)
      .option('--reversal-rate <x>', 'share who ever reverse', number('reversal-rate'), 0.005)
      .option('--other-rates <list>', 'other shares to give', numbers('other-rates'), [0.001, 0.01])
      .option('--consent <x>', 'share of reversals found who take part', number('consent'), 0.5)
      .option('--effect-carriers <x>', 'trial: treated less untreated, in carriers', number('effect-carriers'))
      .option('--effect-others <x>', 'the same in the others (default: 0)', number('effect-others'))
      .option('--sd <x>', 'standard deviation of the outcome', number('sd'))
      .option('--carriers <x>', 'share of carriers (default: from the frequency)', number('carriers'))
      .option('--trial-alpha <p>', "level of the trial's tests", number('trial-alpha'), 0.05)
      .option('--figure <file.svg>', 'write the figure: power by number of new cases')
      .option('--replicates <n>', 'simulated studies a size', integerOption('replicates', 50, 1_000_000), 1000)
      .option('--seed <n>', 'seed of the simulations', integerOption('seed', 0, 4_294_967_295), 1)
  },
  async run([file], options) {
    if (file !== undefined) {
      if (options.or !== undefined || options.registry !== undefined)
        throw new UpturnError(
          'BadArgument',
          'a plan is of a study file or of numbers (--or, --frequency ...), not of both',
        )
      return runStudyCommand(file, options, 'planning')
    }
    const question = questionOf(options)
    const { installNodeKernels } = await import('../../host/node/kernels.ts')
    installNodeKernels()
    const { planQuestion } = await import('../../planning/index.ts')
    const answer = planQuestion(question)
    if (typeof options.figure === 'string') {
      const { planSvg } = await import('../../report/index.ts')
      const { withPath } = await import('../../host/node/files.ts')
      const path = options.figure
      await withPath(path, () => writeFile(path, planSvg(answer).svg))
    }
    print(options.json ? { ok: true, ...answer } : wordsOf(answer))
    return exitCode.done
  },
}
