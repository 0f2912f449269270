import { sayCount } from '../../results/say.ts'
import { type CliCommand, print } from '../command.ts'
import { exitCode } from '../failure.ts'
import { defineTables, importLines, inWorkshop, positiveNumber, share, tableOptions } from '../genotype-options.ts'

const words = (text: string, before: string[] = []): string[] => [
  ...before,
  ...text
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== ''),
]

export const ld: CliCommand = {
  usage: 'ld <genotypes...>',
  summary: "r2 and D' of pairs of variants within a window, or of one lead with the variants around it",
  define(command) {
    defineTables(command, 'ld')
    command
      .option('--window <kb>', 'largest distance of two variants', '1000')
      .option('--r2 <x>', 'smallest r2 listed (default: 0.2; with --lead 0)')
      .option('--lead <variant>', 'pairs of this variant alone: chromosome:position:ref:alt or an rsid')
      .option('--d-prime', "r and D' from frequencies of haplotypes, by maximum likelihood")
      .option(
        '--between <regions>',
        'both variants in these: chr1:1000-2000, comma-separated or given several times',
        words,
      )
      .option('--maf <x>', 'smallest minor-allele frequency', '0')
      .option('--call-rate <x>', 'smallest share of people called', '0')
  },
  async run(genotypes, options) {
    const { ldTables } = await import('../../study/genotype-tables/ld.ts')
    const lead = (options.lead as string | undefined) ?? null
    const asked = {
      ...tableOptions(genotypes, options),
      window: Math.round(1000 * positiveNumber('window', options.window)),
      limit: options.r2 === undefined ? (lead === null ? 0.2 : 0) : share('r2', options.r2),
      haplotypes: options.dPrime === true,
      maf: share('maf', options.maf),
      callRate: share('call-rate', options.callRate),
      between: (options.between as string[] | undefined) ?? [],
      lead,
    }
    const { source, ...found } = await inWorkshop('ld', options, (workshop) => ldTables(asked, workshop))
    if (options.json) print({ ok: true, out: asked.out, ...found, imported: source })
    else
      print(
        [
          `${sayCount(found.pairs)} pairs with r2 of at least ${asked.limit}.`,
          ...importLines(source),
          ...found.files.map((file) => `${asked.out}/${file}`),
        ].join('\n'),
      )
    return exitCode.done
  },
}
