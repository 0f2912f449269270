import { resolve } from 'node:path'
import { Option } from 'commander'
import type { AssociationForm } from '../../study/association-files.ts'
import { bgenOptions, type CliCommand, integerOption, interruption, print, progressOf, workersOf } from '../command.ts'
import { exitCode } from '../failure.ts'
import { buildOption } from '../genotype-options.ts'
import { definePhenotypes, tableDesignGiven } from '../phenotype-options.ts'
import { defineSelection } from '../selection.ts'

export const associate: CliCommand = {
  usage: 'associate <genotypes>',
  summary: 'every test on every variant, from genotypes and a table; no study file needed',
  define(command) {
    definePhenotypes(command).addOption(buildOption())
    bgenOptions(command)
    command
      .option('--reference <fasta>', 'compare every reference allele with this FASTA file, and left-align indels')
      .option(
        '--permutations <n>',
        'label sets; 0 leaves them out (default: 1000, more when needed)',
        integerOption('permutations', 0, 1_000_000),
      )
      .addOption(
        new Option('--firth <rows>', 'fit every row, or only where the exact trend p is below 0.05')
          .choices(['every', 'screened'])
          .default('every'),
      )
      .option('--alpha <x>', 'family-wise level', Number, 0.05)
      .option('--seed <n>', 'seed of the label sets', integerOption('seed', 0, 4_294_967_295), 1)
    defineSelection(command)
    command
      .addOption(
        new Option('--tables <form>', 'write associations.tsv, associations.parquet, or both')
          .choices(['both', 'tsv', 'parquet'])
          .default('both'),
      )
      .requiredOption('--out <folder>', 'where to write them')
  },
  async run([genotypes], options) {
    const { associateFiles } = await import('../../study/associate.ts')
    const { openWorkshop } = await import('../../study/workshop.ts')
    const progress = progressOf(options)
    const { signal, release } = interruption()
    const workshop = openWorkshop({ workers: workersOf(options), signal, progress })
    const out = resolve(String(options.out))
    const tables = options.tables as AssociationForm
    const began = performance.now()
    try {
      progress.stage('associate', 1, 1)
      const { summary, left, coding, records, dropped, reference, notes } = await associateFiles(
        {
          ...tableDesignGiven(genotypes, options),
          permutations: options.permutations as number | undefined,
          firth: options.firth as 'every' | 'screened',
          tables,
        },
        workshop,
      )
      progress.stageDone('associate', (performance.now() - began) / 1000, false)
      if (options.json) print({ ok: true, out, coding, left, records, dropped, reference, notes, ...summary })
      else
        print(
          [
            `${summary.cases} cases and ${summary.controls} controls (${coding}), ${summary.variantsTested} variants.`,
            ...Object.entries(left).map(([reason, people]) => `  left out: ${people}, ${reason}`),
            ...Object.entries(dropped).map(
              ([reason, count]) => `  of ${records} records left out: ${count}, ${reason}`,
            ),
            ...notes,
            summary.primary.sentence,
            summary.lead === null
              ? 'No variant could be tested.'
              : `Lead: ${summary.lead.chromosome}:${summary.lead.position}:${summary.lead.ref}:${summary.lead.alt} ${summary.lead.rsid}`,
            `${out}/associations.${tables === 'parquet' ? 'parquet' : 'tsv'}`,
            'Research use only. Nothing here replaces the advice of a doctor.',
          ].join('\n'),
        )
      return exitCode.done
    } finally {
      progress.close()
      release()
      await workshop.close()
    }
  },
}
