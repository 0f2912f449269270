import { sayCount } from '../../results/say.ts'
import { type CliCommand, integerOption, print } from '../command.ts'
import { exitCode } from '../failure.ts'
import {
  choiceOptions,
  defineChoice,
  defineTables,
  importLines,
  inWorkshop,
  positiveNumber,
  tableOptions,
} from '../genotype-options.ts'

export const pca: CliCommand = {
  usage: 'pca <genotypes...>',
  summary: 'principal components of people, or their place on the components of a reference cohort',
  define(command) {
    defineTables(command, 'eigenvec, eigenval, loadings and pca.json; with --reference projected')
    defineChoice(command, { maf: '0.05', callRate: '0.95', prune: '0.2', excludeLongRange: true })
    command
      .option('--components <n>', 'how many', integerOption('components', 1, 100), 10)
      .option(
        '--most <n>',
        'at most so many variants, evenly spread',
        integerOption('most', 100, 2_000_000_000),
        100_000,
      )
      .option(
        '--outliers <sd>',
        'people so many standard deviations from the mean define no component (default: all do)',
      )
      .option(
        '--reference <folder>',
        'project onto the components in this folder, written by upturn pca, or of these genotypes',
      )
  },
  async run(genotypes, options) {
    const asked = {
      ...tableOptions(genotypes, options),
      ...choiceOptions(options),
      components: Number(options.components),
      most: Number(options.most),
      outlierSd: options.outliers === undefined ? null : positiveNumber('outliers', options.outliers),
    }
    if (options.reference !== undefined) {
      const { projectTables } = await import('../../study/genotype-tables/project.ts')
      const onto = String(options.reference)
      const { source, ...found } = await inWorkshop('pca', options, (workshop) =>
        projectTables({ ...asked, onto }, workshop),
      )
      if (options.json) print({ ok: true, out: asked.out, ...found, imported: source })
      else
        print(
          [
            `${sayCount(found.people)} people placed on ${found.components} components by ${sayCount(found.matched)} of the reference's ${sayCount(found.reference)} variants (${sayCount(found.exchanged)} with alleles exchanged; ${sayCount(found.ambiguous)} strand-ambiguous ones left out).`,
            ...importLines(source),
            'Projection pulls people towards zero: the column shrinkage of the reference says by how much.',
            ...found.files.map((file) => `${asked.out}/${file}`),
          ].join('\n'),
        )
      return exitCode.done
    }
    const { pcaTables } = await import('../../study/genotype-tables/pca.ts')
    const { source, ...found } = await inWorkshop('pca', options, (workshop) => pcaTables(asked, workshop))
    if (options.json) print({ ok: true, out: asked.out, ...found, imported: source })
    else
      print(
        [
          `${found.components} components of ${sayCount(found.people)} people over ${sayCount(found.variants)} variants; the first ${found.informative} stand out from noise.`,
          ...importLines(source),
          ...(found.outliers.length === 0 ? [] : [`  outliers: ${found.outliers.join(', ')}`]),
          ...found.files.map((file) => `${asked.out}/${file}`),
        ].join('\n'),
      )
    return exitCode.done
  },
}
