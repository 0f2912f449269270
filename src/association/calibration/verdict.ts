export type LevelVerdict = 'calibrated' | 'conservative' | 'anti-conservative' | 'uncertain'

/** A rate within a tenth of its level is no departure that anyone would act on, however narrow its interval. */
const negligible = 0.1

/**
 * What a rate with its 95% interval says of a test at level alpha. `uncertain` where the interval holds alpha but tells
 * little: it is wider than 2 alpha, or holds both half of alpha and twice alpha.
 */
export function levelVerdict(rate: number, low: number, high: number, alpha: number): LevelVerdict {
  const wide = high - low > 2 * alpha || (low <= alpha / 2 && high >= 2 * alpha)
  if (!wide && Math.abs(rate - alpha) <= negligible * alpha) return 'calibrated'
  if (low > alpha) return 'anti-conservative'
  if (high < alpha) return 'conservative'
  return wide ? 'uncertain' : 'calibrated'
}
