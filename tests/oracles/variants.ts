import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'

/** Genotypes (0, 1, 2, -1 missing) by id out of a small VCF, in the order of its samples. */
export function readGenotypes(file: URL): Map<string, Int8Array> {
  const codes: Record<string, number> = { '0/0': 0, '0/1': 1, '1/1': 2, './.': -1 }
  const lines = gunzipSync(readFileSync(file)).toString('utf8').split('\n')
  return new Map(
    lines
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => {
        const fields = line.split('\t')
        return [fields[2], Int8Array.from(fields.slice(9), (g) => codes[g])]
      }),
  )
}

/** A tab-separated file with a header, as objects. */
export function readTsv(file: URL): Record<string, string>[] {
  const [header, ...rows] = readFileSync(file, 'utf8').trim().split('\n')
  const names = header.split('\t')
  return rows.map((row) => Object.fromEntries(row.split('\t').map((cell, i) => [names[i], cell])))
}
