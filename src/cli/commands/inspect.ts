import { describeError, isUpturnError } from '../../errors/index.ts'
import type { GenotypeInspection, ReferenceSequence } from '../../genotypes/index.ts'
import { sayCount } from '../../results/say.ts'
import { bgenOptions, type CliCommand, interruption, openOptionsOf, print } from '../command.ts'
import { exitCode } from '../failure.ts'
import { defineFilters, filtersGiven } from '../selection.ts'

export const inspect: CliCommand = {
  usage: 'inspect <files...>',
  summary: 'what genotype files hold, or what is wrong with them; reads every byte',
  define(command) {
    command.option('--reference <fasta>', 'compare every reference allele with this FASTA file')
    bgenOptions(command)
    defineFilters(command)
  },
  async run(files, options) {
    const { inspectGenotypes, withReference } = await import('../../genotypes/index.ts')
    const { nodeHost } = await import('../../host/node/index.ts')
    const { installNodeKernels } = await import('../../host/node/kernels.ts')
    installNodeKernels()
    const host = nodeHost()
    const { signal, release } = interruption()
    const look = async (file: string, reference?: ReferenceSequence): Promise<number> => {
      try {
        const found = await inspectGenotypes(file, host, signal, {
          reference,
          open: openOptionsOf(options),
          selection: { filters: filtersGiven(options) },
        })
        print(options.json ? { ...found, file, ok: true } : described(file, found))
        return exitCode.done
      } catch (error) {
        if (!isUpturnError(error) || error.code === 'Internal' || error.code === 'Interrupted') throw error
        const { line, column } = error.place
        if (options.json) print({ file, ok: false, error: { code: error.code, message: error.message, line, column } })
        else
          process.stderr.write(`upturn: ${error.place.file === undefined ? `${file}: ` : ''}${describeError(error)}\n`)
        return exitCode.wrongInput
      }
    }
    try {
      return await withReference(host, options.reference as string | undefined, { signal }, async ({ reference }) => {
        let code: number = exitCode.done
        for (const file of files) code = Math.max(code, await look(file, reference))
        return code
      })
    } finally {
      release()
    }
  },
}

function described(file: string, found: GenotypeInspection): string {
  const number = (n: number) => sayCount(n)
  const dosages = found.variantsWithDosages > 0 ? ` (${number(found.variantsWithDosages)} with dosages)` : ''
  const compared = found.reference
  return [
    `${file}: ${found.format}, ${number(found.samples)} people, ${number(found.variants)} variants${dosages}, digest ${found.digest.slice(0, 16)}`,
    ...(compared === null
      ? []
      : [
          `  ${number(compared.compared)} compared with ${compared.file}: ${number(compared.exchanged)} SNVs had reference and alternate exchanged, ${number(compared.leftAligned)} indels were not left-aligned`,
        ]),
    ...Object.entries(found.dropped).map(([reason, count]) => `  left out on import: ${count}, ${reason}`),
    ...found.notes.map((note) => `  ${note}`),
  ].join('\n')
}
