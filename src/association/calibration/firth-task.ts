import type { ChunkTask } from '../../compute/task.ts'
import { isUpturnError } from '../../errors/index.ts'
import { kernels } from '../../numerics/kernels.ts'
import { MatchedFirth } from '../../statistics/conditional-logistic/index.ts'
import { batches, FirthBatch, FirthWorkspace, lanes, testLastColumn } from '../../statistics/firth/index.ts'
import { fitNull } from '../../statistics/logistic/index.ts'
import { countBins, levels } from './levels.ts'
import { copiesOfRecords, type PreparedRecords } from './records.ts'

export interface FirthCalibrationSetup extends PreparedRecords {
  columns: Float64Array[]
  /** Number of each person's matched set: Firth is then the conditional one. */
  sets: Int32Array | null
}

/** Label sets [first, last). */
export interface ReplicateRange {
  first: number
  last: number
}

export interface FirthCalibrationResult {
  /** Rejections [bin][level][replicate of the range]. */
  rejections: Int32Array
  /** Fits that did not converge or were collinear: counted as not rejecting. */
  failed: number
}

/** Firth's test of a fixed set of variants under each label set. */
export function calibrateFirth(setup: FirthCalibrationSetup, range: ReplicateRange): FirthCalibrationResult {
  if (setup.sets !== null) return calibrateWithin(setup, setup.sets, range)
  const k = kernels()
  const sets = range.last - range.first
  const variants = setup.recordBins.length
  const rejections = new Int32Array(countBins.length * levels.length * sets)
  const called = setup.dosages.map((copies) => Array.from(copies ?? [], (x) => (Number.isNaN(x) ? 0 : 1)))
  let failed = 0
  for (let r = 0; r < sets; r++) {
    const from = (range.first + r) * 8 * setup.words
    const cases = Uint8Array.from(setup.bits, (bit) => (setup.planes[from + (bit >> 3)] >> (bit & 7)) & 1)
    const count = (v: number, logP: number) => {
      levels.forEach(({ log }, level) => {
        if (logP <= log) rejections[(setup.recordBins[v] * levels.length + level) * sets + r]++
      })
    }
    k.scope(() => {
      const start = startOf(cases, setup.columns)
      const model = new FirthWorkspace({ cases, columns: setup.columns })
      const startAt = k.put(start)
      const records = k.put(setup.records)
      const bits = k.put(setup.bits)
      const alone = (v: number) => {
        const dosages = setup.dosages[v]
        if (dosages === null) model.setGenotypes(records + v * 16 * setup.words, setup.words, bits)
        else model.setTested(dosages, called[v])
        const test = model.collinear() ? undefined : testLastColumn(model, startAt)
        if (test === undefined || !test.converged) failed++
        else count(v, test.logP)
      }
      const batch = batches(cases.length, setup.columns.length)
        ? new FirthBatch(cases, setup.columns, start.subarray(0, setup.columns.length + 1))
        : null
      const waiting: number[] = []
      const test = () => {
        if (batch === null || waiting.length === 0) return
        const at = waiting.map((v) => records + v * 16 * setup.words)
        batch.test(at, setup.words, bits).forEach(({ outcome, logP }, lane) => {
          if (outcome === 1) alone(waiting[lane])
          else if (outcome === 0) failed++
          else count(waiting[lane], logP)
        })
        waiting.length = 0
      }
      for (let v = 0; v < variants; v++) {
        if (batch === null || setup.dosages[v] !== null) {
          alone(v)
          continue
        }
        waiting.push(v)
        if (waiting.length === lanes) test()
      }
      test()
    })
  }
  return { rejections, failed }
}

/** The same within matched sets. */
function calibrateWithin(setup: FirthCalibrationSetup, of: Int32Array, range: ReplicateRange): FirthCalibrationResult {
  const { words, bits, columns, recordBins, planes } = setup
  const sets = range.last - range.first
  const rejections = new Int32Array(countBins.length * levels.length * sets)
  const copies = copiesOfRecords(setup)
  let failed = 0
  for (let r = 0; r < sets; r++) {
    const from = (range.first + r) * 8 * words
    const cases = Uint8Array.from(bits, (bit) => (planes[from + (bit >> 3)] >> (bit & 7)) & 1)
    const model = new MatchedFirth({ cases, sets: of, columns })
    copies.forEach((tested, v) => {
      const { logP } = model.test(tested)
      if (Number.isNaN(logP)) failed++
      levels.forEach(({ log }, level) => {
        if (logP <= log) rejections[(recordBins[v] * levels.length + level) * sets + r]++
      })
    })
  }
  return { rejections, failed }
}

/** Coefficients of the fit on covariates alone, then 0; zeros where null labels happen to be separated. */
function startOf(cases: Uint8Array, columns: Float64Array[]): Float64Array {
  const start = new Float64Array(columns.length + 2)
  try {
    const covariates = columns.map((values, j) => ({ name: `${j}`, values }))
    start.set(fitNull(cases, covariates).coefficients)
  } catch (error) {
    if (!isUpturnError(error, 'SeparatedByCovariate')) throw error
  }
  return start
}

export const calibrationFirthTask: ChunkTask<FirthCalibrationSetup, ReplicateRange, FirthCalibrationResult> = {
  name: 'association/calibration Firth',
  async prepare(setup) {
    return (range) => calibrateFirth(setup, range)
  },
}
