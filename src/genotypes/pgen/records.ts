import { UpturnError } from '../../errors/index.ts'
import { kernels } from '../../numerics/kernels.ts'
import { recordBytes, wordsPerPlane } from '../store/layout.ts'

/** A refused record, with the byte of the data where decoding stopped. */
export interface RecordFailure {
  readonly record: number
  readonly byte: number
  /** Number of the refusal. */
  readonly code: number
  readonly message: string
  /** The record is whole, but of a kind that is not read. */
  readonly unread: boolean
}

/** How people stand in a file and in the planes. */
export interface PeopleOrder {
  readonly samples: number
  /** Bit of each sample, -1 to leave one out. */
  readonly permutation: Int32Array
  /** People in the planes. */
  readonly people: number
}

/** Records one behind another. */
export interface PgenRecords {
  readonly data: Uint8Array
  /** Bytes of each record. */
  readonly lengths: Uint32Array
  readonly types: Uint8Array
  /** Alternate alleles of each. */
  readonly alts: Int32Array
  /** The variant whose record the first ones may refer to: its main track, or null where none does. */
  readonly base: { readonly data: Uint8Array; readonly type: number } | null
  /** Records of a BED file, whose two bits mean something else. */
  readonly plink1: boolean
}

/** Takes what was decoded: planes of alternate alleles [first, first + count) of a record. Valid during the call. */
export type TakeRecord = (
  record: number,
  first: number,
  count: number,
  planes: Uint8Array,
  at: number,
  dosages: Uint16Array | undefined,
) => void

const early = 'the record ends too early'
const refusals: Readonly<Record<number, string>> = {
  1: early,
  2: 'bytes are left behind the last track',
  3: 'its main track is of a kind that is reserved',
  4: 'it refers to an earlier variant, but there is none',
  5: 'the two common categories are none',
  6: 'a list of people is longer than there are people',
  7: 'people of a list are not in order, or beyond the last',
  8: 'a group of a list has another size than is declared',
  9: 'a number is too long',
  10: 'it has calls of a second alternate allele where the variant has one',
  11: 'calls of other alternate alleles are stored in a way that is reserved',
  12: 'a call of another alternate allele belongs to nobody who could have it',
  13: 'a call names an allele that the variant does not have',
  14: 'a dosage is above two copies',
  15: 'the variant has dosages of several alternate alleles, for which the PGEN specification has no final form; write the file again with plink2 --make-pgen erase-dosage, or split the variant before importing dosages',
  16: 'it has phases of dosages, but no dosages',
  17: 'somebody has a call, but a missing dosage',
  18: 'the call and the dosage of somebody are more than half a copy apart, which the PGEN specification forbids; import the dosages again, or write the file again with plink2 --make-pgen erase-dosage',
  19: 'the phase of a dosage is out of range',
  20: 'somebody is listed as an exception with a common category',
  21: 'it has phases, but no heterozygous calls',
}
const unreadCodes: ReadonlySet<number> = new Set([3, 11, 15, 18])

function refused(record: number, byte: number, code: number): RecordFailure {
  return { record, byte, code, message: refusals[code], unread: unreadCodes.has(code) }
}

/** Bytes of planes, and of dosages, of one kernel call. */
const capacityBytes = 512 << 10

// Slots of the kernel's state.
const slotRecord = 0
const slotAt = 1

/**
 * Decodes records of a PGEN file (PLINK 2 File Format Specification, "Variant records"). A person's number is the copies
 * of that alternate allele; a dosage is in 16384ths of a copy, 65535 missing, given where somebody's is no whole number.
 * Phase is passed over. Memory does not depend on the number of records or alleles.
 */
export function decodeRecords(records: PgenRecords, order: PeopleOrder, take: TakeRecord): RecordFailure | undefined {
  const { data, lengths, types, alts, base, plink1 } = records
  const { samples, permutation, people } = order
  if (permutation.length !== samples || lengths.length !== types.length || lengths.length !== alts.length)
    throw new UpturnError('Internal', 'PGEN records do not fit the number of samples and variants')
  for (const bit of permutation)
    if (bit < -1 || bit >= people) throw new UpturnError('Internal', 'a person has no place in the planes')
  const words = wordsPerPlane(people)
  const bytesPerRecord = recordBytes(people)
  const planeCapacity = Math.max(16, Math.floor(capacityBytes / bytesPerRecord))
  const dosageCapacity = Math.max(1, Math.floor(capacityBytes / (128 * words)))
  const inOrder = samples === people && permutation.every((bit, s) => bit === s) ? 1 : 0
  const k = kernels()
  return k.scope(() => {
    const dataAt = k.put(data)
    const permutationAt = k.put(permutation.map((bit) => (bit < 0 ? 64 * words : bit)))
    const workAt = k.allocate(k.call.pgenWorkspaceBytes(samples, words))
    const planesAt = k.allocate(planeCapacity * bytesPerRecord)
    const dosagesAt = k.allocate(types.some((type) => (type & 0x60) !== 0) ? dosageCapacity * 128 * words : 0)
    const endsAt = k.put(lengths)
    const typesAt = k.put(types)
    const altsAt = k.put(alts)
    const fractionsAt = k.allocate(lengths.length)
    const stateAt = k.allocate(16)
    const baseAt = base === null ? 0 : k.put(base.data)
    k.call.pgenBegin(workAt, samples, permutationAt, words)
    let hasBase = 0
    if (base !== null) {
      const code = k.call.pgenBase(
        baseAt,
        base.data.length,
        base.type,
        samples,
        permutationAt,
        words,
        inOrder,
        workAt,
        planesAt,
        stateAt,
      )
      if (code !== 0) return refused(-1, k.i32(stateAt, 2)[slotAt], code)
      hasBase = 1
    }
    const state = k.i32(stateAt, 4)
    const planes = k.u8(planesAt, planeCapacity * bytesPerRecord)
    const fractions = k.u8(fractionsAt, lengths.length)
    // Ends of the records of one call are counted from its first.
    const ends = k.u32(endsAt, lengths.length)
    let at = 0
    for (let r = 0; r < lengths.length; ) {
      let count = 0
      let planesUsed = 0
      let dosagesUsed = 0
      let end = 0
      while (r + count < lengths.length) {
        const alleles = Math.min(alts[r + count], planeCapacity)
        const dosed = (types[r + count] & 0x60) !== 0 ? 1 : 0
        const fits = planesUsed + alleles <= planeCapacity && dosagesUsed + dosed <= dosageCapacity
        if (count > 0 && (!fits || alts[r + count] > planeCapacity)) break
        planesUsed += alleles
        dosagesUsed += dosed
        end += lengths[r + count]
        ends[r + count] = end
        count++
        if (alts[r] > planeCapacity) break
      }
      for (let first = 1; first === 1 || first <= alts[r]; first += planeCapacity) {
        const code = k.call.pgenRecords(
          dataAt + at,
          endsAt + 4 * r,
          typesAt + r,
          altsAt + 4 * r,
          count,
          first,
          planeCapacity,
          plink1 ? 1 : 0,
          hasBase,
          samples,
          permutationAt,
          words,
          inOrder,
          workAt,
          planesAt,
          dosagesAt,
          fractionsAt + r,
          stateAt,
        )
        const whole = code === 0 ? count : state[slotRecord]
        let plane = 0
        let dosage = 0
        for (let j = r; j < r + whole; j++) {
          const alleles = Math.min(planeCapacity, alts[j] - first + 1)
          const fractional = fractions[j] !== 0
          const values = fractional ? k.u16(dosagesAt + dosage * 128 * words, people) : undefined
          take(j, first, alleles, planes, plane * bytesPerRecord, values)
          plane += alleles
          if ((types[j] & 0x60) !== 0) dosage++
        }
        if (code !== 0) return refused(r + whole, at + state[slotAt], code)
        if (alts[r] <= planeCapacity) break
      }
      hasBase = 1
      at += end
      r += count
    }
    return undefined
  })
}
