import { type CliCommand, print } from '../command.ts'
import { exitCode } from '../failure.ts'
import { defineTables, importLines, inWorkshop, tableOptions } from '../genotype-options.ts'

export const quality: CliCommand = {
  usage: 'quality <genotypes...>',
  summary: 'counts, frequency, missing calls and Hardy-Weinberg of every variant; calls, F and sex of every person',
  define: (command) => {
    defineTables(command, 'variants, samples and summary.json')
  },
  async run(genotypes, options) {
    const asked = tableOptions(genotypes, options)
    const { source, counts, files } = await inWorkshop('quality', options, async (workshop) => {
      // Loaded while the workers start.
      const { qualityTables } = await import('../../study/genotype-tables/quality.ts')
      return qualityTables(asked, workshop)
    })
    const { samples, ...summary } = counts
    if (options.json) print({ ok: true, out: asked.out, files, people: samples.length, ...summary, imported: source })
    else {
      const variants = Object.entries(counts.variants).filter(([, count]) => count > 0)
      print(
        [
          `${samples.length.toLocaleString('en')} people; variants: ${variants.map(([kind, count]) => `${count.toLocaleString('en')} ${kind}`).join(', ')}.`,
          ...importLines(source),
          `F is taken over ${counts.commonAutosomes.toLocaleString('en')} common autosomal variants, sex over ${counts.commonX.toLocaleString('en')} on X.`,
          ...files.map((file) => `${asked.out}/${file}`),
        ].join('\n'),
      )
    }
    return exitCode.done
  },
}
