import type { ChunkTask } from '../../compute/task.ts'
import { kernels } from '../../numerics/kernels.ts'
import type { FamilySummary } from '../../results/association.ts'
import {
  allelicTable,
  cochranArmitage,
  dominantTable,
  fisherTest,
  freemanHalton,
  type GenotypeTable,
  recessiveTable,
  type TwoByTwoTable,
} from '../../statistics/exact/index.ts'
import type { LabelScheme } from '../../statistics/labels/index.ts'
import { CountMemo } from '../count-memo.ts'
import { blockReader, GenotypeCounter, type ScanBlock, type ScanChunk, type ScanSetup, visitVariants } from '../scan.ts'
import { FamilyTable, TrendTables } from '../tables.ts'
import { countBins, countLevels, exactTests, levels } from './levels.ts'

export interface CalibrationSetup {
  scan: ScanSetup
  people: number
  cases: number
  /** How they are drawn, and the bit of each person. */
  masks: FamilySummary['masks']
  /** The tests of the bare table ignore matched sets. */
  matched: boolean
  scheme: LabelScheme
  bits: Int32Array
  /** Null label sets, one plane after another. */
  planes: Uint8Array
  /** Of the kept variants every `stride`-th of the store is used for the exact tests. */
  stride: number
  /** Every so many-th of the store may be handed on for Firth. */
  firthStride: number
  /** Variants of each minor-allele-count bin that a chunk hands on for Firth. */
  quota: number
}

export interface CalibrationResult {
  /** Polymorphic variants used, by bin. */
  variants: Int32Array
  /** Rejections [test][bin][level][replicate]. */
  rejections: Int32Array
  /** Prepared records of variants for Firth and their bins. */
  records: Uint8Array
  recordBins: Int32Array
  /** Their indexes in the store. */
  recordIndex: Int32Array
}

/** log p of Fisher's 2x2 tests and of the asymptotic trend, of tables met before. */
class TableTests {
  readonly #fisher = new CountMemo(
    6,
    (caseRef, caseHet, caseAlt, controlRef, controlHet, controlAlt) =>
      freemanHalton({ caseRef, caseHet, caseAlt, controlRef, controlHet, controlAlt }).logP,
  )
  readonly #twoByTwo = new CountMemo(
    4,
    (caseWith, caseWithout, controlWith, controlWithout) =>
      fisherTest({ caseWith, caseWithout, controlWith, controlWithout }).logP,
  )

  #ofTwo({ caseWith, caseWithout, controlWith, controlWithout }: TwoByTwoTable): number {
    return this.#twoByTwo.get(caseWith, caseWithout, controlWith, controlWithout)
  }

  /** Fisher 2x3, allelic, dominant, recessive, asymptotic trend. */
  of(t: GenotypeTable): [number, number, number, number, number] {
    return [
      this.#fisher.get(t.caseRef, t.caseHet, t.caseAlt, t.controlRef, t.controlHet, t.controlAlt),
      this.#ofTwo(allelicTable(t)),
      this.#ofTwo(dominantTable(t)),
      this.#ofTwo(recessiveTable(t)),
      cochranArmitage(t).logP,
    ]
  }
}

/** One chunk of the exact tests under null labels, over blocks in memory. */
export function calibrateExact(setup: CalibrationSetup, blocks: readonly ScanBlock[]): CalibrationResult {
  const k = kernels()
  return k.scope(() => {
    const { words, included } = setup.scan
    const sets = setup.planes.length / (8 * words)
    const planes = k.put(setup.planes)
    const counts = k.allocate(12 * sets)
    const counter = new GenotypeCounter(words, [included])
    const trend = new TrendTables(setup.people)
    const names = exactTests(setup.masks, setup.matched)
    const ownTable = setup.masks === 'uniform' ? null : new FamilyTable(setup.scheme, setup.bits, words, trend)
    const others = new TableTests()
    const variants = new Int32Array(countBins.length)
    const rejections = new Int32Array(names.length * countBins.length * levels.length * sets)
    const records: Uint8Array[] = []
    const recordBins: number[] = []
    const recordIndex: number[] = []
    const taken = new Int32Array(countBins.length)
    visitVariants(setup.scan, blocks, ({ index, inheritance, record }) => {
      if ((inheritance === 1 || inheritance === 2) && !setup.scan.sexKnown) return
      const [[n0, n1, n2]] = counter.count(record)
      const called = n0 + n1 + n2
      if (Math.max(n0, n1, n2) === called) return
      const bin = countLevels(Math.min(n1 + 2 * n2, n1 + 2 * n0))
      if (taken[bin] < setup.quota && index % setup.firthStride === 0 && inheritance === 0) {
        taken[bin]++
        records.push(k.u8(record, 16 * words).slice())
        recordBins.push(bin)
        recordIndex.push(index)
      }
      if (index % setup.stride !== 0) return
      variants[bin]++
      k.call.labelsCount(record, words, planes, sets, counts)
      const seen = k.i32(counts, 3 * sets).slice()
      const met = new Map<number, readonly number[]>()
      const rows = new Map<number, { logP: Float64Array; logMidp: Float64Array }>()
      const ownOf = (c: number, t: number): readonly number[] => {
        if (ownTable === null) return []
        let row = rows.get(c)
        if (row === undefined) {
          const { logP, logMidp } = ownTable.whole(record, n0, n1, n2, c)
          row = { logP: logP.slice(), logMidp: logMidp.slice() }
          rows.set(c, row)
        }
        return [row.logP[t], row.logMidp[t]]
      }
      for (let r = 0; r < sets; r++) {
        const [het, alt, missing] = [seen[3 * r], seen[3 * r + 1], seen[3 * r + 2]]
        const key = (missing * (setup.cases + 1) + het) * (setup.cases + 1) + alt
        let logs = met.get(key)
        if (logs === undefined) {
          const c = setup.cases - missing
          const table = trend.get(n0, n1, n2, c)
          const t = het + 2 * alt
          const counts = {
            caseRef: c - het - alt,
            caseHet: het,
            caseAlt: alt,
            controlRef: n0 - c + het + alt,
            controlHet: n1 - het,
            controlAlt: n2 - alt,
          }
          logs = [...ownOf(c, t), table.logP[t], table.logMidp[t], ...others.of(counts)]
          met.set(key, logs)
        }
        for (let test = 0; test < logs.length; test++)
          for (let level = 0; level < levels.length; level++)
            if (logs[test] <= levels[level].log)
              rejections[((test * countBins.length + bin) * levels.length + level) * sets + r]++
      }
    })
    const bytes = new Uint8Array(records.length * 16 * words)
    records.forEach((one, i) => {
      bytes.set(one, i * 16 * words)
    })
    return {
      variants,
      rejections,
      records: bytes,
      recordBins: Int32Array.from(recordBins),
      recordIndex: Int32Array.from(recordIndex),
    }
  })
}

export const calibrationTask: ChunkTask<CalibrationSetup, ScanChunk, CalibrationResult> = {
  name: 'association/calibration',
  async prepare(setup, host) {
    const read = blockReader(host, setup.scan.store)
    return async (chunk, signal) => calibrateExact(setup, await read(chunk, signal))
  },
}
