import { exp, normalCdf } from '../../../numerics/index.ts'
import type { CohortModel, PriorSettings } from './model.ts'

/** A grid of sizes with the prior share of each. */
export interface Sized {
  points: number
  share: number
}

/** Losses a month, ascending, with the prior shares of each bin. */
export interface SlopeGrid {
  loss: Float64Array
  /** The cohort's slopes, at or below zero. */
  population: Float64Array
  /** Slopes that hardly exist. */
  flat: Float64Array
  /** Both, as those who never turn have them. */
  never: Float64Array
  /** Both, as they follow a turn. */
  after: Float64Array
}

/** Without slope: points a month of the half-normal distribution of slopes that hardly exist. */
const flatScale = 0.15
/** Share of flat courses among those that follow a turn. */
const flatAfter = 0.3
/**
 * Points a month. A study that chose its progressors by their rate has a narrower spread of slopes than the people among
 * whom its reversals were found; published spreads are 0.7 to 0.8.
 */
const leastSlopeSpread = 0.5
/** Points; published spreads are about 5.5, those of trials with narrow entry criteria smaller. */
const leastInterceptSpread = 3
/**
 * A small cohort's mixed model can end at a correlation of one, which would leave a single slope to everyone of a given first score, so that
 * a steep fall before a reversal could only be outlying visits.
 */
const largestCorrelation = 0.6

/** Everything about priors that is the same for everyone on a scale. */
export interface Grids {
  priors: PriorSettings
  highest: number
  /** Months between the times of the turn. */
  step: number
  /** Growth of loss a month, of the decline before a turn. */
  pace: number
  /** For courses that are one line: fine slopes. For either side of a turn: coarser ones. */
  fine: SlopeGrid
  coarse: SlopeGrid
  /** Prior density of the score at the first visit given the loss a month, a level grid's step wide. */
  intercept: { mean: number; perLoss: number; sd: number }
  /** Gains of lasting turns, and the shares of those that decline wears away, which are smaller. */
  gains: (Sized & { worn: number })[]
  /** Gains of excursions, all of the event's size. */
  excursions: Sized[]
  spells: Sized[]
  shifts: Sized[]
}

/** Months that a lasting gain takes; all alike. */
export const rises = [1, 4, 10, 20] as const
/** Months that a gain is held before decline resumes: at once (first), later, never (last). */
export const holds: readonly { months: number; share: number }[] = [
  { months: 0, share: 0.3 },
  { months: 12, share: 0.2 },
  { months: 24, share: 0.1 },
  { months: Number.POSITIVE_INFINITY, share: 0.4 },
]
/** The event lasts so many months. */
export const eventMonths = 12
/** Turns begin from so many months before the first visit on; such courses rise from the first visit on. */
const monthsBefore = 6
/** What is left to see of a rise that began a uniform time of those months before: the mean share of its gain. */
export const leftAtEntry = rises.map((rise) => {
  const reach = Math.min(rise, monthsBefore)
  return (reach - (reach * reach) / (2 * rise)) / monthsBefore
})
const mostTurns = 40

/** Times of a turn with their prior shares: the first visit, then cells of equal width to the last. */
export function turnTimes(span: number, step: number): { time: Float64Array; share: Float64Array } {
  const cells = Math.max(4, Math.min(mostTurns, Math.ceil(span / step)))
  const time = new Float64Array(cells + 1)
  const share = new Float64Array(cells + 1).fill(span / (span + monthsBefore) / cells)
  share[0] = monthsBefore / (span + monthsBefore)
  for (let i = 1; i <= cells; i++) time[i] = ((i - 0.5) * span) / cells
  return { time, share }
}

export function prepareGrids(model: CohortModel, priors: PriorSettings, highest: number, step: number): Grids {
  const sdSlope = Math.max(model.sdSlope, leastSlopeSpread)
  const rho = Math.max(-largestCorrelation, Math.min(largestCorrelation, model.correlation))
  const sdIntercept = Math.max(model.sdIntercept, leastInterceptSpread)
  const slopes = (width: number) => slopeGrid(-model.slopePerMonth, sdSlope, width, priors.flat)
  const bins = (edges: readonly number[], sd: number): Sized[] =>
    edges.slice(1).map((to, i) => ({
      points: (edges[i] + to) / 2,
      share: normalCdf(to / sd) - normalCdf(edges[i] / sd),
    }))
  const gainEdges = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 14, 16, 18, 20, 25, 30]
  const gains = whole(bins(gainEdges, priors.gainScale))
  const worn = whole(bins(gainEdges, priors.transientScale))
  const perLoss = (-rho * sdIntercept) / sdSlope
  return {
    priors,
    highest,
    step,
    pace: model.pace ?? 0,
    fine: slopes(0.12),
    coarse: slopes(0.2),
    intercept: {
      mean: model.intercept + perLoss * model.slopePerMonth,
      perLoss,
      sd: sdIntercept * Math.sqrt(1 - rho * rho),
    },
    gains: gains.map((gain, i) => ({ ...gain, worn: worn[i].share })),
    excursions: whole(worn.filter(({ points }) => points >= priors.eventGain)),
    spells: whole(bins([-21, -15, -12, -9, -6, -3, 0, 3, 6, 9, 12, 15, 21], priors.outlyingSd)),
    shifts: whole(bins([-5.5, -4.5, -3.5, -2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 3.5, 4.5, 5.5, 6.5, 7.5], priors.shiftSd)),
  }
}

function whole(sizes: Sized[]): Sized[] {
  const total = sizes.reduce((sum, { share }) => sum + share, 0)
  return sizes.map(({ points, share }) => ({ points, share: share / total }))
}

/** Bins that are narrow near zero and then `width` wide, out to five standard deviations of the population. */
function slopeGrid(meanLoss: number, sd: number, width: number, flatShare: number): SlopeGrid {
  const edges = [0, 0.06, 0.14]
  for (let last = 0.14; last < Math.max(1, meanLoss + 5 * sd) && edges.length < 60; ) {
    last += width
    edges.push(last)
  }
  const n = edges.length - 1
  const loss = new Float64Array(n)
  const population = new Float64Array(n)
  const flat = new Float64Array(n)
  let ofPopulation = 0
  let ofFlat = 0
  for (let i = 0; i < n; i++) {
    loss[i] = (edges[i] + edges[i + 1]) / 2
    population[i] = normalCdf((edges[i + 1] - meanLoss) / sd) - normalCdf((edges[i] - meanLoss) / sd)
    flat[i] = normalCdf(edges[i + 1] / flatScale) - normalCdf(edges[i] / flatScale)
    ofPopulation += population[i]
    ofFlat += flat[i]
  }
  if (!(ofPopulation > 1e-12)) population.set(flat)
  for (let i = 0; i < n; i++) {
    population[i] /= ofPopulation > 1e-12 ? ofPopulation : ofFlat
    flat[i] /= ofFlat
  }
  const mix = (share: number) => population.map((p, i) => (1 - share) * p + share * flat[i])
  return { loss, population, flat, never: mix(flatShare), after: mix(flatAfter) }
}

/** Prior density of a first score, per half point. */
export function interceptDensity({ intercept }: Grids, score: number, loss: number): number {
  const z = (score - intercept.mean - intercept.perLoss * loss) / intercept.sd
  return (0.5 * 0.3989422804014327 * exp(-0.5 * z * z)) / intercept.sd
}
