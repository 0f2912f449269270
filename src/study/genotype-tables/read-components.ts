import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { UpturnError } from '../../errors/index.ts'
import type { VariantLoadings } from '../../genotypes/ancestry/loadings.ts'
import type { ReferenceComponents } from '../../genotypes/ancestry/project.ts'
import type { ColumnBatch, Host, TableSchema } from '../../host/host.ts'
import { type ComponentsSummary, loadingsTable } from '../../results/genotype-tables.ts'

/** Bytes beyond which a table of loadings is none: 10 million variants. */
const largestTable = 2 ** 31
const mostComponents = 100

const isFile = async (path: string) => (await stat(path).catch(() => undefined))?.isFile() === true

/** Whether a folder holds what `upturn pca` writes. */
export const holdsComponents = (folder: string): Promise<boolean> => isFile(join(folder, 'pca.json'))

/** Reads the loadings that `upturn pca` wrote, as a reference to project others onto. */
export async function readComponents(host: Host, folder: string): Promise<ReferenceComponents> {
  const summary = await readSummary(host, join(folder, 'pca.json'))
  const schema = loadingsTable(summary.components)
  const variants: VariantLoadings[] = []
  const parquet = join(folder, 'loadings.parquet')
  const batches = (await isFile(parquet))
    ? host.tables.read(parquet, schema)
    : readText(host, join(folder, 'loadings.tsv'), schema)
  for await (const batch of batches) variants.push(loadingsOf(batch, summary.components))
  return { build: summary.build, components: summary.components, variants }
}

async function readSummary(host: Host, path: string): Promise<ComponentsSummary> {
  const damaged = (cause?: unknown) =>
    new UpturnError('FileDamaged', 'this is no summary of components; run upturn pca again', {
      place: { file: path },
      cause,
    })
  const source = await host.open(path)
  let summary: ComponentsSummary
  try {
    if (source.size > 1 << 26) throw damaged()
    summary = JSON.parse(new TextDecoder().decode(await source.read(0, source.size))) as ComponentsSummary
  } catch (error) {
    throw error instanceof UpturnError ? error : damaged(error)
  } finally {
    await source.close()
  }
  const { build, components } = summary
  if (typeof build !== 'string' || !Number.isInteger(components) || components < 1 || components > mostComponents)
    throw damaged()
  return summary
}

function loadingsOf(batch: ColumnBatch, components: number): VariantLoadings {
  const texts = (name: string) => batch[name].map((cell) => String(cell ?? ''))
  const numbers = (name: string) =>
    Float64Array.from(batch[name], (cell) => (cell === null ? Number.NaN : Number(cell)))
  const columns = Array.from({ length: components }, (_, c) => numbers(`pc${c + 1}`))
  const frequency = numbers('alt_frequency')
  return {
    keys: {
      chromosome: texts('chromosome'),
      position: Int32Array.from(batch.position, Number),
      ref: texts('ref'),
      alt: texts('alt'),
      rsid: texts('rsid'),
    },
    frequency,
    loadings: Float64Array.from(
      { length: components * frequency.length },
      (_, i) => columns[i % components][Math.floor(i / components)],
    ),
  }
}

const rowsABatch = 8192

/** Rows of a text table whose columns are those of the schema. */
async function* readText(host: Host, path: string, schema: TableSchema): AsyncIterable<ColumnBatch> {
  const source = await host.open(path)
  try {
    const damaged = (line: number, what: string) =>
      new UpturnError('FileDamaged', `${what}; run upturn pca again`, { place: { file: path, line } })
    if (source.size > largestTable) throw damaged(1, 'the table of loadings is too large')
    const decoder = new TextDecoder()
    const names = schema.columns.map(({ name }) => name)
    const cells = (): Record<string, (string | number)[]> => Object.fromEntries(names.map((name) => [name, []]))
    let batch = cells()
    let rows = 0
    let line = 0
    let rest = ''
    for (let at = 0; at < source.size; ) {
      const end = Math.min(source.size, at + (1 << 20))
      const text = rest + decoder.decode(await source.read(at, end), { stream: end < source.size })
      at = end
      const lines = text.split('\n')
      rest = lines.pop() ?? ''
      for (const row of lines) {
        line++
        const values = row.split('\t')
        if (line === 1) {
          if (row !== names.join('\t')) throw damaged(1, 'the columns are not those of loadings')
          continue
        }
        if (values.length !== names.length) throw damaged(line, `a line has ${values.length} cells`)
        schema.columns.forEach(({ name, type }, c) => {
          const value = type === 'string' ? values[c] : Number(values[c])
          if (typeof value === 'number' && (values[c] === '' || !Number.isFinite(value)))
            throw damaged(line, `${name} is no number`)
          batch[name].push(value)
        })
        if (++rows === rowsABatch) {
          yield batch
          batch = cells()
          rows = 0
        }
      }
    }
    if (rest !== '') throw damaged(line + 1, 'the last line does not end')
    if (rows > 0) yield batch
  } finally {
    await source.close()
  }
}
