import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { UpturnError } from '../../errors/index.ts'
import type { Manifest } from '../../results/manifest.ts'
import { type CliCommand, print } from '../command.ts'
import { exitCode } from '../failure.ts'
import { resultsFolder } from './run.ts'

export const status: CliCommand = {
  usage: 'status <study>',
  summary: 'what is done and what is current',
  define(command) {
    command.option('--out <folder>', 'results folder (default: results/ beside the study file)')
  },
  async run([file], options) {
    const out = resultsFolder(file, options)
    let manifest: Manifest
    try {
      manifest = JSON.parse(await readFile(join(out, 'manifest.json'), 'utf8')) as Manifest
    } catch (cause) {
      throw new UpturnError('FileNotFound', 'there is no finished run here; use upturn run', {
        place: { file: join(out, 'manifest.json') },
        cause,
      })
    }
    if (options.json) print({ ok: true, ...manifest })
    else {
      print(`${manifest.study}, Upturn ${manifest.upturn}, result digest ${manifest.resultDigest.slice(0, 16)}`)
      for (const stage of manifest.stages)
        print(
          `  ${stage.stage.padEnd(12)} ${stage.digest.slice(0, 12)}  ${stage.seconds.toFixed(1).padStart(7)} s  ${stage.cached ? 'unchanged' : `${stage.chunks} chunks, ${stage.chunksReused} reused`}`,
        )
    }
    return exitCode.done
  },
}
