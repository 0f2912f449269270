// The sequentially Markov coalescent (SMC'; Marjoram and Wall 2006, BMC Genetics 7:16) of two populations that split from
// one: a local tree, changed by every recombination along a chromosome, on which mutations are placed.
//
// Time is in units of 2N generations. Node ids: leaves 0 ... n - 1, inner nodes n ... 2n - 2. Inner nodes are kept in
// order of time, the root first: interval i lies between inner nodes i - 1 (above) and i (below) and holds i + 1 lineages.
// A node is labelled 0 or 1 by its population below the split, 2 above it.

import { log } from './elementary'
import { philoxBlocks } from './philox'

@inline const randomWords: i32 = 1024
@inline const headerBytes: usize = 96
@inline const none: i32 = -1

// header fields, as byte offsets
@inline const atLeaves: usize = 0
@inline const atCursor: usize = 4
@inline const atSplit: usize = 8
@inline const atGenerations: usize = 16
@inline const atNext: usize = 24
@inline const atTimeSum: usize = 32
@inline const atCrossing: usize = 40 // two i32: lineages of either population at the split
@inline const atKey: usize = 48 // four u32: key, index
@inline const atBlock: usize = 64
@inline const atPoint: usize = 72
@inline const atFar: usize = 80
@inline const atFirst: usize = 88

@inline
function timesOf(state: usize): usize {
  return state + headerBytes + 4 * randomWords
}
@inline
function heightsOf(state: usize, n: usize): usize {
  return timesOf(state) + 16 * n
}
@inline
function parentsOf(state: usize, n: usize): usize {
  return heightsOf(state, n) + 8 * n
}
@inline
function childrenOf(state: usize, n: usize): usize {
  return parentsOf(state, n) + 8 * n
}
@inline
function orderOf(state: usize, n: usize): usize {
  return childrenOf(state, n) + 16 * n
}
@inline
function stackOf(state: usize, n: usize): usize {
  return orderOf(state, n) + 4 * n
}
@inline
function labelsOf(state: usize, n: usize): usize {
  return stackOf(state, n) + 8 * n
}

// labels of the inner nodes in their order; the slack lets 16 be read at once
@inline
function orderLabelsOf(state: usize, n: usize): usize {
  return labelsOf(state, n) + 2 * n
}

/** Bytes of the state for n leaves. */
export function coalescentBytes(n: i32): i32 {
  return <i32>headerBytes + 4 * randomWords + 67 * n + 16
}

function refill(state: usize): void {
  const block = load<u64>(state, atBlock)
  philoxBlocks(
    state + headerBytes,
    randomWords / 4,
    <u32>block,
    <u32>(block >> 32),
    load<u32>(state, atKey + 8),
    load<u32>(state, atKey + 12),
    load<u32>(state, atKey),
    load<u32>(state, atKey + 4),
  )
  store<u64>(state, block + randomWords / 4, atBlock)
}

@inline
function word(state: usize): u32 {
  let cursor = load<i32>(state, atCursor)
  if (cursor == randomWords) {
    refill(state)
    cursor = 0
  }
  store<i32>(state, cursor + 1, atCursor)
  return load<u32>(state + headerBytes + 4 * <usize>cursor)
}

// Uniform on (0, 1), never an end.
@inline
function uniform(state: usize): f64 {
  const high = word(state) >> 6
  return (<f64>high * 67108864.0 + <f64>(word(state) >> 6) + 0.5) * 2.220446049250313e-16
}

@inline
function below(state: usize, n: i32): i32 {
  return <i32>((<u64>word(state) * <u64>n) >> 32)
}

@inline
function totalLength(state: usize, heights: usize): f64 {
  return load<f64>(state, atTimeSum) + load<f64>(heights)
}

function drawNext(state: usize, heights: usize): void {
  const rate = totalLength(state, heights) * load<f64>(state, atGenerations)
  store<f64>(state, load<f64>(state, atNext) - log(uniform(state)) / rate, atNext)
}

// Joins two random lineages of a list in a new node; the list then has one lineage fewer.
function join(state: usize, n: usize, list: usize, size: i32, node: i32, time: f64, label: i32): void {
  const i = below(state, size)
  const a = load<i32>(list + 4 * <usize>i)
  store<i32>(list + 4 * <usize>i, load<i32>(list + 4 * <usize>(size - 1)))
  const j = below(state, size - 1)
  const b = load<i32>(list + 4 * <usize>j)
  store<i32>(list + 4 * <usize>j, node)
  const parents = parentsOf(state, n)
  const children = childrenOf(state, n)
  store<i32>(parents + 4 * <usize>a, node)
  store<i32>(parents + 4 * <usize>b, node)
  store<i32>(children + 8 * <usize>node, a)
  store<i32>(children + 8 * <usize>node, b, 4)
  store<f64>(timesOf(state) + 8 * <usize>node, time)
  store<u8>(labelsOf(state, n) + <usize>node, <u8>label)
  const rank: usize = (n << 1) - 2 - <usize>node
  store<f64>(heightsOf(state, n) + 8 * rank, time)
  store<i32>(orderOf(state, n) + 4 * rank, node)
  store<u8>(orderLabelsOf(state, n) + rank, <u8>label)
  store<f64>(state, load<f64>(state, atTimeSum) + time, atTimeSum)
}

// A tree from nothing, by the coalescent of two populations.
function drawTree(state: usize): void {
  const n = load<i32>(state, atLeaves)
  const first = load<i32>(state, atFirst)
  const split = load<f64>(state, atSplit)
  const size = <usize>n
  const labels = labelsOf(state, size)
  const times = timesOf(state)
  const list0 = stackOf(state, size)
  const list1 = list0 + 4 * <usize>first
  for (let leaf = 0; leaf < n; leaf++) {
    store<f64>(times + 8 * <usize>leaf, 0.0)
    store<u8>(labels + <usize>leaf, leaf < first ? 0 : 1)
    store<i32>(list0 + 4 * <usize>leaf, leaf)
  }
  store<f64>(state, 0.0, atTimeSum)
  let a = first
  let b = n - first
  let node = n
  let time = 0.0
  while (a + b > 1) {
    const rateA = 0.5 * <f64>a * <f64>(a - 1)
    const rateB = 0.5 * <f64>b * <f64>(b - 1)
    const rate = rateA + rateB
    const wait = rate > 0.0 ? -log(uniform(state)) / rate : Infinity
    if (time + wait >= split) break
    time += wait
    if (uniform(state) * rate < rateA) {
      join(state, size, list0, a--, node++, time, 0)
    } else {
      join(state, size, list1, b--, node++, time, 1)
    }
  }
  store<i32>(state, a, atCrossing)
  store<i32>(state, b, atCrossing + 4)
  memory.copy(list0 + 4 * <usize>a, list1, 4 * <usize>b)
  if (a + b > 1) time = split
  for (let k = a + b; k > 1; k--) {
    time -= (log(uniform(state)) * 2.0) / (<f64>k * <f64>(k - 1))
    join(state, size, list0, k, node++, time, 2)
  }
  store<i32>(parentsOf(state, size) + 4 * (2 * size - 2), none)
}

/** Draws the tree at the left end: n >= 2 leaves, the first `first` of them in population 0; the split in units of 2N generations; generations is 2N. Across a gap of `far` Morgans or more between sites the tree is drawn anew. */
export function coalescentStart(state: usize, n: i32, first: i32, split: f64, generations: f64, far: f64, keyLow: u32, keyHigh: u32, indexLow: u32, indexHigh: u32): void {
  store<i32>(state, n, atLeaves)
  store<i32>(state, first, atFirst)
  store<i32>(state, randomWords, atCursor)
  store<f64>(state, split, atSplit)
  store<f64>(state, generations, atGenerations)
  store<f64>(state, far, atFar)
  store<f64>(state, -Infinity, atNext)
  store<u32>(state, keyLow, atKey)
  store<u32>(state, keyHigh, atKey + 4)
  store<u32>(state, indexLow, atKey + 8)
  store<u32>(state, indexHigh, atKey + 12)
  store<u64>(state, 0, atBlock)
}

// A time uniform on the branches of the tree, kept in the header; returns its interval.
function pointOnTree(state: usize, n: usize): i32 {
  const heights = heightsOf(state, n)
  const inner = <i32>n - 1
  const target = uniform(state) * totalLength(state, heights)
  // by summation by parts, the branches above inner node j measure T0 + sum_{i < j} T_i - (j + 1) T_j
  let above = load<f64>(heights)
  let interval = 1
  while (interval + 7 < inner) {
    const at = heights + 8 * <usize>(interval - 1)
    const pairs = f64x2.add(
      f64x2.add(v128.load(at), v128.load(at, 16)),
      f64x2.add(v128.load(at, 32), v128.load(at, 48)),
    )
    const sum = above + (f64x2.extract_lane(pairs, 0) + f64x2.extract_lane(pairs, 1))
    if (sum - <f64>(interval + 8) * load<f64>(at, 64) > target) break
    above = sum
    interval += 8
  }
  let lower = 0.0
  let part = 0.0
  for (; ; interval++) {
    lower = interval < inner ? load<f64>(heights + 8 * <usize>interval) : 0.0
    above += load<f64>(heights + 8 * <usize>(interval - 1))
    part = above - <f64>(interval + 1) * lower
    if (part > target || interval == inner) break
  }
  // the running sum of times may leave a target a rounding error beyond the leaves
  store<f64>(state, max(lower, min(load<f64>(heights + 8 * <usize>(interval - 1)), lower + (part - target) / <f64>(interval + 1))), atPoint)
  return interval
}

// One of the interval + 1 lineages of an interval, by the lower node of its branch.
function lineageIn(state: usize, n: usize, interval: i32): i32 {
  const order = orderOf(state, n)
  const children = childrenOf(state, n)
  const times = timesOf(state)
  const lower = interval < <i32>n - 1 ? load<f64>(heightsOf(state, n) + 8 * <usize>interval) : 0.0
  let child = none
  do {
    const pick = below(state, 2 * interval)
    const node = load<i32>(order + 4 * <usize>(pick >> 1))
    child = load<i32>(children + 8 * <usize>node + 4 * <usize>(pick & 1))
  } while (load<f64>(times + 8 * <usize>child) > lower)
  return child
}

@inline
function replaceChild(children: usize, node: i32, old: i32, next: i32): void {
  const slot = children + 8 * <usize>node
  if (load<i32>(slot) == old) store<i32>(slot, next)
  else store<i32>(slot, next, 4)
}

function recombine(state: usize, n: usize): void {
  const times = timesOf(state)
  const heights = heightsOf(state, n)
  const parents = parentsOf(state, n)
  const children = childrenOf(state, n)
  const order = orderOf(state, n)
  const labels = labelsOf(state, n)
  const orderLabels = orderLabelsOf(state, n)
  const inner = <i32>n - 1
  const split = load<f64>(state, atSplit)

  let interval = pointOnTree(state, n)
  let time = load<f64>(state, atPoint)
  const cut = lineageIn(state, n, interval)

  // the lineage floats up until it meets another of its population, or, in SMC', its own
  let population: i32 = time < split ? load<u8>(labels + <usize>cut) : 2
  let hazard = -log(uniform(state))
  if (population != 2) {
    let lineages = load<i32>(state + 4 * <usize>population, atCrossing)
    const wanted = i8x16.splat(<i8>population)
    for (let i = 0; i < interval; i += 16) {
      let same = i8x16.bitmask(i8x16.eq(v128.load(orderLabels + <usize>i), wanted))
      if (interval - i < 16) same &= (1 << (interval - i)) - 1
      lineages += popcnt<i32>(same)
    }
    for (;;) {
      const top = interval > 0 ? min(split, load<f64>(heights + 8 * <usize>(interval - 1))) : split
      const passed = <f64>lineages * (top - time)
      if (hazard < passed) {
        time += hazard / <f64>lineages
        break
      }
      hazard -= passed
      time = top
      if (top == split) {
        population = 2
        break
      }
      interval--
      lineages -= i32(load<u8>(orderLabels + <usize>interval) == <u8>population)
    }
  }
  if (population == 2) {
    for (;;) {
      const lineages = <f64>(interval + 1)
      const passed = interval > 0 ? lineages * (load<f64>(heights + 8 * <usize>(interval - 1)) - time) : Infinity
      if (hazard < passed) {
        time += hazard / lineages
        break
      }
      hazard -= passed
      time = load<f64>(heights + 8 * <usize>(interval - 1))
      interval--
    }
  }
  let meet = load<i32>(order)
  if (interval > 0) {
    do {
      meet = lineageIn(state, n, interval)
    } while (population != 2 && load<u8>(labels + <usize>meet) != <u8>population)
  }
  if (meet == cut) return

  const moved = load<i32>(parents + 4 * <usize>cut)
  const pair = children + 8 * <usize>moved
  const sibling = load<i32>(pair) == cut ? load<i32>(pair, 4) : load<i32>(pair)
  if (meet != moved && meet != sibling) {
    const above = load<i32>(parents + 4 * <usize>moved)
    store<i32>(parents + 4 * <usize>sibling, above)
    if (above != none) replaceChild(children, above, moved, sibling)
    const over = load<i32>(parents + 4 * <usize>meet)
    store<i32>(parents + 4 * <usize>moved, over)
    if (over != none) replaceChild(children, over, meet, moved)
    store<i32>(pair, cut)
    store<i32>(pair, meet, 4)
    store<i32>(parents + 4 * <usize>meet, moved)
  }

  const oldTime = load<f64>(times + 8 * <usize>moved)
  const oldLabel = <i32>load<u8>(labels + <usize>moved)
  if (oldLabel != 2) store<i32>(state + 4 * <usize>oldLabel, load<i32>(state + 4 * <usize>oldLabel, atCrossing) + 1, atCrossing)
  if (population != 2) store<i32>(state + 4 * <usize>population, load<i32>(state + 4 * <usize>population, atCrossing) - 1, atCrossing)
  store<u8>(labels + <usize>moved, <u8>population)
  store<f64>(times + 8 * <usize>moved, time)
  store<f64>(state, load<f64>(state, atTimeSum) + (time - oldTime), atTimeSum)

  let low = 0
  let high = inner - 1
  while (low < high) {
    const middle = (low + high) >> 1
    if (load<f64>(heights + 8 * <usize>middle) > oldTime) low = middle + 1
    else high = middle
  }
  // equal times stand side by side
  while (load<i32>(order + 4 * <usize>low) != moved) low++
  if (low < interval) {
    interval--
    for (let i = low; i < interval; i++) {
      store<f64>(heights + 8 * <usize>i, load<f64>(heights + 8 * <usize>i, 8))
      store<i32>(order + 4 * <usize>i, load<i32>(order + 4 * <usize>i, 4))
      store<u8>(orderLabels + <usize>i, load<u8>(orderLabels + <usize>i, 1))
    }
  } else {
    for (let i = low; i > interval; i--) {
      store<f64>(heights + 8 * <usize>i, load<f64>(heights + 8 * <usize>(i - 1)))
      store<i32>(order + 4 * <usize>i, load<i32>(order + 4 * <usize>(i - 1)))
      store<u8>(orderLabels + <usize>i, load<u8>(orderLabels + <usize>(i - 1)))
    }
  }
  store<f64>(heights + 8 * <usize>interval, time)
  store<i32>(order + 4 * <usize>interval, moved)
  store<u8>(orderLabels + <usize>interval, <u8>population)
}

/** Places one mutation at each of `count` ascending positions (Morgans from the left end) and sets in its record of `bytes` zeroed bytes the bit bitOf[leaf] of every leaf that carries it. Returns the recombinations passed. */
export function coalescentSites(state: usize, positions: usize, count: i32, bitOf: usize, out: usize, bytes: usize): f64 {
  const leaves = load<i32>(state, atLeaves)
  const n = <usize>leaves
  const heights = heightsOf(state, n)
  const children = childrenOf(state, n)
  const stack = stackOf(state, n)
  let events = 0.0
  for (let site = 0; site < count; site++, out += bytes) {
    const position = load<f64>(positions + 8 * <usize>site)
    if (position - load<f64>(state, atNext) >= load<f64>(state, atFar)) {
      drawTree(state)
      store<f64>(state, position, atNext)
      drawNext(state, heights)
    }
    while (load<f64>(state, atNext) <= position) {
      recombine(state, n)
      drawNext(state, heights)
      events += 1.0
    }
    store<i32>(stack, lineageIn(state, n, pointOnTree(state, n)))
    for (let depth = 1; depth > 0; ) {
      const node = load<i32>(stack + 4 * <usize>--depth)
      if (node < leaves) {
        const bit = load<u32>(bitOf + 4 * <usize>node)
        const cell = out + <usize>(bit >> 3)
        store<u8>(cell, load<u8>(cell) | (<u8>1 << <u8>(bit & 7)))
      } else {
        store<u64>(stack + 4 * <usize>depth, load<u64>(children + 8 * <usize>node))
        depth += 2
      }
    }
  }
  return events
}
