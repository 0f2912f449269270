import { UpturnError } from '../../errors/index.ts'
import { sayCount } from '../../results/say.ts'
import { type CliCommand, print } from '../command.ts'
import { exitCode } from '../failure.ts'
import {
  choiceOptions,
  defineChoice,
  defineTables,
  importLines,
  inWorkshop,
  tableOptions,
} from '../genotype-options.ts'

export const kinship: CliCommand = {
  usage: 'kinship <genotypes...>',
  summary: 'KING-robust kinship of pairs of people, and what they are to each other',
  define(command) {
    defineTables(command, 'kinship')
    defineChoice(command, { maf: '0', callRate: '0', prune: 'none' })
    command.option('--least <kinship>', 'list pairs of at least this kinship (default: every pair)')
  },
  async run(genotypes, options) {
    const { kinshipTables } = await import('../../study/genotype-tables/kinship.ts')
    const least = options.least === undefined ? undefined : Number(options.least)
    if (least !== undefined && !(least <= 0.5))
      throw new UpturnError('BadArgument', `--least takes a kinship, at most 0.5, not ${String(options.least)}`)
    const asked = { ...tableOptions(genotypes, options), ...choiceOptions(options), least }
    const { source, ...found } = await inWorkshop('kinship', options, (workshop) => kinshipTables(asked, workshop))
    if (options.json) print({ ok: true, out: asked.out, ...found, imported: source })
    else
      print(
        [
          `${sayCount(found.people)} people compared on ${sayCount(found.variants)} autosomal variants.`,
          ...importLines(source),
          ...Object.entries(found.pairs).map(([name, count]) => `  ${sayCount(count)} pairs: ${name}`),
          ...found.files.map((file) => `${asked.out}/${file}`),
        ].join('\n'),
      )
    return exitCode.done
  },
}
