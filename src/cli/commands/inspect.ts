import { describeError, isUpturnError } from '../../errors/index.ts'
import { type CliCommand, interruption, print } from '../command.ts'
import { exitCode } from '../failure.ts'

export const inspect: CliCommand = {
  usage: 'inspect <files...>',
  summary: 'what genotype files hold, or what is wrong with them; reads every byte',
  define: () => undefined,
  async run(files, options) {
    const { inspectGenotypes } = await import('../../genotypes/index.ts')
    const { nodeHost } = await import('../../host/node/index.ts')
    const { installNodeKernels } = await import('../../host/node/kernels.ts')
    installNodeKernels()
    const host = nodeHost()
    const { signal, release } = interruption()
    let code: number = exitCode.done
    try {
      for (const file of files) {
        try {
          const found = await inspectGenotypes(file, host, signal)
          print(
            options.json
              ? { ...found, file, ok: true }
              : `${file}: ${found.format}, ${found.samples.toLocaleString('en')} people, ${found.variants.toLocaleString('en')} variants${found.variantsWithDosages > 0 ? ` (${found.variantsWithDosages.toLocaleString('en')} with dosages)` : ''}, digest ${found.digest.slice(0, 16)}${Object.entries(
                  found.dropped,
                )
                  .map(([reason, count]) => `\n  left out on import: ${count}, ${reason}`)
                  .join('')}`,
          )
        } catch (error) {
          if (!isUpturnError(error) || error.code === 'Internal' || error.code === 'Interrupted') throw error
          code = exitCode.wrongInput
          const { line, column } = error.place
          if (options.json)
            print({ file, ok: false, error: { code: error.code, message: error.message, line, column } })
          else
            process.stderr.write(
              `upturn: ${error.place.file === undefined ? `${file}: ` : ''}${describeError(error)}\n`,
            )
        }
      }
      return code
    } finally {
      release()
    }
  },
}
