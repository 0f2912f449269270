import type { Command } from 'commander'
import type { SelectionGiven } from '../study/selection.ts'
import type { CommandOptions } from './command.ts'

/** Comma-separated words, also when the option is given several times. */
const words = (text: string, before: string[] = []): string[] => [
  ...before,
  ...text
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== ''),
]

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
}

export function selectionGiven(options: CommandOptions): SelectionGiven {
  const { region, regions, sample, samples } = options as SelectionGiven
  return { region, regions, sample, samples }
}
