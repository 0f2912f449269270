import { sayCount } from '../../results/say.ts'
import { type CliCommand, list, print } from '../command.ts'
import { exitCode } from '../failure.ts'
import { defineTables, importLines, inWorkshop, tableOptions } from '../genotype-options.ts'

export const quality: CliCommand = {
  usage: 'quality <genotypes...>',
  summary: 'counts, frequency, missing calls and Hardy-Weinberg of every variant; calls, F and sex of every person',
  define: (command) => {
    defineTables(command, 'variants, samples and summary.json').option(
      '--columns <names>',
      'of variants, parted by commas; all unless some are named',
    )
  },
  async run(genotypes, options) {
    const asked = tableOptions(genotypes, options)
    const { source, counts, files } = await inWorkshop('quality', options, async (workshop) => {
      // Loaded while the workers start.
      const { chosenFacts, qualityTables } = await import('../../study/genotype-tables/quality.ts')
      const facts = options.columns === undefined ? undefined : chosenFacts(list(String(options.columns)))
      return qualityTables({ ...asked, facts }, workshop)
    })
    const { samples, ...summary } = counts
    if (options.json) print({ ok: true, out: asked.out, files, people: samples.length, ...summary, imported: source })
    else {
      const variants = Object.entries(counts.variants).filter(([, count]) => count > 0)
      print(
        [
          `${sayCount(samples.length)} people; variants: ${variants.map(([kind, count]) => `${sayCount(count)} ${kind}`).join(', ')}.`,
          ...importLines(source),
          `F is taken over ${sayCount(counts.commonAutosomes)} common autosomal variants, sex over ${sayCount(counts.commonX)} on X.`,
          ...files.map((file) => `${asked.out}/${file}`),
        ].join('\n'),
      )
    }
    return exitCode.done
  },
}
