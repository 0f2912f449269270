import { Option } from 'commander'
import { type CliCommand, interruption, print } from '../command.ts'
import { exitCode } from '../failure.ts'
import { resultsFolder } from './run.ts'

export const exportCommand: CliCommand = {
  usage: 'export <study>',
  summary: 'scores and calls of a study as Phenopackets, FHIR observations or TSV, under pseudonyms',
  define(command) {
    command
      .addOption(
        new Option('--as <kind>', 'what to write').choices(['phenopackets', 'calls', 'fhir']).makeOptionMandatory(),
      )
      .option('--out <folder>', 'results folder of the study (default: results/ beside the study file)')
      .option('--file <file>', 'where to write (default: exports/ in the results folder)')
      .option('--keep-ids', 'keep the ids of the study instead of pseudonyms')
  },
  async run([file], options) {
    const { loadStudy } = await import('../../study/load.ts')
    const { exportStudy } = await import('../../study/export.ts')
    const { notice } = await import('../../study/run.ts')
    const loaded = await loadStudy(file)
    const { signal, release } = interruption()
    try {
      const written = await exportStudy(
        loaded,
        {
          out: resultsFolder(file, options),
          kind: options.as as 'calls',
          keepIds: options.keepIds === true,
          ...(typeof options.file === 'string' && { file: options.file }),
        },
        signal,
      )
      print(
        options.json
          ? { ok: true, ...written }
          : [
              `${written.people} people: ${written.files.join(', ')}`,
              ...(written.ids === null
                ? ['Ids are those of the study.']
                : [`Ids are pseudonyms; ${written.ids} leads back to the people and must not leave with the files.`]),
              'Controlled access: scores over time can tell who somebody is.',
              notice,
            ].join('\n'),
      )
      return exitCode.done
    } finally {
      release()
    }
  },
}
