// Marginal likelihoods of a person's visits under piecewise linear courses, by sums over grids (src/clinical/calls/posterior).
//
// A visit's row holds its likelihood at latent scores a quarter of a point apart, as two phases of half-point steps, each
// padded on both sides by `rowPad` entries so that a run of levels may start anywhere. Prior densities are rows as well,
// padded with zeros. Level 0 is entry `first`, level l is entry first + 2 l; counts of levels are even.

const rowPad: i32 = 132

/** Entries of one phase of a row: half-point steps over `points` points, and the padding. */
// @ts-ignore: decorator
@inline
function phaseEntries(points: i32): i32 {
  return (2 * points + 1 + 2 * rowPad + 1) & ~1
}

/** Where the run of levels that starts at an entry lies in a row. */
// @ts-ignore: decorator
@inline
function runOf(row: usize, points: i32, start: i32): usize {
  let position = start >> 1
  if (position < -rowPad) position = -rowPad
  const last = 2 * points
  if (position > last) position = last
  return row + ((<usize>((start & 1) * phaseEntries(points) + position + rowPad)) << 3)
}

// @ts-ignore: decorator
@inline
function entryAt(first: i32, points: f64): i32 {
  return first + <i32>nearest<f64>(points * 4)
}

// @ts-ignore: decorator
@inline
function fillWith(to: usize, levels: i32, value: f64): void {
  const v = f64x2.splat(value)
  for (let at = to, end = to + ((<usize>levels) << 3); at < end; at += 16) v128.store(at, v)
}

/** to = from * run, entry by entry. */
// @ts-ignore: decorator
@inline
function multiplyInto(to: usize, from: usize, run: usize, levels: i32): void {
  const bytes = (<usize>levels) << 3
  for (let at: usize = 0; at < bytes; at += 16)
    v128.store(to + at, f64x2.mul(v128.load(from + at), v128.load(run + at)))
}

// @ts-ignore: decorator
@inline
function sumOfProducts(a: usize, b: usize, levels: i32): f64 {
  const bytes = (<usize>levels) << 3
  let sum = f64x2.splat(0)
  for (let at: usize = 0; at < bytes; at += 16) sum = f64x2.add(sum, f64x2.mul(v128.load(a + at), v128.load(b + at)))
  return f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1)
}

// @ts-ignore: decorator
@inline
function rowAt(rows: usize, k: i32): usize {
  return <usize>load<u32>(rows + ((<usize>k) << 2))
}

// @ts-ignore: decorator
@inline
function f64At(values: usize, k: i32): f64 {
  return load<f64>(values + ((<usize>k) << 3))
}

/**
 * Evidence of one line throughout. slopes: losses and prior shares, two arrays; priors: a row each, the density of the score at
 * the first visit. scratch: a run of levels.
 */
export function declineEvidence(visits: i32, months: usize, rows: usize, points: i32, first: i32, levels: i32, slopes: usize, slopeCount: i32, priors: usize, scratch: usize): f64 {
  const centre = f64At(months, visits - 1) / 2
  let decline: f64 = 0
  for (let s = 0; s < slopeCount; s++) {
    const loss = f64At(slopes, s)
    memory.copy(scratch, runOf(rowAt(priors, s), points, entryAt(first, loss * centre)), (<usize>levels) << 3)
    for (let k = 0; k < visits - 1; k++)
      multiplyInto(scratch, scratch, runOf(rowAt(rows, k), points, entryAt(first, loss * (centre - f64At(months, k)))), levels)
    decline += f64At(slopes, slopeCount + s) * sumOfProducts(scratch, runOf(rowAt(rows, visits - 1), points, entryAt(first, loss * -centre)), levels)
  }
  return decline
}

/** Bytes of scratch of lineEvidence. */
export function lineScratch(visits: i32, levels: i32): usize {
  return ((<usize>((2 * visits + 4) * levels)) << 3)
}

/**
 * Families in which a line goes on. out: evidence of shifts, of excursions, of spells; decline: that of the line alone.
 * slopes: losses and prior shares, two arrays; priors: a row each. sizes: three lists (gains, spells, shifts), each points
 * then shares, of the lengths counts[0..2]. windows: from, to as i32 and two f64 prior shares, 24 bytes each.
 */
export function lineEvidence(visits: i32, months: usize, rows: usize, points: i32, first: i32, levels: i32, slopes: usize, slopeCount: i32, priors: usize, sizes: usize, counts: usize, windows: usize, windowCount: i32, decline: f64, least: f64, out: usize, scratch: usize): void {
  const run: usize = (<usize>levels) << 3
  const before = scratch
  const after = before + <usize>(visits + 1) * run
  const prior = after + <usize>(visits + 1) * run
  const product = prior + run
  const centre = f64At(months, visits - 1) / 2
  const gains = load<i32>(counts)
  const spells = load<i32>(counts, 4)
  const shifts = load<i32>(counts, 8)
  const spellSizes = sizes + ((<usize>(2 * gains)) << 3)
  const shiftSizes = spellSizes + ((<usize>(2 * spells)) << 3)
  let shift: f64 = 0
  let excursion: f64 = 0
  let spell: f64 = 0
  for (let s = 0; s < slopeCount; s++) {
    const loss = f64At(slopes, s)
    const share = f64At(slopes, slopeCount + s)
    const own = runOf(rowAt(priors, s), points, entryAt(first, loss * centre))
    const weight = f64x2.splat(share)
    for (let at: usize = 0; at < run; at += 16) v128.store(prior + at, f64x2.mul(weight, v128.load(own + at)))
    fillWith(before, levels, 1)
    for (let k = 0; k < visits; k++) {
      const at = before + <usize>k * run
      multiplyInto(at + run, at, runOf(rowAt(rows, k), points, entryAt(first, loss * (centre - f64At(months, k)))), levels)
    }
    fillWith(after + <usize>visits * run, levels, 1)
    for (let k = visits - 1; k >= 0; k--) {
      const at = after + <usize>k * run
      multiplyInto(at, at + run, runOf(rowAt(rows, k), points, entryAt(first, loss * (centre - f64At(months, k)))), levels)
    }
    for (let k = 1; k < visits; k++) {
      multiplyInto(product, prior, before + <usize>k * run, levels)
      const then = after + <usize>k * run
      for (let j = 0; j < shifts; j++) {
        const by = 2 * <i32>f64At(shiftSizes, j)
        const from = by < 0 ? -by : 0
        const to = by < 0 ? levels : levels - by
        const a = product + ((<usize>from) << 3)
        const b = then + ((<usize>(from + by)) << 3)
        // Sizes are whole points, so runs stay even.
        if (to > from) shift += f64At(shiftSizes, shifts + j) * sumOfProducts(a, b, to - from)
      }
    }
    for (let w = 0; w < windowCount; w++) {
      const window = windows + <usize>w * 24
      const from = load<i32>(window)
      const to = load<i32>(window, 4)
      // A cell adds at most its product without these visits times the prior share: no likelihood is above one.
      const excursionShare = load<f64>(window, 8)
      const spellShare = load<f64>(window, 16)
      const cut = (least * (decline + shift / <f64>(visits - 1) + excursion + spell)) / max(excursionShare, spellShare)
      multiplyInto(product, prior, before + <usize>from * run, levels)
      multiplyInto(product, product, after + <usize>to * run, levels)
      let low = levels
      let high = -1
      for (let l = 0; l < levels; l++)
        if (f64At(product, l) > cut) {
          if (low === levels) low = l & ~1
          high = l
        }
      if (high < 0) continue
      const length = (high - low + 2) & ~1
      for (let kind = 0; kind < 2; kind++) {
        const ofKind = kind === 0 ? excursionShare : spellShare
        if (ofKind === 0) continue
        const list = kind === 0 ? sizes : spellSizes
        const many = kind === 0 ? gains : spells
        let sum: f64 = 0
        for (let j = 0; j < many; j++) {
          const size = f64At(list, j)
          let total = f64x2.splat(0)
          const end = ((<usize>length) << 3)
          const rest = product + ((<usize>low) << 3)
          if (to - from === 1) {
            const a = runOf(rowAt(rows, from), points, entryAt(first, size + loss * (centre - f64At(months, from)))) + ((<usize>low) << 3)
            for (let at: usize = 0; at < end; at += 16) total = f64x2.add(total, f64x2.mul(v128.load(rest + at), v128.load(a + at)))
          } else {
            const held = before + <usize>visits * run
            memory.copy(held, rest, end)
            for (let k = from; k < to; k++) {
              const a = runOf(rowAt(rows, k), points, entryAt(first, size + loss * (centre - f64At(months, k)))) + ((<usize>low) << 3)
              for (let at: usize = 0; at < end; at += 16) v128.store(held + at, f64x2.mul(v128.load(held + at), v128.load(a + at)))
            }
            for (let at: usize = 0; at < end; at += 16) total = f64x2.add(total, v128.load(held + at))
          }
          sum += f64At(list, many + j) * (f64x2.extract_lane(total, 0) + f64x2.extract_lane(total, 1))
        }
        if (kind === 0) excursion += ofKind * sum
        else spell += ofKind * sum
      }
    }
  }
  store<f64>(out, shift / <f64>(visits - 1))
  store<f64>(out, excursion, 8)
  store<f64>(out, spell, 16)
}

/** Bytes of scratch of turnEvidence. */
export function turnScratch(visits: i32, levels: i32, times: i32, slopes: i32): usize {
  return ((<usize>(times * (slopes + 2) * levels + 12 * levels + times + slopes)) << 3) + 64
}

// @ts-ignore: decorator
@inline
function visitFrom(months: usize, visits: i32, t: f64): i32 {
  let k = 0
  while (k < visits && f64At(months, k) < t) k++
  return k
}

/** Whether a gain that decline wears away from its height on was of the event's size for long enough, its rise included. */
// @ts-ignore: decorator
@inline
function lasts(gain: f64, rise: f64, loss: f64, eventGain: f64, eventMonths: f64): bool {
  return gain >= eventGain && (gain - eventGain) * (rise / gain + 1 / loss) >= eventMonths
}

/**
 * out: evidence of a change of slope; then of gains that decline wears away, of small gains, of lasting gains that have not reached
 * the event's size by the last visit, of the reversal, each times its prior share; then those shares.
 * pace: the visits' months as decline before a turn counts them. slopes: losses, then shares of the population, of flat courses, of those that
 * never turn, of those after a turn. turns: times, then shares, then the times as decline counts them. rises: months, then the share of a turn before the first visit (time 0) that is left to see. holds (months, then shares; the first 0, the last Infinity). gains: points, shares, shares
 * of those that are worn away. gaps: the points of an event, its months, the highest score.
 */
export function turnEvidence(visits: i32, months: usize, pace: usize, rows: usize, points: i32, first: i32, levels: i32, slopes: usize, slopeCount: i32, priors: usize, turns: usize, times: i32, rises: usize, riseCount: i32, holds: usize, holdCount: i32, gains: usize, gainCount: i32, eventGain: f64, eventMonths: f64, highest: f64, least: f64, out: usize, scratch: usize): void {
  const run: usize = (<usize>levels) << 3
  const population = slopes + ((<usize>slopeCount) << 3)
  const flat = population + ((<usize>slopeCount) << 3)
  const never = flat + ((<usize>slopeCount) << 3)
  const afterTurn = never + ((<usize>slopeCount) << 3)
  const thenDecline = scratch
  const thenFlat = thenDecline + <usize>times * run
  const thenUpTo = thenFlat + <usize>times * run
  const product = thenUpTo + <usize>(times * slopeCount) * run
  const priorDecline = product + run
  const priorFlat = priorDecline + run
  const priorNever = priorFlat + run
  const mid = priorNever + run
  // Twice as long, so that a gain never leads outside: the upper half repeats the highest level.
  const held = mid + run
  const later = held + run
  const wornHeld = later + 2 * run
  const wornThen = wornHeld + 2 * run
  const shareUpTo = wornThen + 2 * run
  const starts = shareUpTo + ((<usize>slopeCount) << 3)

  let cumulated: f64 = 0
  for (let s = 0; s < slopeCount; s++) {
    cumulated += f64At(afterTurn, s)
    store<f64>(shareUpTo + ((<usize>s) << 3), cumulated)
  }
  fillWith(thenDecline, 2 * times * levels, 0)
  for (let i = 0; i < times; i++) {
    const time = f64At(turns, i)
    const start = visitFrom(months, visits, time)
    store<i32>(starts + ((<usize>i) << 2), start)
    const decline = thenDecline + <usize>i * run
    const level = thenFlat + <usize>i * run
    for (let s = 0; s < slopeCount; s++) {
      const loss = f64At(slopes, s)
      fillWith(product, levels, 1)
      for (let k = start; k < visits; k++)
        multiplyInto(product, product, runOf(rowAt(rows, k), points, entryAt(first, loss * (time - f64At(months, k)))), levels)
      const upTo = thenUpTo + <usize>(i * slopeCount + s) * run
      const a = f64x2.splat(f64At(population, s))
      const b = f64x2.splat(f64At(flat, s))
      const c = f64x2.splat(f64At(afterTurn, s))
      for (let at: usize = 0; at < run; at += 16) {
        const p = v128.load(product + at)
        v128.store(decline + at, f64x2.add(v128.load(decline + at), f64x2.mul(a, p)))
        v128.store(level + at, f64x2.add(v128.load(level + at), f64x2.mul(b, p)))
        const own = f64x2.mul(c, p)
        v128.store(upTo + at, s === 0 ? own : f64x2.add(v128.load(upTo - run + at), own))
      }
    }
  }

  const span = f64At(months, visits - 1)
  const firstPoints = <f64>first / 4 - 8
  let plateau: f64 = 0
  let wornGain: f64 = 0
  let smallGain: f64 = 0
  let openGain: f64 = 0
  let reversal: f64 = 0
  let wornShare: f64 = 0
  let smallShare: f64 = 0
  let openShare: f64 = 0
  let reversalShare: f64 = 0
  for (let i = 0; i < times; i++) {
    const time = f64At(turns, i)
    const declined = f64At(turns, 2 * times + i)
    const start = load<i32>(starts + ((<usize>i) << 2))
    fillWith(priorDecline, 3 * levels, 0)
    for (let s = 0; s < slopeCount; s++) {
      const loss = f64At(slopes, s)
      memory.copy(product, runOf(rowAt(priors, s), points, entryAt(first, loss * declined)), run)
      for (let k = 0; k < start; k++)
        multiplyInto(product, product, runOf(rowAt(rows, k), points, entryAt(first, loss * (declined - f64At(pace, k)))), levels)
      const a = f64x2.splat(f64At(population, s))
      const b = f64x2.splat(f64At(flat, s))
      const c = f64x2.splat(f64At(never, s))
      for (let at: usize = 0; at < run; at += 16) {
        const p = v128.load(product + at)
        v128.store(priorDecline + at, f64x2.add(v128.load(priorDecline + at), f64x2.mul(a, p)))
        v128.store(priorFlat + at, f64x2.add(v128.load(priorFlat + at), f64x2.mul(b, p)))
        v128.store(priorNever + at, f64x2.add(v128.load(priorNever + at), f64x2.mul(c, p)))
      }
    }
    const declineNext = thenDecline + <usize>i * run
    const flatNext = thenFlat + <usize>i * run
    if (i > 0)
      plateau += sumOfProducts(priorDecline, flatNext, levels) + sumOfProducts(priorDecline, declineNext, levels) + sumOfProducts(priorFlat, declineNext, levels)
    let most: f64 = 0
    for (let l = 0; l < levels; l++) most = max(most, f64At(priorNever, l))
    let low = levels
    let high = -1
    for (let l = 0; l < levels; l++)
      if (f64At(priorNever, l) > least * most) {
        if (low === levels) low = l
        high = l
      }
    for (let r = 0; r < riseCount; r++) {
      const rise = f64At(rises, r)
      const full = time + rise
      const seen = min(1.0, (span - time) / rise)
      const afterRise = visitFrom(months, visits, full)
      fillWith(held, levels, 1)
      fillWith(later, levels, 0)
      let k = afterRise
      for (let h = 0; h < holdCount; h++) {
        const until = full + f64At(holds, h)
        let next = i
        while (next < times && f64At(turns, next) < until) next++
        const stop = next < times ? load<i32>(starts + ((<usize>next) << 2)) : visits
        for (; k < stop; k++) multiplyInto(held, held, runOf(rowAt(rows, k), points, first), levels)
        const then = thenUpTo + <usize>(next * slopeCount) * run
        const all = then + <usize>(slopeCount - 1) * run
        if (h === 0) {
          memory.copy(wornHeld, held, run)
          if (next < times) memory.copy(wornThen, all, run)
          else fillWith(wornThen, levels, 1)
        } else {
          const share = f64x2.splat(f64At(holds, holdCount + h))
          for (let at: usize = 0; at < run; at += 16) {
            let p = f64x2.mul(share, v128.load(held + at))
            if (next < times) p = f64x2.mul(p, v128.load(all + at))
            v128.store(later + at, f64x2.add(v128.load(later + at), p))
          }
        }
      }
      const top = levels - 1
      fillWith(later + run, levels, f64At(later, top))
      fillWith(wornHeld + run, levels, f64At(wornHeld, top))
      fillWith(wornThen + run, levels, f64At(wornThen, top))
      let wornNext = i
      while (wornNext < times && f64At(turns, wornNext) < full) wornNext++
      const ofWorn = f64At(holds, holdCount)
      let lasting = -1
      for (let j = 0; j < gainCount; j++) {
        const gain = f64At(gains, j)
        const left = i === 0 ? f64At(rises, riseCount + r) : 1.0
        const weight = (left * f64At(turns, times + i)) / <f64>riseCount
        const ofGain = weight * f64At(gains, gainCount + j)
        const ofWornGain = weight * f64At(gains, 2 * gainCount + j)
        // Beyond the highest level everything is as at it.
        const by = min(<i32>(2 * gain), levels)
        while (lasting + 1 < slopeCount && lasts(gain, rise, f64At(slopes, lasting + 1), eventGain, eventMonths)) lasting++
        const lastingShare = lasting < 0 ? 0.0 : f64At(shareUpTo, lasting)
        const large = gain * seen >= eventGain
        if (large) {
          reversalShare += ofGain * (1 - ofWorn + ofWorn * lastingShare)
          wornShare += ofWornGain * ofWorn * (1 - lastingShare)
        } else if (gain < eventGain) smallShare += ofGain
        else {
          openShare += ofGain * (1 - ofWorn)
          wornShare += ofWornGain * ofWorn
        }
        if (high < 0) continue
        memory.copy(mid, priorNever, run)
        for (let v = start; v < afterRise; v++)
          multiplyInto(mid, mid, runOf(rowAt(rows, v), points, entryAt(first, (gain * (f64At(months, v) - time)) / rise)), levels)
        const shifted = (<usize>by) << 3
        if (!large) {
          let sum: f64 = 0
          let worn: f64 = 0
          for (let l = low; l <= high; l++) {
            const at = ((<usize>l) << 3)
            const p = load<f64>(mid + at)
            sum += p * load<f64>(later + shifted + at)
            worn += p * load<f64>(wornHeld + shifted + at) * load<f64>(wornThen + shifted + at)
          }
          if (gain < eventGain) smallGain += ofGain * (sum + ofWorn * worn)
          else {
            openGain += ofGain * sum
            wornGain += ofWornGain * ofWorn * worn
          }
          continue
        }
        // On the scale four points are gained only from levels in this range.
        const from = max(low, <i32>Math.ceil((eventGain - gain * seen - firstPoints) * 2))
        const to = min(high, <i32>Math.floor((highest - eventGain - firstPoints) * 2))
        let lasted: f64 = 0
        let worn: f64 = 0
        for (let l = from; l <= to; l++) {
          const at = ((<usize>l) << 3)
          const p = load<f64>(mid + at)
          const onward = load<f64>(wornHeld + shifted + at)
          const allWorn = load<f64>(wornThen + shifted + at)
          let some: f64 = 0
          if (lasting >= 0) {
            if (wornNext < times) {
              const up = min(top, l + by)
              some = load<f64>(thenUpTo + <usize>(wornNext * slopeCount + lasting) * run + ((<usize>up) << 3))
            } else some = lastingShare
          }
          lasted += p * (load<f64>(later + shifted + at) + ofWorn * onward * some)
          worn += p * onward * (allWorn - some)
        }
        reversal += ofGain * lasted
        wornGain += ofWornGain * ofWorn * worn
      }
    }
  }
  store<f64>(out, times > 1 ? plateau / (3 * <f64>(times - 1)) : 0)
  store<f64>(out, wornGain, 8)
  store<f64>(out, smallGain, 16)
  store<f64>(out, openGain, 24)
  store<f64>(out, reversal, 32)
  store<f64>(out, wornShare, 40)
  store<f64>(out, smallShare, 48)
  store<f64>(out, openShare, 56)
  store<f64>(out, reversalShare, 64)
}
