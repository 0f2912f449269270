// The scan of label sets over the records of a chunk: the smallest log p that each set meets, what the observed labels say, and
// which columns are identical. One call goes through all records, so that nothing but arrays of a chunk comes back.

import { exp } from './elementary'
import { classLaws, classRows } from './class-laws'
import { labelsCount, labelsDigest, labelsDistribution, labelsPrepare, labelsPvalues, labelsSame } from './labels'
import { below, equal, labelsSums, largestSum, missingPlanes, planesOf, smallestSum } from './label-sums'
import { leastOf, logsOf, noneBelow, outcomesOf, TrendTables, trendTable } from './trend-tables'
import { carrierLaw, caseTotal, noneRarer, rareLaws } from './weighted-bound'

/** Label sets of a family. */
@unmanaged
class Family {
  /** Of 128 sets each, as `labelsSums` takes them. */
  blocks: usize
  count: i32
  sets: i32
  sums: usize
  /** Running minima, one a set; the largest of them behind the last. */
  minima: usize
  /** Three doubles: the observed labels' smallest log p, its record (-1 before there is one), and the pairs that were not looked up. */
  said: usize
  // Of the record at hand.
  bits: i32
  mirrored: i32
  /** One of the largest minima was lowered. */
  stale: i32
  /** A p above this is surely not below the largest minimum. */
  enough: f64
}

/** Writes a family of label sets; returns where the next may lie. */
export function minimaFamily(at: usize, blocks: usize, count: i32, sets: i32, sums: usize, minima: usize, said: usize): usize {
  const family = changetype<Family>(at)
  family.blocks = blocks
  family.count = count
  family.sets = sets
  family.sums = sums
  family.minima = minima
  family.said = said
  family.stale = 0
  return at + offsetof<Family>()
}

/** Writes where the trend's tables lie: `slots` zeros, tables from `start` up to `end`, the largest's 2 people + 1 outcomes at least. */
export function minimaTrend(at: usize, slots: usize, slotCount: i32, start: usize, end: usize, scratch: usize, logFactorials: usize): void {
  const tables = changetype<TrendTables>(at)
  tables.slots = slots
  tables.slotCount = slotCount
  tables.held = 0
  tables.start = start
  tables.end = end
  tables.top = start
  tables.scratch = scratch
  tables.logFactorials = logFactorials
}

/** Families whose label sets have one law, and so each record's table. */
@unmanaged
class Law {
  families: usize
  familyCount: i32
  cases: i32
  /** All relabellings are equally likely: the tables are the trend's, and nothing below is used but `wanted`. */
  uniform: i32
  strata: i32
  /** As `labelsDistribution` takes them. */
  members: usize
  p: usize
  stratumCases: usize
  scratch: usize
  /** Rows c = 0 .. cases of 2 cases + 1 doubles. */
  table: usize
  /** One stratum: 8 (cases + 1) + 5 doubles for `classLaws`, `carrierLaw` and `rareLaws`. */
  laws: usize
  /**
   * One stratum: for s = 0, 1 ... below `withoutCount` a row of cases + 1 doubles: P(cases - k of the people without the s
   * likeliest to be cases are cases and none of these s).
   */
  without: usize
  withoutCount: i32
  // Of the record at hand: which of them are made.
  prepared: i32
  /** A byte for each c: its row can matter. */
  wanted: usize
}

/** Writes the law of some families, which lie one after another; returns where the next may lie. */
export function minimaLaw(at: usize, families: usize, familyCount: i32, cases: i32, uniform: i32, strata: i32, members: usize, p: usize, stratumCases: usize, scratch: usize, table: usize, laws: usize, without: usize, withoutCount: i32, wanted: usize): usize {
  const law = changetype<Law>(at)
  law.families = families
  law.familyCount = familyCount
  law.cases = cases
  law.uniform = uniform
  law.strata = strata
  law.members = members
  law.p = p
  law.stratumCases = stratumCases
  law.scratch = scratch
  law.table = table
  law.laws = laws
  law.without = without
  law.withoutCount = withoutCount
  law.wanted = wanted
  return at + offsetof<Law>()
}

@unmanaged
class Scan {
  records: usize
  words: i32
  people: i32
  included: usize
  males: usize
  planes: usize
  observedCases: i32
  laws: usize
  lawCount: i32
  trend: usize
  slots: usize
  slotCount: i32
  tested: usize
  testedCount: i32
  digests: usize
  least: usize
  counts: usize
  lists: usize
}

/**
 * Writes what is the same for every chunk. `planes`: of the included people and of the observed cases, the latter with
 * `observedCases` = 0 when there are none; `counts`: 40 bytes; `lists`: 64 words + 12 32-bit words.
 */
export function minimaSetup(at: usize, words: i32, people: i32, included: usize, males: usize, planes: usize, observedCases: i32, laws: usize, lawCount: i32, trend: usize, counts: usize, lists: usize): void {
  const scan = changetype<Scan>(at)
  scan.words = words
  scan.people = people
  scan.included = included
  scan.males = males
  scan.planes = planes
  scan.observedCases = observedCases
  scan.laws = laws
  scan.lawCount = lawCount
  scan.trend = trend
  scan.counts = counts
  scan.lists = lists
}

/**
 * Goes through all records of a chunk, preparing them where they lie; `modes`: a mode of `labelsPrepare` for each, 255 leaves it
 * out. An identical column, or its mirror image, has the same p under every label set and is left out; label sets are looked up where T
 * is so far out that its p could be below the largest minimum, since no other can change. `slots`: `slotCount`, a power of two
 * and more than the records, of 32-bit zeros. Writes of every record tested its number, a digest of two words and, with
 * observed cases, the first law's smallest attainable log p given the cases called. Returns how many were.
 */
export function minimaScan(at: usize, records: usize, recordCount: i32, modes: usize, slots: usize, slotCount: i32, tested: usize, digests: usize, least: usize): i32 {
  const scan = changetype<Scan>(at)
  scan.records = records
  scan.slots = slots
  scan.slotCount = slotCount
  scan.tested = tested
  scan.testedCount = 0
  scan.digests = digests
  scan.least = least
  for (let l = 0; l < scan.lawCount; l++) {
    const law = changetype<Law>(scan.laws + <usize>l * offsetof<Law>())
    for (let f = 0; f < law.familyCount; f++) {
      const family = changetype<Family>(law.families + <usize>f * offsetof<Family>())
      if (family.sets > 0) findLargest(family)
    }
  }
  const bytes = <usize>scan.words << 4
  for (let row = 0; row < recordCount; row++) {
    const mode = <i32>load<u8>(modes + <usize>row)
    if (mode == 255) continue
    const record = scan.records + <usize>row * bytes
    labelsPrepare(record, scan.words, scan.included, scan.males, mode, record)
    labelsCount(record, scan.words, scan.planes, scan.observedCases > 0 ? 2 : 1, scan.counts)
    const n1 = load<i32>(scan.counts)
    const n2 = load<i32>(scan.counts, 4)
    const missing = load<i32>(scan.counts, 8)
    const n0 = scan.people - n1 - n2 - missing
    if (max(max(n0, n1), n2) == n0 + n1 + n2) continue
    const index = scan.testedCount++
    store<i32>(scan.tested + (<usize>index << 2), row)
    const first = firstOf(scan, record, index)
    if (first != index) {
      if (scan.observedCases > 0)
        store<f64>(scan.least + (<usize>index << 3), load<f64>(scan.least + (<usize>first << 3)))
      continue
    }
    for (let l = 0; l < scan.lawCount; l++) {
      const law = changetype<Law>(scan.laws + <usize>l * offsetof<Law>())
      const attainable = scanLaw(scan, law, record, row, n0, n1, n2, missing)
      if (l == 0 && scan.observedCases > 0) store<f64>(least + (<usize>index << 3), attainable)
    }
  }
  return scan.testedCount
}

/** The tested record, this one or one before it, that is the first of its column. */
function firstOf(scan: Scan, record: usize, index: i32): i32 {
  const out = scan.digests + (<usize>index << 3)
  labelsDigest(record, scan.words, scan.included, scan.counts + 24)
  const digest = load<u64>(scan.counts, 24)
  store<u64>(out, digest)
  let slot = <i32>(digest >> 32) & (scan.slotCount - 1)
  for (; ; slot = (slot + 1) & (scan.slotCount - 1)) {
    const known = load<i32>(scan.slots + (<usize>slot << 2)) - 1
    if (known < 0) break
    if (load<u64>(scan.digests + (<usize>known << 3)) != digest) continue
    const other = scan.records + <usize>load<i32>(scan.tested + (<usize>known << 2)) * (<usize>scan.words << 4)
    if (labelsSame(record, other, scan.words, scan.included) == 1) return known
  }
  store<i32>(scan.slots + (<usize>slot << 2), index + 1)
  return index
}

/** A record under one law; returns the smallest attainable log p given the observed cases called, 0 without them. */
function scanLaw(scan: Scan, law: Law, record: usize, row: i32, n0: i32, n1: i32, n2: i32, missing: i32): f64 {
  const called = scan.observedCases > 0 ? scan.observedCases - load<i32>(scan.counts, 20) : -1
  const oneStratum = law.uniform == 0 && law.strata == 1
  // A loop: most often there is one byte, and memory.fill is a call out of the module.
  for (let c = max(0, law.cases - missing); c <= law.cases; c++) store<u8>(law.wanted + <usize>c, 0)
  law.prepared = 0
  let some = false
  let limit = -Infinity
  for (let f = 0; f < law.familyCount; f++) {
    const family = changetype<Family>(law.families + <usize>f * offsetof<Family>())
    if (called >= 0) limit = max(limit, load<f64>(family.said))
    if (family.sets == 0) continue
    limit = max(limit, load<f64>(family.minima + (<usize>family.sets << 3)))
    if (wantRows(scan, law, family, record, n0, n1, n2, missing)) some = true
  }
  if (!some && called < 0) return 0
  if (called >= 0) store<u8>(law.wanted + <usize>called, load<u8>(law.wanted + <usize>called) | 2)
  if (oneStratum) {
    if ((law.prepared & 1) == 0) prepareClasses(scan, law, record)
    classRows(law.laws, <usize>(law.cases + 1) << 3, law.cases, law.wanted, law.table, 2 * law.cases + 1)
  } else if (law.uniform == 0)
    labelsDistribution(record, scan.words, law.members, law.p, law.stratumCases, law.strata, law.cases, law.wanted, law.table, law.scratch)
  const stride = <usize>(2 * law.cases + 1) << 3
  let least: f64 = 0
  let observed: f64 = 0
  for (let c = max(0, law.cases - missing); c <= law.cases; c++) {
    const wanted = load<u8>(law.wanted + <usize>c)
    if (wanted == 0) continue
    let logs: usize
    let outcomes: i32
    let smallest: f64
    if (law.uniform != 0) {
      const entry = trendTable(changetype<TrendTables>(scan.trend), n0, n1, n2, c)
      logs = logsOf(entry)
      outcomes = outcomesOf(entry)
      smallest = leastOf(entry)
    } else {
      logs = law.table + <usize>c * stride
      outcomes = 2 * c + 1
      smallest = labelsPvalues(logs, c, limit, logs, 0)
    }
    if (c == called) {
      least = smallest
      observed = load<f64>(logs + (<usize>(load<i32>(scan.counts, 12) + 2 * load<i32>(scan.counts, 16)) << 3))
    }
    if ((wanted & 1) == 0) continue
    for (let f = 0; f < law.familyCount; f++) {
      const family = changetype<Family>(law.families + <usize>f * offsetof<Family>())
      if (family.sets > 0) lookUp(scan, family, missing, law.cases, c, logs, outcomes)
    }
  }
  for (let f = 0; f < law.familyCount; f++) {
    const family = changetype<Family>(law.families + <usize>f * offsetof<Family>())
    if (called >= 0 && (load<f64>(family.said, 8) < 0 || observed < load<f64>(family.said))) {
      store<f64>(family.said, observed)
      store<f64>(family.said, <f64>row, 8)
    }
    if (family.stale != 0) findLargest(family)
  }
  return least
}

/** Copies of the rarer allele with which the largest T possible is tried before the largest of a label set. */
const fewCopies: i32 = 8

/** Sums the record for every label set and marks the c that occur and whose row could lower a minimum; returns whether one could. */
function wantRows(scan: Scan, law: Law, family: Family, record: usize, n0: i32, n1: i32, n2: i32, missing: i32): bool {
  // Copies of the rarer allele: fewer people to add.
  const mirrored = n2 > n0
  const copies = n1 + 2 * (mirrored ? n0 : n2)
  const bits = planesOf(min(2 * law.cases, copies))
  family.mirrored = mirrored ? 1 : 0
  family.bits = bits
  labelsSums(record, scan.words, scan.included, family.mirrored, family.blocks, family.count, bits, missing, law.cases, family.sums, scan.lists)
  store<f64>(family.said, load<f64>(family.said, 16) + <f64>family.sets, 16)
  const missingBits = missingPlanes(missing, law.cases)
  // T of any label set, first as far apart as can be: with few copies, that is often enough to know.
  let least = 0
  let most = copies
  let known = 0
  let some = false
  for (let lost = 0, end = min(missing, law.cases); lost <= end; lost++) {
    const c = law.cases - lost
    if (c > n0 + n1 + n2) continue
    if (known == 0) {
      if (copies <= fewCopies && noneSmall(scan, law, family, record, c, least, most, n0, n1, n2, missing)) continue
      most = largestSum(family.sums, family.blocks, scan.words, family.count, bits, missingBits, -1)
      known = 1
    }
    if (noneSmall(scan, law, family, record, c, least, most, n0, n1, n2, missing)) continue
    if (known == 1) {
      least = smallestSum(family.sums, family.blocks, scan.words, family.count, bits, missingBits, -1)
      known = 2
      if (least > 0 && noneSmall(scan, law, family, record, c, least, most, n0, n1, n2, missing)) continue
    }
    // T of the label sets that have these cases called.
    let from = least
    let to = most
    if (missing > 0) {
      from = smallestSum(family.sums, family.blocks, scan.words, family.count, bits, missingBits, lost)
      if (from < 0) continue
      to = largestSum(family.sums, family.blocks, scan.words, family.count, bits, missingBits, lost)
      if ((from > least || to < most) && noneSmall(scan, law, family, record, c, from, to, n0, n1, n2, missing)) continue
    }
    if (law.uniform == 0 && law.strata == 1 && noneSmallOfAll(scan, law, family, record, c, from, to, n0, n1, n2)) continue
    store<u8>(law.wanted + <usize>c, 1)
    some = true
  }
  return some
}

/** True when quick bounds show that no sum from `least` to `most` can lower a minimum of label sets with c cases called. */
function noneSmall(scan: Scan, law: Law, family: Family, record: usize, c: i32, least: i32, most: i32, n0: i32, n1: i32, n2: i32, missing: i32): bool {
  const mirrored = family.mirrored != 0
  const common = mirrored ? n2 : n0
  const twice = mirrored ? n0 : n2
  if (law.uniform != 0) {
    const largest = load<f64>(family.minima + (<usize>family.sets << 3))
    return noneBelow(changetype<TrendTables>(scan.trend), common, n1, twice, c, least, most, largest)
  }
  const few = n1 + twice + missing
  if (law.strata > 1 || few >= law.withoutCount) return false
  const line = <usize>(law.cases + 1) << 3
  const e1 = law.laws + 6 * line + 32
  if ((law.prepared & 2) == 0) {
    rareLaws(record, scan.words, law.members, law.p, law.cases, line, mirrored, e1, law.scratch, law.scratch + line + 16)
    law.prepared |= 2
  }
  const total = load<f64>(law.without + (<usize>(law.cases - c) << 3)) * load<f64>(e1 + 2 * line)
  return noneRarer(law.without + <usize>few * line, e1, e1 + line, law.cases, c, least, most, common, n1, twice, total * family.enough)
}

/** As `noneSmall`, from the laws of all genotype classes. */
function noneSmallOfAll(scan: Scan, law: Law, family: Family, record: usize, c: i32, least: i32, most: i32, n0: i32, n1: i32, n2: i32): bool {
  if ((law.prepared & 1) == 0) prepareClasses(scan, law, record)
  const line = <usize>(law.cases + 1) << 3
  const total = caseTotal(law.laws, law.laws + 4 * line + 32, law.cases, c, n0, n1, n2)
  const from = family.mirrored != 0 ? 2 * c - most : least
  const to = family.mirrored != 0 ? 2 * c - least : most
  return noneRarer(law.laws, law.laws + line, law.laws + 2 * line, law.cases, c, from, to, n0, n1, n2, total * family.enough)
}

function prepareClasses(scan: Scan, law: Law, record: usize): void {
  const line = <usize>(law.cases + 1) << 3
  classLaws(record, scan.words, law.members, law.p, law.cases, line, law.laws, law.scratch, law.scratch + line + 16)
  carrierLaw(law.laws, line, law.cases, law.laws + 4 * line + 32)
  law.prepared |= 1
}

/** Lowers the minima of the label sets marked in a word; returns whether one of them was the largest. */
@inline
function lower(mark: u64, planes: usize, bits: i32, logs: usize, mirror: i32, minima: usize, largest: f64): bool {
  let stale = false
  for (; mark != 0; mark &= mark - 1) {
    const r = <usize>ctz(mark)
    let t = 0
    for (let j = 0; j < bits; j++) t |= <i32>((load<u64>(planes + (<usize>j << 4)) >> r) & 1) << j
    if (mirror >= 0) t = mirror - t
    const p = load<f64>(logs + (<usize>t << 3))
    const least = load<f64>(minima + (r << 3))
    if (p < least) {
      store<f64>(minima + (r << 3), p)
      if (least == largest) stale = true
    }
  }
  return stale
}

/** Looks up the label sets with c cases called and a T whose p is below the largest minimum. In a row log p rises towards the middle. */
function lookUp(scan: Scan, family: Family, missing: i32, cases: i32, c: i32, logs: usize, outcomes: i32): void {
  const largest = load<f64>(family.minima + (<usize>family.sets << 3))
  // The logarithm may fall short of rising by its last digits.
  const stop = largest + 1e-9 * Math.abs(largest)
  // T below `from` or above `to`.
  let from = 0
  for (let t = 0; t < outcomes; t++) {
    const p = load<f64>(logs + (<usize>t << 3))
    if (p > stop) break
    if (p < largest) from = t + 1
  }
  let to = 2 * c
  for (let t = outcomes - 1; t >= 0; t--) {
    const p = load<f64>(logs + (<usize>t << 3))
    if (p > stop) break
    if (p < largest) to = t - 1
  }
  if (from == 0 && to == 2 * c) return
  const mirror = family.mirrored != 0 ? 2 * c : -1
  if (mirror >= 0) {
    const t = from
    from = 2 * c - to
    to = 2 * c - t
  }
  const bits = family.bits
  const missingBits = missingPlanes(missing, cases)
  const size = (<usize>scan.words << 10) + 32
  let looked = 0
  let exist = family.blocks + size - 16
  let minima = family.minima
  for (let b = 0, sums = family.sums; b < family.count; b++, sums += 512, exist += size, minima += 1024) {
    let far = v128.or(below(sums, bits, from), v128.not(below(sums, bits, to + 1)))
    far = v128.and(far, v128.load(exist))
    if (missing > 0) far = v128.and(far, equal(sums + 256, missingBits, cases - c))
    if (!v128.any_true(far)) continue
    const low = <u64>i64x2.extract_lane(far, 0)
    const high = <u64>i64x2.extract_lane(far, 1)
    looked += <i32>(popcnt(low) + popcnt(high))
    if (lower(low, sums, bits, logs, mirror, minima, largest)) family.stale = 1
    if (lower(high, sums + 8, bits, logs, mirror, minima + 512, largest)) family.stale = 1
  }
  store<f64>(family.said, load<f64>(family.said, 16) - <f64>looked, 16)
}

/** Finds the largest minimum anew. */
function findLargest(family: Family): void {
  family.stale = 0
  const end = family.minima + (<usize>family.sets << 3)
  let now = load<f64>(family.minima)
  for (let at = family.minima; at < end; at += 8) now = max(now, load<f64>(at))
  store<f64>(end, now)
  family.enough = exp(now) * (1.0 + 1e-6)
}
