/** Maps values to pixels. */
export interface Scale {
  (value: number): number
  readonly domain: readonly [number, number]
  readonly range: readonly [number, number]
  readonly ticks: readonly number[]
}

function scale(
  map: (value: number) => number,
  domain: readonly [number, number],
  range: readonly [number, number],
  ticks: readonly number[],
): Scale {
  return Object.assign(map, { domain, range, ticks })
}

/** Round numbers (1, 2, 5 times a power of ten) that divide the domain into about `wanted` steps. */
export function roundTicks(low: number, high: number, wanted: number): number[] {
  const span = high - low
  if (!(span > 0)) return [low]
  const raw = span / Math.max(1, wanted)
  const power = 10 ** Math.floor(Math.log10(raw))
  const step = power * ([1, 2, 5, 10].find((m) => m * power >= raw * 0.999) ?? 10)
  const ticks: number[] = []
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + step * 1e-9; i++)
    ticks.push(Number((i * step).toPrecision(12)))
  return ticks
}

export function linear(domain: readonly [number, number], range: readonly [number, number], wanted = 5): Scale {
  const [low, high] = domain[1] > domain[0] ? domain : [domain[0] - 0.5, domain[0] + 0.5]
  const factor = (range[1] - range[0]) / (high - low)
  return scale((value) => range[0] + (value - low) * factor, [low, high], range, roundTicks(low, high, wanted))
}

/** Base-10 logarithmic; ticks at 1 (and 2, 5 when there is room) of each decade inside the domain. Values must be positive. */
export function logarithmic(domain: readonly [number, number], range: readonly [number, number], wanted = 5): Scale {
  const low = Math.max(domain[0], Number.MIN_VALUE)
  const high = domain[1] > low ? domain[1] : low * 10
  const a = Math.log10(low)
  const factor = (range[1] - range[0]) / (Math.log10(high) - a)
  const decades = Math.log10(high) - a
  const within = decades <= wanted / 3 ? [1, 2, 5] : decades <= wanted / 2 ? [1, 3] : [1]
  const stride = Math.max(1, Math.ceil(decades / (wanted * 1.4)))
  const ticks: number[] = []
  for (let d = Math.floor(a); d <= Math.ceil(Math.log10(high)); d++)
    for (const m of within) {
      const tick = Number(`${m}e${d}`)
      if (tick >= low * 0.9999 && tick <= high * 1.0001 && (within.length > 1 || d % stride === 0)) ticks.push(tick)
    }
  return scale((value) => range[0] + (Math.log10(Math.max(value, low)) - a) * factor, [low, high], range, ticks)
}

/** Smallest and largest finite values, widened to hold `include`. */
export function extent(values: Iterable<number>, include: readonly number[] = []): [number, number] {
  let low = Number.POSITIVE_INFINITY
  let high = Number.NEGATIVE_INFINITY
  const take = (value: number) => {
    if (!Number.isFinite(value)) return
    if (value < low) low = value
    if (value > high) high = value
  }
  for (const value of values) take(value)
  for (const value of include) take(value)
  return low <= high ? [low, high] : [0, 1]
}

/** Widens a domain by a share of its span on either side. */
export function padded([low, high]: readonly [number, number], share: number): [number, number] {
  const pad = (high - low || 1) * share
  return [low - pad, high + pad]
}
