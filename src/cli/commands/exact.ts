import { sayCount } from '../../results/say.ts'
import { bgenOptions, type CliCommand, print } from '../command.ts'
import { exitCode } from '../failure.ts'
import { buildOption, inWorkshop } from '../genotype-options.ts'
import { casesGiven, defineCases } from '../phenotype-options.ts'
import { defineSelection } from '../selection.ts'

export const exact: CliCommand = {
  usage: 'exact <genotypes>',
  summary: 'exact trend and Fisher tests of every variant on its table alone: no covariates, no label sets, seconds',
  define(command) {
    defineCases(command).addOption(buildOption())
    bgenOptions(command)
    command.option('--reference <fasta>', 'compare every reference allele with this FASTA file, and left-align indels')
    defineSelection(command)
    command.requiredOption('--out <folder>', 'where to write exact.tsv')
  },
  async run([genotypes], options) {
    const asked = casesGiven(genotypes, options)
    const { counts, ...known } = await inWorkshop('exact tests', options, async (workshop) => {
      // Loaded while the workers start.
      const { exactFiles } = await import('../../study/exact.ts')
      return exactFiles(asked, workshop)
    })
    const { left, coding, records, dropped, notes } = known
    if (options.json) print({ ok: true, out: asked.out, ...known, ...counts })
    else
      print(
        [
          `${sayCount(counts.cases)} cases and ${sayCount(counts.controls)} controls (${coding}), ${sayCount(counts.variants)} variants, ${sayCount(counts.monomorphic)} of them monomorphic.`,
          ...Object.entries(left).map(([reason, people]) => `  left out: ${people}, ${reason}`),
          ...Object.entries(dropped).map(([reason, count]) => `  of ${records} records left out: ${count}, ${reason}`),
          ...notes,
          `${asked.out}/exact.tsv`,
          'No covariates and no correction for the number of variants: `upturn associate` makes both.',
          'Research use only. Nothing here replaces the advice of a doctor.',
        ].join('\n'),
      )
    return exitCode.done
  },
}
