import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Calibration } from '../../results/calibration.ts'
import { type CliCommand, integerOption } from '../command.ts'
import { resultsFolder, runStudyCommand } from './run.ts'

export const calibrate: CliCommand = {
  usage: 'calibrate <study>',
  summary: 'type I error and power of every test on this very design, before unblinding',
  define(command) {
    command
      .option('--out <folder>', 'results folder (default: results/ beside the study file)')
      .option(
        '--cases <n>',
        'number of cases planned: works before any phenotype exists, nobody is asked who is one',
        integerOption('cases', 1, 2000),
      )
  },
  async run([file], options) {
    const code = await runStudyCommand(file, options, 'calibration')
    const { calibrationSvgs } = await import('../../report/index.ts')
    const out = resultsFolder(file, options)
    const calibration: Calibration = JSON.parse(await readFile(join(out, 'calibration.json'), 'utf8'))
    const figures = join(out, 'figures')
    await mkdir(figures, { recursive: true })
    for (const { name, svg } of calibrationSvgs(calibration)) await writeFile(join(figures, `${name}.svg`), svg)
    return code
  },
}
