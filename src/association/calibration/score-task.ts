import type { ChunkTask } from '../../compute/task.ts'
import { inclusionProbabilities, type LabelScheme, LabelSets } from '../../statistics/labels/index.ts'
import { efficientScores, efficientScoresWithin } from '../efficient-score.ts'
import { countBins, levels } from './levels.ts'
import { copiesOfRecords, type PreparedRecords } from './records.ts'

/** Label sets by which p is found: with the one that is judged every level is a whole number of them. */
export const scoreSets = 9999

export interface ScoreCalibrationSetup extends PreparedRecords {
  columns: Float64Array[]
  risks: Float64Array
  scheme: LabelScheme
  seed: number
  /** Number of each person's matched set; null where the design has none. */
  sets: Int32Array | null
}

export interface ScoreCalibrationResult {
  /** Rejections [bin][level][null label set]. */
  rejections: Int32Array
}

/** How many of the ascending values lie at or above one, up to rounding. */
function atLeast(sorted: Float64Array, value: number): number {
  const limit = value * (1 - 1e-12)
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (sorted[middle] < limit) low = middle + 1
    else high = middle
  }
  return sorted.length - low
}

/**
 * The efficient score of fixed variants under each null label set: p is (b + 1) / (m + 1) among 9,999 label sets that are drawn apart from the null ones and from
 * the study's. The lead's own p stops early where it is large, which changes no rejection at the levels in expectation.
 */
export function calibrateScore(setup: ScoreCalibrationSetup): ScoreCalibrationResult {
  const { scheme, seed, planes, words, bits, recordBins, columns, risks, sets } = setup
  const draws = new LabelSets(scheme)
  const reference = Array.from({ length: scoreSets }, (_, r) =>
    draws.draw(seed, 'association/calibration efficient score', r),
  )
  const replicates = planes.length / (8 * words)
  const nulls = Array.from({ length: replicates }, (_, r) => {
    const from = 8 * words * r
    return Int32Array.from(bits.keys()).filter((i) => ((planes[from + (bits[i] >> 3)] >> (bits[i] & 7)) & 1) === 1)
  })
  const inclusion = inclusionProbabilities(scheme)
  const rejections = new Int32Array(countBins.length * levels.length * replicates)
  copiesOfRecords(setup).forEach((copies, v) => {
    const called = copies.map((g) => (Number.isNaN(g) ? -1 : g))
    const scores =
      sets === null ? efficientScores(called, columns, risks) : efficientScoresWithin(called, columns, risks, sets)
    const expected = scores.reduce((sum, s, i) => sum + inclusion[i] * s, 0)
    const distance = (cases: Int32Array) => Math.abs(cases.reduce((sum, i) => sum + scores[i], 0) - expected)
    const sorted = Float64Array.from(reference, distance).sort()
    nulls.forEach((cases, r) => {
      const place = atLeast(sorted, distance(cases)) + 1
      levels.forEach(({ alpha }, level) => {
        if (place <= Math.round(alpha * (scoreSets + 1)))
          rejections[(recordBins[v] * levels.length + level) * replicates + r]++
      })
    })
  })
  return { rejections }
}

export const calibrationScoreTask: ChunkTask<ScoreCalibrationSetup, null, ScoreCalibrationResult> = {
  name: 'association/calibration efficient score',
  async prepare(setup) {
    return () => calibrateScore(setup)
  },
}
