import { createHash } from 'node:crypto'
import { mkdir, readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { deflateRawSync } from 'node:zlib'
import { writeWhole } from '../../host/node/files.ts'
import { type EmbeddedFont, renderReport } from '../../report/index.ts'
import { readResults } from '../../results/index.ts'
import type { Stage } from '../stage.ts'

/** Figures are rendered at twice their size, for print and for dense screens. */
const pixelRatio = 2

/** The fonts of the PNG figures, out of a package, so that figures do not differ by machine. */
function figureFonts(): string[] {
  const folder = join(dirname(createRequire(import.meta.url).resolve('dejavu-fonts-ttf/package.json')), 'ttf')
  return ['DejaVuSans.ttf', 'DejaVuSans-Bold.ttf', 'DejaVuSans-Oblique.ttf', 'DejaVuSerif.ttf'].map((name) =>
    join(folder, name),
  )
}

export const report: Stage = {
  name: 'report',
  version: 1,
  reads: [
    'visits',
    'calls',
    'genotypes',
    'quality',
    'ancestry',
    'matching',
    'calibration',
    'association',
    'loci',
    'biomarkers',
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
    await mkdir(context.file('figures'), { recursive: true })
    const { Resvg } = await import('@resvg/resvg-js')
    const fontFiles = figureFonts()
    for (const [index, figure] of figures.entries()) {
      await writeWhole(context.file(`figures/${figure.name}.svg`), figure.svg)
      const image = new Resvg(figure.svg, {
        fitTo: { mode: 'zoom', value: pixelRatio },
        font: {
          loadSystemFonts: false,
          fontFiles,
          defaultFontFamily: 'DejaVu Sans',
          sansSerifFamily: 'DejaVu Sans',
          serifFamily: 'DejaVu Serif',
        },
        background: 'white',
      })
      await writeWhole(context.file(`figures/${figure.name}.png`), image.render().asPng())
      context.workshop.progress('drawing', 0.1 + (0.9 * (index + 1)) / figures.length)
    }
  },
}
