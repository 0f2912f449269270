import { sayCount } from '../../results/say.ts'
import { bgenOptions, type CliCommand, openOptionsOf, print } from '../command.ts'
import { exitCode } from '../failure.ts'
import { buildOption, importLines, inWorkshop } from '../genotype-options.ts'
import { defineSelection, filtersGiven, selectionGiven } from '../selection.ts'

export const convert: CliCommand = {
  usage: 'convert <genotypes...>',
  summary:
    'genotype files as VCF, BCF or PLINK 1 files: regions, people in an order, filters; files of one cohort become one',
  define(command) {
    command
      .requiredOption('--out <file>', 'x.vcf.gz (with .tbi), x.bcf (with .csi), or x.bed (with .bim and .fam)')
      .addOption(buildOption())
      .option('--sex <file>', 'table with a column of sample ids and one called sex; men have one allele on X and Y')
      .option('--reference <fasta>', 'compare every reference allele with this FASTA file, and left-align indels')
    bgenOptions(command)
    defineSelection(command)
  },
  async run(genotypes, options) {
    const { convertFiles } = await import('../../study/convert.ts')
    const { notes, imported, ...result } = await inWorkshop('convert', options, (workshop) =>
      convertFiles(
        {
          genotypes,
          out: String(options.out),
          build: String(options.build),
          open: openOptionsOf(options),
          sex: options.sex as string | undefined,
          selection: selectionGiven(options),
          reference: options.reference as string | undefined,
          filters: filtersGiven(options),
        },
        workshop,
      ),
    )
    if (options.json) print({ ok: true, ...result, imported, notes })
    else
      print(
        [
          `${sayCount(result.samples)} people, ${sayCount(result.variants)} variants${result.variantsWithDosages > 0 ? ` (${sayCount(result.variantsWithDosages)} with dosages)` : ''}.`,
          ...importLines(imported),
          ...notes.map((note) => `  ${note}`),
          ...result.files,
        ].join('\n'),
      )
    return exitCode.done
  },
}
