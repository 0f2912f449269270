import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { deflateRawSync } from 'node:zlib'
import { writeWhole } from '../../host/node/files.ts'
import { type EmbeddedFont, renderReport } from '../../report/index.ts'
import { readResults } from '../../results/index.ts'
import { writeFigures } from '../figures.ts'
import type { Stage } from '../stage.ts'

export const report: Stage = {
  name: 'report',
  version: 4,
  reads: [
    'visits',
    'measures',
    'calls',
    'genotypes',
    'quality',
    'ancestry',
    'matching',
    'calibration',
    'association',
    'loci',
    'regions',
    'biomarkers',
    'survival',
    'replication',
    'planning',
  ],
  publish: ['report.html', 'plain.html', 'figures/'],
  parameters: (study) => study,
  inputs: async () => [],
  async run(context) {
    const { host } = context.workshop
    const { manifest, out } = context.provenance()
    const results = await readResults(out, host, manifest)
    const fonts = JSON.parse(
      await readFile(new URL('../../report/fonts.json', import.meta.url), 'utf8'),
    ) as EmbeddedFont[]
    context.workshop.progress('drawing', 0.1)
    const { html, plain, figures } = renderReport(results, {
      fonts,
      sha256: (bytes) => new Uint8Array(createHash('sha256').update(bytes).digest()),
      deflateRaw: (bytes) => deflateRawSync(bytes),
    })
    await writeWhole(context.file('report.html'), html)
    await writeWhole(context.file('plain.html'), plain)
    await writeFigures(context.file('figures'), figures, (share) =>
      context.workshop.progress('drawing', 0.1 + 0.9 * share),
    )
  },
}
