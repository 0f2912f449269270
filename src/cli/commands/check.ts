import { type CliCommand, print } from '../command.ts'
import { exitCode } from '../failure.ts'

export const check: CliCommand = {
  usage: 'check <study>',
  summary: 'say every mistake of a study at once, before any long work',
  define: () => undefined,
  async run([file], options) {
    const { loadStudy } = await import('../../study/load.ts')
    const { checkStudy } = await import('../../study/check.ts')
    const loaded = await loadStudy(file)
    const found = await checkStudy(loaded, loaded.study.calibration.cases === undefined ? undefined : 'calibration')
    if (options.json) print({ ok: true, study: loaded.study.name, ...found })
    else print([`${file} fits.`, ...found.facts.map((fact) => `  ${fact}`)].join('\n'))
    return exitCode.done
  },
}
