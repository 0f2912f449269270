import { resolve } from 'node:path'
import { sayCount } from '../../results/say.ts'
import { bgenOptions, type CliCommand, openOptionsOf, print } from '../command.ts'
import { exitCode } from '../failure.ts'
import { buildOption, importLines, inWorkshop } from '../genotype-options.ts'
import { defineSelection, selectionGiven } from '../selection.ts'

export const importCommand: CliCommand = {
  usage: 'import <genotypes...>',
  summary: 'a packed store of genotype files, which quality, kinship, pca and ld read many times as fast',
  define(command) {
    command
      .requiredOption('--out <folder>', 'the store')
      .addOption(buildOption())
      .option('--reference <fasta>', 'compare every reference allele with this FASTA file, and left-align indels')
    bgenOptions(command)
    defineSelection(command)
  },
  async run(genotypes, options) {
    const { importStore } = await import('../../study/genotype-tables/import.ts')
    const out = resolve(String(options.out))
    const summary = await inWorkshop('import', options, (workshop) =>
      importStore(
        {
          genotypes,
          out,
          build: String(options.build),
          open: openOptionsOf(options),
          selection: selectionGiven(options),
          reference: options.reference as string | undefined,
        },
        workshop,
      ),
    )
    if (options.json) print({ ok: true, out, ...summary })
    else
      print(
        [
          `${sayCount(summary.samples)} people, ${sayCount(summary.variants)} variants (${summary.format}), digest ${summary.storeDigest.slice(0, 16)}.`,
          ...importLines(summary),
          out,
        ].join('\n'),
      )
    return exitCode.done
  },
}
