// npm run bench NAME [ARGUMENTS]: runs one of the benchmarks of this folder, which says at its top what it compares.
import { existsSync, readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const helpers = [
  'run',
  'measure',
  'parquet',
  'cohort',
  'genotypes',
  'cost-stages',
  'cost-fit',
  'cost-page',
  'pro-act-size',
]
const folder = fileURLToPath(new URL('.', import.meta.url))
const [name] = process.argv.splice(2, 1)
if (name === undefined || helpers.includes(name) || !existsSync(`${folder}${name}.js`)) {
  const names = readdirSync(folder)
    .filter((file) => file.endsWith('.js'))
    .map((file) => file.slice(0, -3))
  console.error(`npm run bench NAME, where NAME is ${names.filter((own) => !helpers.includes(own)).join(', ')}`)
  process.exit(2)
}
await import(`./${name}.js`)
