// Writes dist/report/fonts.json: the faces that a report carries inside itself, Latin subset, WOFF2 in base64, with
// their licences beside it.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../', import.meta.url))
const faces = [
  ['Source Serif 4', '@fontsource/source-serif-4', 400, 'normal'],
  ['Source Serif 4', '@fontsource/source-serif-4', 400, 'italic'],
  ['Source Serif 4', '@fontsource/source-serif-4', 600, 'normal'],
  ['Inter', '@fontsource/inter', 400, 'normal'],
  ['Inter', '@fontsource/inter', 600, 'normal'],
]

const fonts = faces.map(([family, from, weight, style]) => {
  const folder = `${root}node_modules/${from}/`
  const file = `${from.split('/')[1]}-latin-${weight}-${style}.woff2`
  const { latin } = JSON.parse(readFileSync(`${folder}unicode.json`, 'utf8'))
  return {
    family,
    weight,
    style,
    woff2: readFileSync(`${folder}files/${file}`).toString('base64'),
    unicodeRange: latin,
  }
})
mkdirSync(`${root}dist/report`, { recursive: true })
writeFileSync(`${root}dist/report/fonts.json`, JSON.stringify(fonts))
const licences = [...new Set(faces.map(([, from]) => from))].map(
  (from) => `${from}\n\n${readFileSync(`${root}node_modules/${from}/LICENSE`, 'utf8')}`,
)
writeFileSync(`${root}dist/report/fonts-LICENSE.txt`, licences.join('\n\n'))
