import { resolve } from 'node:path'
import { Option } from 'commander'
import { bgenOptions, type CliCommand, integerOption, list, print } from '../command.ts'
import { exitCode } from '../failure.ts'
import { buildOption, inWorkshop, share } from '../genotype-options.ts'
import { definePhenotypes, tableDesignGiven } from '../phenotype-options.ts'
import { defineSelection } from '../selection.ts'

const p = (value: number | null): string =>
  value === null ? '–' : value === 0 || value >= 0.001 ? value.toPrecision(3) : value.toExponential(2)

export const geneTests: CliCommand = {
  usage: 'gene-tests <genotypes>',
  summary: 'rare variants of genes or regions together: burden, SKAT, SKAT-O and ACAT by relabelling',
  define(command) {
    definePhenotypes(command)
      .option('--genes <symbols>', 'protein-coding genes on GRCh38, comma-separated', list, [])
      .option('--in <regions>', 'regions such as chr21:31659666-31668931, comma-separated', list, [])
      .option('--bed <file>', 'regions, the fourth column their names')
      .option('--max-maf <x>', 'variants with a more frequent minor allele are left out', '0.05')
      .option('--call-rate <x>', 'smallest share of people called', '0.95')
      .addOption(
        new Option('--weights <name>', 'of variants, by frequency')
          .choices(['beta', 'madsen_browning', 'flat'])
          .default('beta'),
      )
      .option(
        '--sets <n>',
        'label sets where carriers are too many to list',
        integerOption('sets', 100, 1_000_000),
        10_000,
      )
      .option('--alpha <x>', 'level over all regions', Number, 0.05)
      .option('--seed <n>', 'seed of the label sets', integerOption('seed', 0, 4_294_967_295), 1)
      .addOption(buildOption())
    bgenOptions(command)
    command.option('--reference <fasta>', 'compare every reference allele with this FASTA file, and left-align indels')
    defineSelection(command)
    command.requiredOption('--out <folder>', 'where to write gene-tests.tsv and gene-tests.json')
  },
  async run([genotypes], options) {
    const { geneTestFiles } = await import('../../study/gene-tests.ts')
    const out = resolve(String(options.out))
    const found = await inWorkshop('gene tests', options, (workshop) =>
      geneTestFiles(
        {
          ...tableDesignGiven(genotypes, options),
          asked: {
            genes: options.genes as string[],
            regions: options.in as string[],
            bed: options.bed as string | undefined,
          },
          maxMaf: share('max-maf', options.maxMaf),
          callRate: share('call-rate', options.callRate),
          weights: options.weights as 'beta',
          sets: Number(options.sets),
        },
        workshop,
      ),
    )
    if (options.json) {
      print({ ok: true, out, ...found })
      return exitCode.done
    }
    print(
      [
        `${found.regions.length} ${found.regions.length === 1 ? 'region' : 'regions'} (${found.coding})${found.threshold === null ? '' : `, Bonferroni ${p(found.threshold)}`}.`,
        ...Object.entries(found.left).map(([reason, people]) => `  left out: ${people}, ${reason}`),
        ...found.notes,
        ...found.regions.flatMap((region) => [
          region.sentence,
          ...(region.variants === 0
            ? []
            : region.tests.map(
                ({ test, p: own, minAttainableP, asymptoticP }) =>
                  `  ${test.replace('_', '-').padEnd(8)} ${p(own).padStart(9)}   smallest attainable ${minAttainableP === null ? 'below the resolution' : p(minAttainableP)}; asymptotic ${p(asymptoticP)}, not to be relied on`,
              )),
        ]),
        `${out}/gene-tests.tsv`,
        'Research use only. Nothing here replaces the advice of a doctor.',
      ].join('\n'),
    )
    return exitCode.done
  },
}
