import { decodeKeys } from '../genotypes/store/keys.ts'
import { log } from '../numerics/special.ts'
import { type TextColumn, tableRows } from '../numerics/table-rows.ts'
import { publishedFrequency, ssfKey, ssfMissing, ssfPlace } from '../results/gwas-ssf.ts'
import { type ChunkRows, countNames, limitNames, statusNames } from './chunk-rows.ts'
import { FamilyMinima } from './family-minima.ts'
import { flagText } from './flags.ts'

/** What the rows say beside their own tests. */
export interface HowRowsAreSaid {
  /** The first family's minima, log p; null without label sets. */
  minima: Float64Array | null
  /** Log p of the lead under label sets of its own, by index in the store. */
  permutation: { index: number; logP: number }[]
  /** The test whose p is `primary_p`: the exact trend under the family's label sets, or Firth. */
  primary: 'family' | 'firth'
  /** Make the rows of GWAS-SSF too. */
  ssf: boolean
}

/** A chunk's rows as lines of text. */
export interface RowsText {
  /** Lines of `associationsTable`, every column. */
  lines: Uint8Array<ArrayBuffer>
  /** Lines of GWAS-SSF, where they were asked for. */
  ssf: Uint8Array<ArrayBuffer> | null
  /** Log of each row's family-wise p, NaN where it has none. */
  familyWise: Float64Array
}

const encoder = new TextEncoder()

/**
 * A chunk's rows as text. Rows of another coding of men are outside the family and have neither `primary_p` nor `family_p` nor
 * `permutation_p`.
 * @param maleCopies copies for which a man's one allele on X counts
 * @param spare a buffer for the lines
 */
export function rowsText(chunk: ChunkRows, said: HowRowsAreSaid, maleCopies: 1 | 2, spare?: ArrayBuffer): RowsText {
  const n = chunk.rows
  const none = new Float64Array(n).fill(Number.NaN)
  const inFamily = maleCopies === 2
  const familyWise = inFamily && said.minima !== null ? familyWiseLogs(chunk.family, n, said.minima) : none
  const permutation = none.slice()
  if (inFamily && said.permutation.length > 0)
    for (let i = 0; i < n; i++)
      permutation[i] = said.permutation.find(({ index }) => index === chunk.index[i])?.logP ?? Number.NaN
  const logs = (values: Float64Array): TextColumn => ({ kind: 'logs', values })
  const numbers = (values: Float64Array): TextColumn => ({ kind: 'numbers', values })
  const odds = (values: Float64Array): TextColumn => ({ kind: 'exponentials', values })
  const texts = (codes: ArrayLike<number>, names: readonly string[]): TextColumn => ({
    kind: 'texts',
    codes: Int32Array.from(codes),
    texts: names,
  })
  const status = texts(chunk.status.subarray(0, n), statusNames)
  const lines = tableRows(
    [
      { kind: 'lines', lines: chunk.lines },
      { kind: 'wholes', ...wholeCells(chunk) },
      texts(
        Array.from(chunk.inheritance.subarray(0, n), (way) => [-1, 0, 0, 1][way]),
        [`0/${maleCopies}`, 'haploid 0/2'],
      ),
      ...[chunk.callRate, chunk.maf, chunk.hweP, chunk.leastP].map(numbers),
      ...[chunk.trend, chunk.trendMid, chunk.fisher, chunk.firth].map(logs),
      logs(!inFamily ? none : said.primary === 'firth' ? chunk.firth : chunk.family),
      logs(familyWise),
      logs(permutation),
      odds(chunk.beta),
      numbers(chunk.se),
      odds(chunk.low),
      odds(chunk.high),
      texts(chunk.limits.subarray(0, n), limitNames),
      status,
      flagTexts(chunk.flags.subarray(0, n)),
    ],
    n,
    { missing: '', infinite: true },
    spare,
  )
  return { lines, ssf: said.ssf ? ssfLines(chunk, status) : null, familyWise }
}

function familyWiseLogs(family: Float64Array, rows: number, sorted: Float64Array): Float64Array {
  const minima = new FamilyMinima(sorted)
  return family.slice(0, rows).map((logP) => (Number.isNaN(logP) ? logP : log(minima.familyP(logP))))
}

function linesOf(rows: number, line: (row: number) => string): TextColumn {
  let text = ''
  for (let i = 0; i < rows; i++) text += line(i)
  return { kind: 'lines', lines: encoder.encode(text) }
}

/** People called in each group, then the counts; those of one sex are missing elsewhere than on X and Y. */
function wholeCells({ rows, counts, inheritance }: ChunkRows): { values: Int32Array; width: number } {
  const width = countNames.length + 2
  const values = new Int32Array(width * rows)
  for (let i = 0; i < rows; i++) {
    const from = countNames.length * i
    const to = width * i
    values[to] = counts[from] + counts[from + 1] + counts[from + 2]
    values[to + 1] = counts[from + 3] + counts[from + 4] + counts[from + 5]
    const sexed = inheritance[i] === 1 || inheritance[i] === 2
    for (let c = 0; c < countNames.length; c++) values[to + 2 + c] = c < 6 || sexed ? counts[from + c] : -1
  }
  return { values, width }
}

function flagTexts(flags: Int32Array): TextColumn {
  const codes = new Map<number, number>()
  const codeOf = (bits: number) => {
    const known = codes.get(bits)
    if (known !== undefined) return known
    codes.set(bits, codes.size)
    return codes.size - 1
  }
  return { kind: 'texts', codes: flags.map(codeOf), texts: Array.from(codes.keys(), flagText) }
}

function ssfLines(chunk: ChunkRows, status: TextColumn): Uint8Array<ArrayBuffer> {
  const { rows, counts } = chunk
  const { chromosome, position, ref, alt, rsid } = decodeKeys(chunk.lines, rows, 'variants.bin')
  const frequency = new Float64Array(rows)
  const people = new Int32Array(rows)
  for (let i = 0; i < rows; i++) {
    const from = countNames.length * i
    frequency[i] = publishedFrequency(counts[from + 3], counts[from + 4], counts[from + 5])
    for (let c = from; c < from + 6; c++) people[i] += counts[c]
  }
  return tableRows(
    [
      linesOf(rows, (i) => ssfPlace(chromosome[i], position[i], ref[i], alt[i])),
      { kind: 'exponentials', values: chunk.beta },
      { kind: 'numbers', values: chunk.se },
      { kind: 'numbers', values: frequency },
      { kind: 'negativeLogs', values: chunk.firth },
      { kind: 'exponentials', values: chunk.low },
      { kind: 'exponentials', values: chunk.high },
      linesOf(rows, (i) => ssfKey(chromosome[i], position[i], ref[i], alt[i], rsid[i])),
      { kind: 'wholes', values: people, width: 1 },
      { kind: 'negativeLogs', values: chunk.trend },
      { kind: 'negativeLogs', values: chunk.trendMid },
      status,
    ],
    rows,
    { missing: ssfMissing, infinite: false },
  )
}
