import { UpturnError } from '../../errors/index.ts'
import { kernels } from '../../numerics/kernels.ts'
import type { ReferenceAllele } from '../import/file.ts'
import { dosageRowLimit } from '../store/dosages.ts'
import { recordBytes, wordsPerPlane } from '../store/layout.ts'
import type { PlacedBytes } from './inflate.ts'

/** People of a file and of the planes. */
export interface BgenColumns {
  readonly samples: number
  readonly people: number
  /** Bit of each person of the file in the planes, -1 to leave one out. */
  readonly permutation: Int32Array
  /** `isInOrder` of them. */
  readonly inOrder: boolean
  readonly ref: ReferenceAllele
}

/** Whether people stand in the planes as in the file. */
export function isInOrder({ samples, people, permutation }: Omit<BgenColumns, 'inOrder'>): boolean {
  return samples === people && permutation.every((bit, s) => bit === s)
}

/**
 * Takes what a store holds of one alternate allele, by its index: the record of its hard calls at byte `record` of
 * `planes`, and its row of dosages, undefined where all are whole numbers. Both are views of scratch memory: copy them.
 */
export type TakeAllele = (alternate: number, planes: Uint8Array, record: number, row: Uint8Array | undefined) => void

const slots = 2
const slotSample = 0
const slotPloidy = 1

const refusals: Readonly<Record<number, string>> = {
  1: 'the probabilities add up to more than one',
  2: 'the ploidy is outside the limits that the variant gives, or has an undefined bit',
  3: 'the probabilities end too early',
  4: 'there are more probabilities than the people have',
}

/**
 * Dosages and hard calls of one variant of layout 1: three 16-bit probabilities a person, in 32768ths, taken relative to
 * their sum; a sum above 1.02 is refused, three zeros are missing.
 *
 * Here and below a dosage is the expected number of copies of the alternate allele in 16384ths, rounded to the nearest,
 * ties to even (in layout 2 there are none), and the hard call is that of `hardCall`.
 * @param data 6 bytes a person
 * @returns calls of more than two alleles: none
 */
export function decodeLayout1(data: PlacedBytes, columns: BgenColumns, take: TakeAllele): number {
  if (data.length !== 6 * columns.samples)
    throw new UpturnError('FileDamaged', 'the genotypes do not fit the number of people')
  return decode(columns, 1, take, (out, _stride, state) =>
    kernels().call.bgenTriples(data.at, columns.samples, columns.ref === 'last' ? 1 : 0, out, state),
  )
}

/**
 * Dosages and hard calls of one variant of layout 2 (BGEN 1.3, "Genotype data block, layout 2"). A haploid call counts as
 * two equal copies; one of more than two copies is missing and counted, one of none is missing.
 * @param alleles of the variant's identifying data
 * @returns calls of more than two alleles
 */
export function decodeLayout2(data: PlacedBytes, alleles: number, columns: BgenColumns, take: TakeAllele): number {
  const { samples } = columns
  if (data.length < samples + 10) throw new UpturnError('FileDamaged', 'the genotypes end too early')
  const bytes = kernels().u8(data.at, data.length)
  const view = new DataView(bytes.buffer, data.at, data.length)
  const refuse = (message: string): never => {
    throw new UpturnError('FormatInvalid', message)
  }
  if (view.getUint32(0, true) !== samples)
    refuse(`the genotypes are those of ${view.getUint32(0, true)} people, the file has ${samples}`)
  if (view.getUint16(4, true) !== alleles)
    refuse(`the genotypes are those of ${view.getUint16(4, true)} alleles, the variant has ${alleles}`)
  const [leastPloidy, mostPloidy] = bytes.subarray(6, 8)
  const phased = bytes[8 + samples]
  const bits = bytes[9 + samples]
  if (leastPloidy > mostPloidy || mostPloidy > 63) refuse(`the ploidy cannot be ${leastPloidy} to ${mostPloidy}`)
  if (phased > 1) refuse(`the phase flag is ${phased}, neither 0 nor 1`)
  if (bits < 1 || bits > 32) refuse(`probabilities cannot have ${bits} bits, only 1 to 32`)
  return decode(columns, alleles - 1, take, (out, stride, state) => {
    const k = kernels()
    return k.call.bgenProbabilities(
      data.at + 8,
      data.at + 10 + samples,
      data.length - 10 - samples,
      samples,
      alleles,
      columns.ref === 'last' ? 1 : 0,
      leastPloidy,
      mostPloidy,
      phased,
      bits,
      k.allocate(8 * alleles),
      out,
      stride,
      state,
    )
  })
}

/** Runs a kernel that fills one row of dosages an alternate allele, and brings them into the order of the planes. */
function decode(
  { samples, people, permutation, inOrder }: BgenColumns,
  alternates: number,
  take: TakeAllele,
  fill: (out: number, stride: number, state: number) => number,
): number {
  const words = wordsPerPlane(people)
  const bytesPerRecord = recordBytes(people)
  // A place beyond the planes for people who are left out; rows begin at a multiple of 16 bytes.
  const row = 64 * words + 8
  // Rows of the kernel are rows of the planes where nobody moves; then they must be as wide.
  const stride = inOrder ? row : 8 * Math.ceil(samples / 8)
  const k = kernels()
  return k.scope(() => {
    const stateAt = k.allocate(4 * slots)
    const filledAt = k.allocate(2 * stride * alternates)
    const permutationAt = inOrder ? 0 : k.put(permutation.map((bit) => (bit < 0 ? 64 * words : bit)))
    const placedAt = inOrder ? filledAt : k.allocate(2 * row)
    const planesAt = k.allocate(bytesPerRecord)
    const encodedAt = k.allocate(dosageRowLimit(64 * words))
    const state = k.i32(stateAt, slots)
    state.fill(0)
    // People beyond the last have no copies.
    if (inOrder) for (let a = 0; a < alternates; a++) k.u16(filledAt + 2 * (stride * a + people), row - people).fill(0)
    else k.u16(placedAt, row).fill(0)
    const code = fill(filledAt, stride, stateAt)
    if (code !== 0) {
      const person = k.i32(stateAt, slots)[slotSample] + 1
      throw new UpturnError('FormatInvalid', `person ${person}: ${refusals[code]}`, { details: { person } })
    }
    // Views of memory that no longer grows.
    const planes = k.u8(planesAt, bytesPerRecord)
    for (let a = 0; a < alternates; a++) {
      const filled = filledAt + 2 * stride * a
      if (!inOrder) k.call.placeDosages(filled, samples, permutationAt, placedAt)
      const fractions = k.call.encodeDosages(inOrder ? filled : placedAt, words, planesAt, encodedAt)
      take(a, planes, 0, fractions === 0 ? undefined : k.u8(encodedAt, 8 * words + 2 * fractions))
    }
    return k.i32(stateAt, slots)[slotPloidy]
  })
}
