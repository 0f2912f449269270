import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { makeFolder, writeWhole } from '../host/node/files.ts'
import type { ReportFigure } from '../report/index.ts'

/** Figures are rendered at twice their size, for print and for dense screens. */
const pixelRatio = 2

/** The fonts of the PNG figures, out of a package, so that figures do not differ by machine. */
function figureFonts(): string[] {
  const folder = join(dirname(createRequire(import.meta.url).resolve('dejavu-fonts-ttf/package.json')), 'ttf')
  return ['DejaVuSans.ttf', 'DejaVuSans-Bold.ttf', 'DejaVuSans-Oblique.ttf', 'DejaVuSerif.ttf'].map((name) =>
    join(folder, name),
  )
}

/** Writes each figure as SVG and PNG into `folder`. */
export async function writeFigures(
  folder: string,
  figures: readonly ReportFigure[],
  progress: (share: number) => void = () => undefined,
): Promise<void> {
  await makeFolder(folder)
  const { Resvg } = await import('@resvg/resvg-js')
  const fontFiles = figureFonts()
  for (const [index, figure] of figures.entries()) {
    await writeWhole(join(folder, `${figure.name}.svg`), figure.svg)
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
    await writeWhole(join(folder, `${figure.name}.png`), image.render().asPng())
    progress((index + 1) / figures.length)
  }
}
