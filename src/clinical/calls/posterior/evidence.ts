import { type Kernels, kernels } from '../../../numerics/kernels.ts'
import {
  eventMonths,
  type Grids,
  holds,
  interceptDensity,
  leftAtEntry,
  prepareGrids,
  rises,
  turnTimes,
} from './grids.ts'
import type { CohortModel, PriorSettings } from './model.ts'
import { declinedMonths } from './pace.ts'
import { levelRange, perPoint, tableLength } from './scale.ts'
import { windowsOf } from './windows.ts'

/** Marginal likelihoods of families of courses, each with prior total one, in common units. */
export interface Evidence {
  /** One line. */
  decline: number
  /** One line and no visit outlying. */
  regular: number
  /** A slope that changes once. */
  plateau: number
  /** A line beside some visits which hold a gain. */
  excursion: number
  /** A gain of the event's size that decline wears away within a year. */
  wornGain: number
  smallGain: number
  /** A gain of the event's size that is not complete by the last visit, times its prior odds against the reversal. */
  openGain: number
  ratingShift: number
  outlyingSpell: number
  reversal: number
}

/** A table in the kernel's memory. */
export type Row = number

/** Kernel's padding, entries on either side of a row. */
const rowPad = 132
/** Parts of sums are left out where they are smaller than this share of what counts as much. */
export const negligible = 1e-7

/**
 * Marginal likelihoods of one person's visits under families of piecewise linear courses, by sums over grids: so the noise
 * may have any distribution, and the ends of the scale and single items need no approximation.
 *
 * A course before its turn and the course after it share only the level at the turn. For each time of the turn one sum over
 * slopes gives the weight of each level there, others over slopes, gains and holds the likelihood of what follows from
 * it, and their product is summed over levels, as in the exact filters for change points (Fearnhead 2006).
 *
 * A function of (model, priors, scale, step); the instance keeps tables of priors and work space.
 */
export class CourseEvidence {
  readonly grids: Grids
  readonly #kernels: Kernels
  readonly #points: number
  readonly #fine: { slopes: number; priors: number }
  readonly #lines: number
  readonly #coarse: { slopes: number; priors: number }
  readonly #sizes: number
  readonly #counts: number
  readonly #rises: number
  readonly #holds: number
  readonly #gains: number

  constructor(model: CohortModel, priors: PriorSettings, highest: number, step: number) {
    const grids = prepareGrids(model, priors, highest, step)
    const own = kernels().another()
    this.grids = grids
    this.#kernels = own
    this.#points = highest + 16
    const slopes = (loss: Float64Array, ...shares: Float64Array[]) => {
      const rows = Array.from(loss, (one) => this.#priorRow(one))
      return { slopes: own.put(join([loss, ...shares])), priors: own.put(Uint32Array.from(rows)) }
    }
    const { fine, coarse } = grids
    this.#fine = slopes(fine.loss, fine.never)
    this.#coarse = slopes(coarse.loss, coarse.population, coarse.flat, coarse.never, coarse.after)
    this.#lines = own.put(join([coarse.loss, coarse.never]))
    const { excursions, spells, shifts, gains } = grids
    this.#sizes = own.put(
      Float64Array.from(
        [excursions, spells, shifts].flatMap((list) => [
          ...list.map(({ points }) => points),
          ...list.map(({ share }) => share),
        ]),
      ),
    )
    this.#counts = own.put(Int32Array.of(excursions.length, spells.length, shifts.length))
    this.#rises = own.put(Float64Array.of(...rises, ...leftAtEntry))
    this.#holds = own.put(Float64Array.from([...holds.map(({ months }) => months), ...holds.map(({ share }) => share)]))
    this.#gains = own.put(
      Float64Array.from([
        ...gains.map(({ points }) => points),
        ...gains.map(({ share }) => share),
        ...gains.map(({ worn }) => worn),
      ]),
    )
  }

  /** Keeps a visit's likelihood (an entry a quarter point, as `scale.ts` says) for as long as this instance lives. */
  keep(table: Float64Array): Row {
    return this.#row(table, table[0], table[table.length - 1])
  }

  /** The same for the time of `work` alone. */
  scope<T>(work: () => T): T {
    return this.#kernels.scope(work)
  }

  #priorRow(loss: number): Row {
    const density = new Float64Array(tableLength(this.grids.highest))
    for (let i = 0; i < density.length; i++) density[i] = interceptDensity(this.grids, i / perPoint - 8, loss)
    return this.#row(density, 0, 0)
  }

  /** Two phases of half-point steps, each padded. */
  #row(table: Float64Array, before: number, after: number): Row {
    const entries = (2 * this.#points + 2 + 2 * rowPad) & ~1
    const pointer = this.#kernels.allocate(16 * entries)
    const row = this.#kernels.f64(pointer, 2 * entries)
    for (let phase = 0; phase < 2; phase++)
      for (let i = 0; i < entries; i++) {
        const at = 2 * (i - rowPad) + phase
        row[phase * entries + i] = at < 0 ? before : at >= table.length ? after : table[at]
      }
    return pointer
  }

  /**
   * @param months of the visits since the first, ascending; two visits or more
   * @param rows a kept table a visit, and the same without outlying visits
   * @param scores seen, which say how far the levels must reach
   */
  weigh(months: Float64Array, rows: readonly Row[], regular: readonly Row[], scores: ArrayLike<number>): Evidence {
    const k = this.#kernels
    const { call } = k
    const { grids } = this
    const n = months.length
    const range = levelRange(scores, grids.highest)
    const first = (range.first + 8) * perPoint
    const levels = (range.levels + 1) & ~1
    const turns = turnTimes(months[n - 1], grids.step)
    const windows = windowsOf(months)
    const declined = (times: Float64Array) => times.map((t) => declinedMonths(t, grids.pace))
    return k.scope(() => {
      const at = k.put(months)
      const pace = k.put(declined(months))
      const visits = k.put(Uint32Array.from(rows))
      const window = k.allocate(24 * windows.length)
      windows.forEach(({ from, to, excursion, spell }, i) => {
        k.i32(window + 24 * i, 2).set([from, to])
        k.f64(window + 24 * i + 8, 2).set([excursion, spell])
      })
      const times = k.put(join([turns.time, turns.share, declined(turns.time)]))
      const coarse = grids.coarse.loss.length
      const scratch = k.allocate(
        Math.max(call.lineScratch(n, levels), call.turnScratch(n, levels, turns.time.length, coarse)),
      )
      const out = k.allocate(80)
      const line = (tables: number) =>
        call.declineEvidence(
          n,
          pace,
          tables,
          this.#points,
          first,
          levels,
          this.#fine.slopes,
          grids.fine.loss.length,
          this.#fine.priors,
          scratch,
        )
      const decline = line(visits)
      const clean = line(k.put(Uint32Array.from(regular)))
      call.lineEvidence(
        n,
        pace,
        visits,
        this.#points,
        first,
        levels,
        this.#lines,
        coarse,
        this.#coarse.priors,
        this.#sizes,
        this.#counts,
        window,
        windows.length,
        decline,
        negligible,
        out,
        scratch,
      )
      const [ratingShift, excursion, outlyingSpell] = k.f64(out, 3)
      call.turnEvidence(
        n,
        at,
        pace,
        visits,
        this.#points,
        first,
        levels,
        this.#coarse.slopes,
        coarse,
        this.#coarse.priors,
        times,
        turns.time.length,
        this.#rises,
        rises.length,
        this.#holds,
        holds.length,
        this.#gains,
        grids.gains.length,
        grids.priors.eventGain,
        eventMonths,
        grids.highest,
        negligible,
        out,
        scratch,
      )
      const [plateau, wornGain, smallGain, openGain, reversal, wornShare, smallShare, , reversalShare] = k.f64(out, 9)
      let hidden = 0
      for (const left of leftAtEntry) hidden += (turns.share[0] * (1 - left)) / leftAtEntry.length
      let unseen = 1
      for (const one of windows) unseen -= one.excursion
      return {
        decline,
        regular: Math.min(clean, decline),
        plateau,
        excursion: excursion + unseen * decline,
        // A turn whose gain was complete before the first visit leaves a line.
        wornGain: wornShare > 0 ? hidden * decline + ((1 - hidden) * wornGain) / wornShare : 0,
        smallGain: smallShare > 0 ? hidden * decline + ((1 - hidden) * smallGain) / smallShare : 0,
        openGain: reversalShare > 0 ? openGain / reversalShare : 0,
        ratingShift,
        outlyingSpell: windows.some(({ spell }) => spell > 0) ? outlyingSpell : decline,
        reversal: reversalShare > 0 ? reversal / reversalShare : 0,
      }
    })
  }
}

function join(parts: readonly Float64Array[]): Float64Array {
  const whole = new Float64Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}
