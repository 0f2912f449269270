import type { ScanBlock } from './scan.ts'

/** The key lines of the rows that a scan comes to, one after another. */
export class LinesTaken {
  readonly #out: Uint8Array
  #end = 0
  /** Rows [from, to) of a block that are not copied yet. */
  #block: ScanBlock | undefined
  #from = 0
  #to = 0

  constructor(blocks: readonly ScanBlock[]) {
    this.#out = new Uint8Array(blocks.reduce((sum, { lines }) => sum + lines.length, 0))
  }

  /** Rows come in their order. */
  add(block: ScanBlock, row: number): void {
    if (block !== this.#block || row !== this.#to) {
      this.#copy()
      this.#block = block
      this.#from = row
    }
    this.#to = row + 1
  }

  #copy(): void {
    if (this.#block === undefined) return
    const { lines, places } = this.#block
    const run = lines.subarray(places.start[this.#from], places.start[this.#to])
    this.#out.set(run, this.#end)
    this.#end += run.length
  }

  /** Everything added; nothing is added after it. */
  taken(): Uint8Array {
    this.#copy()
    return this.#out.subarray(0, this.#end)
  }
}

const tab = 9

/** A and T, or C and G: the other strand has the same two. */
export function strandAmbiguous({ lines, places }: ScanBlock, row: number): boolean {
  const at = places.ref[row]
  return lines[at + 1] === tab && lines[at + 3] === tab && partner(lines[at]) === lines[at + 2]
}

/** The base that the other strand has, as a byte; -1 for what is none. */
function partner(base: number): number {
  switch (base) {
    case 65: // A
      return 84
    case 84: // T
      return 65
    case 67: // C
      return 71
    case 71: // G
      return 67
    default:
      return -1
  }
}
