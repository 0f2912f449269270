// Writes what the docs repeat from the code: docs/errors/ from the catalogue, docs/study.schema.json from the schema, the rules of intake, pages of
// numbers from the statistics.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { errorCatalogue } from '../dist/errors/index.js'
import { studyJsonSchema } from '../dist/study/schema.js'
import { reconstructedTable } from './pages/reconstructed-table.js'

const docs = fileURLToPath(new URL('../docs/', import.meta.url))
rmSync(`${docs}errors`, { recursive: true, force: true })
mkdirSync(`${docs}errors`, { recursive: true })
for (const [code, { meaning, remedy }] of Object.entries(errorCatalogue))
  writeFileSync(`${docs}errors/${code}.md`, `# ${code}\n\n${meaning}\n\n**What to do.** ${remedy}\n`)
writeFileSync(`${docs}study.schema.json`, `${JSON.stringify(studyJsonSchema(), null, 2)}\n`)

const root = new URL('../', import.meta.url)
const load = (path) => import(new URL(`dist/${path}`, root).href)
const { installKernels } = await load('numerics/kernels.js')
installKernels(new WebAssembly.Module(readFileSync(fileURLToPath(new URL('kernels/build/kernels.wasm', root)))))
const { findingRules } = await load('clinical/index.js')
const sources = `${docs}clinical-sources.md`
writeFileSync(
  sources,
  readFileSync(sources, 'utf8').replace(
    /(\| code \| action \|.*\n\|[-|]+\n)(?:\|.*\n)*/,
    (_, head) =>
      head +
      Object.entries(findingRules)
        .map(([code, { action, message }]) => `| \`${code}\` | ${action} | ${message} |\n`)
        .join(''),
  ),
)
const special = await load('numerics/special.js')
writeFileSync(
  `${docs}statistics/reconstructed-table.md`,
  reconstructedTable(await load('association/test-table.js'), await load('statistics/index.js'), special),
)
