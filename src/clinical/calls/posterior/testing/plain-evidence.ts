import type { Evidence } from '../evidence.ts'
import { eventMonths, type Grids, holds, interceptDensity, leftAtEntry, rises, turnTimes } from '../grids.ts'
import { declinedMonths } from '../pace.ts'
import { levelRange, levelsPerPoint, perPoint } from '../scale.ts'
import { windowsOf } from '../windows.ts'

/** Half to even, as the kernels round. */
function nearest(x: number): number {
  const down = Math.floor(x)
  const rest = x - down
  return rest > 0.5 || (rest === 0.5 && down % 2 !== 0) ? down + 1 : down
}

/**
 * The plain twin of `CourseEvidence.weigh`: every course is followed from visit to visit and its likelihood added to its
 * family, without pruning. Slow.
 */
export function plainEvidence(
  grids: Grids,
  months: Float64Array,
  rows: readonly Float64Array[],
  regular: readonly Float64Array[],
  scores: ArrayLike<number>,
): Evidence {
  const n = months.length
  const span = months[n - 1]
  const range = levelRange(scores, grids.highest)
  const levels = (range.levels + 1) & ~1
  const first = (range.first + 8) * perPoint
  const pace = (t: number) => declinedMonths(t, grids.pace)
  const centre = pace(span) / 2
  const scoreOf = (level: number) => range.first + level / levelsPerPoint
  const at = (tables: readonly Float64Array[], k: number, level: number, points: number) => {
    const entry = first + nearest(points * perPoint) + 2 * level
    return tables[k][Math.max(0, Math.min(tables[k].length - 1, entry))]
  }
  /** Density of the score at the first visit; the tables of the kernel end 8 points beyond the scale. */
  const density = (level: number, points: number, loss: number) => {
    const entry = first + nearest(points * perPoint) + 2 * level
    if (entry < 0 || entry > (grids.highest + 16) * perPoint) return 0
    return interceptDensity(grids, entry / perPoint - 8, loss)
  }
  const product = (from: number, to: number, of: (k: number) => number) => {
    let p = 1
    for (let k = from; k < to; k++) p *= of(k)
    return p
  }

  const { fine, coarse } = grids
  const line = (tables: readonly Float64Array[]) => {
    let sum = 0
    fine.loss.forEach((loss, s) => {
      for (let l = 0; l < levels; l++)
        sum +=
          fine.never[s] *
          density(l, loss * centre, loss) *
          product(0, n, (k) => at(tables, k, l, loss * (centre - pace(months[k]))))
    })
    return sum
  }
  const decline = line(rows)

  const windows = windowsOf(months)
  let shift = 0
  let excursion = 0
  let spell = 0
  coarse.loss.forEach((loss, s) => {
    for (let l = 0; l < levels; l++) {
      const prior = coarse.never[s] * density(l, loss * centre, loss)
      const on = (k: number, by: number) => at(rows, k, l, by + loss * (centre - pace(months[k])))
      for (let boundary = 1; boundary < n; boundary++)
        for (const { points, share } of grids.shifts) {
          const moved = l + points * levelsPerPoint
          if (moved < 0 || moved >= levels) continue
          shift +=
            (prior * share * product(0, boundary, (k) => on(k, 0)) * product(boundary, n, (k) => on(k, points))) /
            (n - 1)
        }
      for (const window of windows) {
        const inside = (points: number) => product(0, n, (k) => on(k, k >= window.from && k < window.to ? points : 0))
        for (const { points, share } of grids.excursions) excursion += prior * window.excursion * share * inside(points)
        for (const { points, share } of grids.spells) spell += prior * window.spell * share * inside(points)
      }
    }
  })

  const { time, share: ofTime } = turnTimes(span, grids.step)
  const { eventGain } = grids.priors
  let plateau = 0
  const sums = { wornGain: 0, smallGain: 0, openGain: 0, reversal: 0 }
  const shares = { ...sums }
  const clip = (score: number) => Math.max(0, Math.min(grids.highest, score))
  /** From the time the event's gain is reached to the time it is lost. */
  const lastsWorn = (gain: number, rise: number, loss: number) =>
    (rise * (gain - eventGain)) / gain + (gain - eventGain) / loss >= eventMonths
  const firstAt = (t: number) => {
    const k = months.findIndex((month) => month >= t)
    return k < 0 ? n : k
  }
  /** What follows from a level at the first time of the grid that is not before `t`: flat until then, then by a slope. */
  const onward = (level: number, k: number, t: number, loss: number) => {
    const next = time.find((one) => one >= t)
    const start = next === undefined ? n : firstAt(next)
    const flat = product(k, Math.max(k, start), (v) => at(rows, v, level, 0))
    return next === undefined ? flat : flat * product(start, n, (v) => at(rows, v, level, loss * (next - months[v])))
  }
  time.forEach((turn, i) => {
    const start = firstAt(turn)
    for (let l = 0; l < levels; l++) {
      const until = (shares: Float64Array) => {
        let sum = 0
        coarse.loss.forEach((loss, s) => {
          sum +=
            shares[s] *
            density(l, loss * pace(turn), loss) *
            product(0, start, (k) => at(rows, k, l, loss * (pace(turn) - pace(months[k]))))
        })
        return sum
      }
      const from = (shares: Float64Array) => {
        let sum = 0
        coarse.loss.forEach((loss, s) => {
          sum += shares[s] * product(start, n, (k) => at(rows, k, l, loss * (turn - months[k])))
        })
        return sum
      }
      const declining = until(coarse.population)
      const never = until(coarse.never)
      if (i > 0)
        plateau +=
          (declining * from(coarse.flat) +
            declining * from(coarse.population) +
            until(coarse.flat) * from(coarse.population)) /
          (3 * (time.length - 1))
      rises.forEach((rise, r) => {
        const full = turn + rise
        const afterRise = firstAt(full)
        const seen = Math.min(1, (span - turn) / rise)
        for (const { points, share, worn } of grids.gains) {
          const weight = ((i === 0 ? leftAtEntry[r] : 1) * ofTime[i]) / rises.length
          const climb = never * product(start, afterRise, (k) => at(rows, k, l, (points * (months[k] - turn)) / rise))
          const top = Math.min(levels - 1, l + points * levelsPerPoint)
          const large = points * seen >= eventGain
          const fits = clip(scoreOf(l) + points * seen) - clip(scoreOf(l)) >= eventGain - 1e-9
          for (const { months: hold, share: ofHold } of holds)
            coarse.loss.forEach((loss, s) => {
              const p = weight * ofHold * coarse.after[s] * climb * onward(top, afterRise, full + hold, loss)
              const lasts = hold > 0 || lastsWorn(points, rise, loss)
              if (points < eventGain) sums.smallGain += share * p
              else if (!large) sums[hold > 0 ? 'openGain' : 'wornGain'] += (hold > 0 ? share : worn) * p
              else if (!fits) return
              else if (lasts) sums.reversal += share * p
              else sums.wornGain += worn * p
            })
        }
      })
    }
    rises.forEach((_, r) => {
      for (const { points, share, worn } of grids.gains)
        for (const { months: hold, share: ofHold } of holds)
          coarse.after.forEach((ofSlope, s) => {
            const weight = ((i === 0 ? leftAtEntry[r] : 1) * ofTime[i] * ofHold * ofSlope) / rises.length
            const large = points * Math.min(1, (span - turn) / rises[r]) >= eventGain
            const lasts = hold > 0 || lastsWorn(points, rises[r], coarse.loss[s])
            if (points < eventGain) shares.smallGain += share * weight
            else if (!large) shares[hold > 0 ? 'openGain' : 'wornGain'] += (hold > 0 ? share : worn) * weight
            else if (lasts) shares.reversal += share * weight
            else shares.wornGain += worn * weight
          })
    })
  })
  const hidden = leftAtEntry.reduce((sum, left) => sum + (ofTime[0] * (1 - left)) / leftAtEntry.length, 0)
  const unseen = windows.reduce((rest, window) => rest - window.excursion, 1)
  return {
    decline,
    regular: Math.min(line(regular), decline),
    plateau,
    excursion: excursion + unseen * decline,
    wornGain: hidden * decline + ((1 - hidden) * sums.wornGain) / shares.wornGain,
    smallGain: hidden * decline + ((1 - hidden) * sums.smallGain) / shares.smallGain,
    openGain: sums.openGain / shares.reversal,
    ratingShift: shift,
    outlyingSpell: windows.some((window) => window.spell > 0) ? spell : decline,
    reversal: sums.reversal / shares.reversal,
  }
}
