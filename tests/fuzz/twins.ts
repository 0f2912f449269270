import { chromosomeRank, chromosomes } from '../../src/genotypes/import/chromosome.ts'
import type { Calls } from './read-calls.ts'

// What accepted files say, worked out in the plainest way from their bytes: a file that a reader accepts must give the same.

/** Key of a variant with shared bases trimmed, or null where there is none. */
function keyOf(chromosome: string, position: number, ref: string, alt: string): string | null {
  const rank = chromosomeRank(chromosome)
  if (rank < 0 || position < 1) return null
  let [r, a, at] = [ref.toUpperCase(), alt.toUpperCase(), position]
  if (r === a) return null
  while (r.length > 1 && a.length > 1 && r.at(-1) === a.at(-1)) [r, a] = [r.slice(0, -1), a.slice(0, -1)]
  while (r.length > 1 && a.length > 1 && r[0] === a[0]) [r, a, at] = [r.slice(1), a.slice(1), at + 1]
  return `${chromosomes[rank]} ${at} ${r} ${a}`
}

const byCodeUnit = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)

/** Columns of people in the order of their ids. */
const order = (ids: readonly string[]) => ids.map((_, s) => s).sort((a, b) => byCodeUnit(ids[a], ids[b]))

/** Copies of alternate allele `alt` in a GT value as text; 3 for no call. */
function copies(gt: string, alt: number): number {
  const alleles = gt.replace(/^[/|]/, '').split(/[/|]/)
  if (alleles.includes('.') || alleles.length > 2) return 3
  const found = alleles.filter((allele) => Number(allele) === alt).length
  return alleles.length === 1 ? 2 * found : found
}

/** Calls of VCF text whose records have no DS. */
export function vcfTwin(bytes: Uint8Array): Calls {
  const lines = new TextDecoder().decode(bytes).split('\n')
  if (lines.at(-1) === '') lines.pop()
  const calls: [string, string][] = []
  let people: number[] = []
  for (const raw of lines) {
    const line = raw.endsWith('\r') ? raw.slice(0, -1) : raw
    if (line.startsWith('##')) continue
    const cells = line.split('\t')
    if (line.startsWith('#CHROM')) {
      people = order(cells.slice(9))
      continue
    }
    const [chromosome, position, , ref, alts, , filter, , format] = cells
    if (filter !== 'PASS' && filter !== '.') continue
    if (format === undefined || format.split(':')[0] !== 'GT' || alts === '.') continue
    for (const [k, alt] of alts.split(',').entries()) {
      if (!/^[ACGTNacgtn]+$/.test(alt) || !/^[ACGTNacgtn]+$/.test(ref)) continue
      const key = keyOf(chromosome, Number(position), ref, alt)
      if (key === null) continue
      calls.push([key, people.map((s) => copies(cells[9 + s].split(':')[0], k + 1)).join('')])
    }
  }
  return calls
}

/** Calls of a PLINK 1 file by the bytes of its three parts. */
export function bedTwin(bed: Uint8Array, bim: Uint8Array, fam: Uint8Array): Calls {
  const rows = (of: Uint8Array) =>
    new TextDecoder()
      .decode(of)
      .split('\n')
      .map((line) => line.split(/[ \t\r]+/).filter((field) => field !== ''))
      .filter((fields) => fields.length > 0)
  const people = rows(fam)
  const columns = order(people.map((row) => row[1]))
  const each = Math.ceil(people.length / 4)
  const codes = [2, 3, 1, 0]
  return rows(bim).flatMap(([chromosome, , , position, alt, ref], v): [string, string][] => {
    if (!/^[ACGTNacgtn]+$/.test(alt) || !/^[ACGTNacgtn]+$/.test(ref)) return []
    const key = keyOf(chromosome, Number(position), ref, alt)
    if (key === null) return []
    return [[key, columns.map((s) => codes[(bed[3 + v * each + (s >> 2)] >> (2 * (s & 3))) & 3]).join('')]]
  })
}
