import type { Command } from 'commander'
import { UpturnError } from '../errors/index.ts'
import type { GenotypeFilters } from '../genotypes/index.ts'
import type { SelectionGiven } from '../study/selection.ts'
import { type CommandOptions, integerOption, list } from './command.ts'

/** Comma-separated words, also when the option is given several times. */
const words = (text: string, before: string[] = []): string[] => [...before, ...list(text)]

/** Options that say which records and which people of genotype files are read. */
export function defineSelection(command: Command): void {
  command
    .option(
      '--region <regions>',
      'only records that overlap these: chr1:1000-2000, comma-separated or given several times',
      words,
    )
    .option('--regions <file>', 'the same, from a BED file')
    .option('--sample <ids>', 'only these people, comma-separated or given several times', words)
    .option('--samples <file>', 'the same, from a file with one id a line')
  defineFilters(command)
}

/** Options that say which calls of VCF and BCF files are believed. */
export function defineFilters(command: Command): void {
  command
    .option('--keep-filtered', 'VCF, BCF, PGEN: keep records whose FILTER is neither PASS nor missing')
    .option(
      '--min-gq <n>',
      'VCF, BCF: calls with a lower genotype quality are missing',
      integerOption('min-gq', 1, 1_000_000),
    )
    .option(
      '--min-dp <n>',
      'VCF, BCF: calls with a lower read depth are missing',
      integerOption('min-dp', 1, 1_000_000),
    )
    .option(
      '--allele-balance <low,high>',
      'VCF, BCF: heterozygous calls with another share of reads (AD) of the second allele are missing, and homozygous ones with that many reads against them: 0.2,0.8',
      balanceOption,
    )
}

function balanceOption(text: string): [number, number] {
  const shares = text.split(',').map((share) => (/^\s*\d*\.?\d+\s*$/.test(share) ? Number(share) : Number.NaN))
  const [low, high] = shares
  if (shares.length !== 2 || !(low >= 0 && low < high && high <= 1))
    throw new UpturnError(
      'BadArgument',
      `--allele-balance takes two shares from 0 to 1, the lower first, such as 0.2,0.8, not ${text}`,
    )
  return [low, high]
}

/** Undefined where no filter is asked for. */
export function filtersGiven(options: CommandOptions): GenotypeFilters | undefined {
  const { keepFiltered, minGq, minDp, alleleBalance } = options as GenotypeFilters
  const filters = { keepFiltered, minGq, minDp, alleleBalance }
  return Object.values(filters).some((value) => value !== undefined) ? filters : undefined
}

export function selectionGiven(options: CommandOptions): SelectionGiven {
  const { region, regions, sample, samples } = options as SelectionGiven
  return { region, regions, sample, samples, filters: filtersGiven(options) }
}
