/** Variants chosen for the tests that need every person, and the null label sets they are tried on. */
export interface PreparedRecords {
  words: number
  /** The bit of each person. */
  bits: Int32Array
  /** Prepared records of hard calls, one after another. */
  records: Uint8Array
  recordBins: Int32Array
  /** Copies of alt by person of those with dosages, NaN where missing; null for the others. */
  dosages: (Float64Array | null)[]
  /** Null label sets, one plane after another. */
  planes: Uint8Array
}

/** Copies of alt by person of every record, NaN where missing. */
export function copiesOfRecords({ words, bits, records, dosages }: PreparedRecords): Float64Array[] {
  const bitAt = (from: number, bit: number) => (records[from + (bit >> 3)] >> (bit & 7)) & 1
  return dosages.map((dosed, v) => {
    if (dosed !== null) return dosed
    const from = v * 16 * words
    return Float64Array.from(bits, (bit) => {
      const low = bitAt(from, bit)
      const high = bitAt(from + 8 * words, bit)
      return low + high === 2 ? Number.NaN : low + 2 * high
    })
  })
}
