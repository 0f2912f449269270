import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'

const oracles = fileURLToPath(new URL('../../tests/oracles/', import.meta.url))

/** Text of a file in tests/oracles, unzipped. */
export function text(path) {
  const bytes = readFileSync(oracles + path)
  return (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8')
}

/** A tab-separated table with a header, given without .tsv, as objects of text. */
export function table(path) {
  const [head, ...lines] = text(`${path}.tsv`).trim().split('\n')
  const names = head.split('\t')
  return lines.map((line) => Object.fromEntries(line.split('\t').map((cell, i) => [names[i], cell])))
}

/** Rows of cells parted by blanks. */
export const cells = (path) =>
  text(path)
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/))

/** Genotypes (0, 1, 2, -1 missing) by id out of a small VCF, in the order of its samples. */
export function genotypes(path) {
  const codes = { '0/0': 0, '0/1': 1, '1/1': 2, './.': -1 }
  return new Map(
    text(path)
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => {
        const fields = line.split('\t')
        return [fields[2], Int8Array.from(fields.slice(9), (g) => codes[g])]
      }),
  )
}
