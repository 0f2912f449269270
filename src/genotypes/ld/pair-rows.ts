import type { ColumnBatch } from '../../host/host.ts'
import { kernels } from '../../numerics/kernels.ts'
import { TextRows } from '../../results/text-rows.ts'
import type { UsableBlock } from './usable-block.ts'

/** Bytes that ldRow writes for a pair. */
export const hitBytes = 32

/** Rows of the table `ld` (results/genotype-tables.ts): lines of text, or columns. */
export interface LdRows {
  pairs: number
  text: Uint8Array | null
  columns: ColumnBatch | null
}

interface Pair {
  /** Keys of the two, and where the first stands in the order of rows. */
  a: string
  b: string
  order: number
  people: number
  r: number
  dPrime: number
}

/** Collects pairs block by block and puts them in the order of the first variant, then of the second. */
export class PairRows {
  readonly #haplotypes: boolean
  readonly #text: TextRows | null
  readonly #columns: Record<string, (string | number)[]> | null
  #waiting: Pair[] = []
  #keys = new Map<number, string>()
  #pairs = 0

  constructor(haplotypes: boolean, rows: 'text' | 'columns') {
    this.#haplotypes = haplotypes
    this.#text = rows === 'text' ? new TextRows() : null
    this.#columns = rows === 'columns' ? {} : null
  }

  /** Takes `found` pairs of variant a of one block with variants of another from kernel memory at `out`. */
  take(out: number, found: number, one: UsableBlock, a: number, other: UsableBlock, from: number): void {
    const k = kernels()
    const whole = k.i32(out, (hitBytes / 4) * found)
    const doubles = k.f64(out, (hitBytes / 8) * found)
    const first = this.#key(one, a)
    for (let i = 0; i < found; i++)
      this.#waiting.push({
        a: first,
        b: this.#key(other, from + whole[8 * i]),
        order: one.index[a],
        people: whole[8 * i + 1],
        r: doubles[4 * i + 1],
        dPrime: doubles[4 * i + 2],
      })
  }

  #key(block: UsableBlock, v: number): string {
    const index = block.index[v]
    let key = this.#keys.get(index)
    if (key === undefined) {
      key = block.key(v)
      this.#keys.set(index, key)
    }
    return key
  }

  /** Ends the pairs of a block's first variants: what was taken so far is put in order. */
  close(): void {
    // The order is stable: of one variant's pairs those of nearer blocks were taken first.
    this.#waiting.sort((p, q) => p.order - q.order)
    for (const pair of this.#waiting) this.#add(pair)
    this.#pairs += this.#waiting.length
    this.#waiting = []
    this.#keys = new Map()
  }

  #add({ a, b, people, r, dPrime }: Pair): void {
    const second = b.slice(b.indexOf('\t') + 1)
    this.#text?.add(`${a}\t${second}\t${people}\t${r}\t${r * r}\t${this.#haplotypes ? dPrime : ''}\n`)
    if (this.#columns === null) return
    const [chromosome, ...one] = a.split('\t')
    const other = second.split('\t')
    const cells = {
      chromosome,
      ...keyCells(one, 'a'),
      ...keyCells(other, 'b'),
      people,
      r,
      r2: r * r,
      ...(this.#haplotypes && { d_prime: dPrime }),
    }
    for (const [name, cell] of Object.entries(cells)) {
      const column = this.#columns[name]
      if (column === undefined) this.#columns[name] = [cell]
      else column.push(cell)
    }
  }

  result(): LdRows {
    const columns = this.#columns
    if (columns !== null && !this.#haplotypes) {
      const rows = columns.chromosome?.length ?? 0
      return { pairs: this.#pairs, text: null, columns: { ...columns, d_prime: new Array<null>(rows).fill(null) } }
    }
    return { pairs: this.#pairs, text: this.#text?.bytes() ?? null, columns }
  }
}

function keyCells([position, ref, alt, rsid]: readonly string[], which: 'a' | 'b') {
  return {
    [`position_${which}`]: Number(position),
    [`ref_${which}`]: ref,
    [`alt_${which}`]: alt,
    [`rsid_${which}`]: rsid,
  }
}
