// Writes what the docs repeat from the code: docs/errors/ from the catalogue, docs/study.schema.json from the schema.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { errorCatalogue } from '../dist/errors/index.js'
import { studyJsonSchema } from '../dist/study/schema.js'

const docs = fileURLToPath(new URL('../docs/', import.meta.url))
rmSync(`${docs}errors`, { recursive: true, force: true })
mkdirSync(`${docs}errors`, { recursive: true })
for (const [code, { meaning, remedy }] of Object.entries(errorCatalogue))
  writeFileSync(`${docs}errors/${code}.md`, `# ${code}\n\n${meaning}\n\n**What to do.** ${remedy}\n`)
writeFileSync(`${docs}study.schema.json`, `${JSON.stringify(studyJsonSchema(), null, 2)}\n`)
