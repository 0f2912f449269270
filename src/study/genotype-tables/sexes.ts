import { openTable } from '../../clinical/index.ts'
import { UpturnError } from '../../errors/index.ts'
import type { Host } from '../../host/host.ts'
import { idNames, sexOf } from '../phenotypes.ts'

/** Recorded sex by sample id, from a table with a column of ids and one called `sex`. */
export async function readSexes(
  path: string,
  host: Host,
  signal: AbortSignal,
): Promise<Map<string, 'female' | 'male' | null>> {
  const source = await host.open(path)
  try {
    const table = await openTable(source, signal)
    const find = (what: string, wanted: readonly string[]): number => {
      const at = table.header.findIndex((name) => wanted.includes(name.toLowerCase()))
      if (at < 0)
        throw new UpturnError('ColumnMissing', `no column is the ${what} (${wanted.join(', ')})`, {
          place: { file: path, line: 1 },
        })
      return at
    }
    const id = find('sample id', idNames)
    const sex = find('sex', ['sex'])
    const sexes = new Map<string, 'female' | 'male' | null>()
    for await (const batch of table.rows)
      for (const { line, cells } of batch) {
        const sample = cells[id].trim()
        if (sexes.has(sample))
          throw new UpturnError('ValueInvalid', `${sample} is named twice`, {
            place: { file: path, line, column: id + 1 },
          })
        sexes.set(sample, sexOf(cells[sex].trim(), { file: path, line, column: sex + 1 }))
      }
    return sexes
  } finally {
    await source.close()
  }
}
