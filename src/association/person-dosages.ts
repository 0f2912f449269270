import { type DosageRows, dosageMissing, dosageOne, readDosages } from '../genotypes/store/index.ts'
import type { Inheritance } from './scan.ts'

/** A block of the store as dosages are read from it. */
interface DosageBlock {
  genotypes: Uint8Array
  dosages?: DosageRows
}

/** What one variant's dosages say of the people of a design; overwritten by the next variant. */
export interface VariantDosages {
  /** One a person, in 16384ths of a copy of alt; 65535 where it is missing or sex forbids the hard call. */
  readonly units: Uint16Array
  /** The same memory in words of four bytes, as memos compare it. */
  readonly column: Int32Array
  /** The same as copies, 0 to 2; NaN where missing. */
  readonly copies: Float64Array
  /** Sum of the copies of alt of people with a dosage, men counted with one allele on X and Y and everyone on MT. */
  altAlleles: number
  alleles: number
}

/** Reads the dosages of variants for the people of a design. */
export class PersonDosages {
  readonly #bits: Int32Array
  readonly #plane: number
  readonly #male: Uint8Array
  readonly #maleCopies: 1 | 2
  readonly #row: Uint16Array
  readonly #found: VariantDosages

  /**
   * @param words 64-bit words of a bit plane of the store
   * @param bits each person's bit
   * @param males plane of the men
   * @param maleCopies copies for which a man's one allele on X counts
   */
  constructor(words: number, bits: Int32Array, males: Uint8Array, maleCopies: 1 | 2 = 2) {
    this.#maleCopies = maleCopies
    this.#bits = bits
    this.#plane = 8 * words
    this.#male = Uint8Array.from(bits, (bit) => (males[bit >> 3] >> (bit & 7)) & 1)
    this.#row = new Uint16Array(64 * words)
    const column = new Int32Array(Math.ceil(bits.length / 2))
    this.#found = {
      units: new Uint16Array(column.buffer, 0, bits.length),
      column,
      copies: new Float64Array(bits.length),
      altAlleles: 0,
      alleles: 0,
    }
  }

  /** Dosages of variant `row` of a block, undefined where it has none. */
  of({ genotypes, dosages }: DosageBlock, row: number, inheritance: Inheritance): VariantDosages | undefined {
    if (dosages === undefined || dosages.start[row] === dosages.start[row + 1]) return undefined
    readDosages(dosages, row, genotypes, this.#row)
    const { units, copies } = this.#found
    const low = 2 * this.#plane * row
    const high = low + this.#plane
    let alt = 0
    let alleles = 0
    for (let i = 0; i < units.length; i++) {
      const bit = this.#bits[i]
      const byte = bit >> 3
      const male = this.#male[i] === 1
      // As `labelsPrepare` does it with hard calls: no heterozygous man on X and Y, none on MT, no woman on Y.
      const het = (((genotypes[low + byte] & ~genotypes[high + byte]) >> (bit & 7)) & 1) === 1
      const forbidden =
        inheritance === 3 ? het : inheritance === 2 ? het || !male : inheritance === 1 ? het && male : false
      const dosage = forbidden ? dosageMissing : this.#row[bit]
      units[i] = dosage
      copies[i] = dosage === dosageMissing ? Number.NaN : dosage / dosageOne
      if (dosage === dosageMissing) continue
      const haploid = inheritance >= 2 || (inheritance === 1 && male)
      alt += haploid ? copies[i] / 2 : copies[i]
      alleles += haploid ? 1 : 2
      if (inheritance === 1 && male && this.#maleCopies === 1) copies[i] /= 2
    }
    this.#found.altAlleles = alt
    this.#found.alleles = alleles
    return this.#found
  }
}
