/**
 * A latent course as a linear model: score(t) = a + b s(t) + g r(t), t in months since the first visit, s(0) = r(0) = 0,
 * with the person's own intercept a, slope b <= 0 and, where something was gained, gain g > 0.
 *
 * s runs at rate `early` until `turn`, `late` after it, and at the full rate again from `resume` on; r climbs from 0 to 1
 * within `rise` months from `turn` on and falls back within two months from `fall` on.
 */
export interface Shape {
  /** Log prior weight within its family; the weights of a family sum to one. */
  logWeight: number
  turn: number
  early: number
  late: number
  resume: number
  /** 0: nothing is gained. */
  rise: number
  fall: number
}

export interface ShapeFamilies {
  decline: Shape[]
  /** Decline that stops, slows, or begins late. */
  plateau: Shape[]
  transientGain: Shape[]
  /** A lasting turn: the event when the gain is large enough, a small gain otherwise. */
  turn: Shape[]
}

const never = Number.POSITIVE_INFINITY
const fallMonths = 2
const riseMonths = [1, 4, 10, 20]
/** A lasting gain is held for at least the event's 365 days before decline resumes, or for good. */
const heldMonths = [12, 24, never]
/** Rise and hold of transient gains; with the fall, four points are held for less than a year. */
const transients: readonly [rise: number, hold: number][] = [
  [1, 0.5],
  [1, 4],
  [1, 8],
  [3, 0.5],
  [3, 4],
  [3, 8],
  [5, 2],
  [5, 5],
]
/** Slope on the slow side of a change, as a share of the person's own. */
const slowShares = [0, 0.4]

/**
 * Times of change considered: from half a year before the first visit to the last visit of a follow-up of `span` months,
 * `step` months apart, wider where that would be more than 40 times. Equal for follow-ups of about equal length.
 */
export function turnTimes(span: number, step: number): number[] {
  const window = span + 6
  const spacing = step * Math.max(1, Math.ceil(window / step / 40))
  const points = Math.max(8, Math.ceil(window / spacing))
  return Array.from({ length: points }, (_, i) => -6 + (i + 0.5) * spacing)
}

/** All courses considered, for given times of change. @param log natural logarithm, the same on every machine */
export function shapeFamilies(times: readonly number[], log: (x: number) => number): ShapeFamilies {
  const course = (share: number, change: Partial<Shape>): Shape => ({
    logWeight: log(share / times.length),
    turn: 0,
    early: 1,
    late: 1,
    resume: never,
    rise: 0,
    fall: never,
    ...change,
  })
  const all = <T>(values: readonly T[], make: (turn: number, value: T) => Shape): Shape[] =>
    times.flatMap((turn) => values.map((value) => make(turn, value)))
  const share = 0.5 / slowShares.length
  return {
    decline: [course(times.length, {})],
    plateau: [
      ...all(slowShares, (turn, late) => course(share, { turn, late })),
      ...all(slowShares, (turn, early) => course(share, { turn, early })),
    ],
    transientGain: all(transients, (turn, [rise, hold]) =>
      course(1 / transients.length, { turn, rise, fall: turn + rise + hold }),
    ),
    turn: riseMonths.flatMap((rise) =>
      all(heldMonths, (turn, held) =>
        course(1 / riseMonths.length / heldMonths.length, { turn, rise, late: 0, resume: turn + rise + held }),
      ),
    ),
  }
}

/** Fills s and r at the months of the visits. */
export function fillShape(shape: Shape, months: Float64Array, s: Float64Array, r: Float64Array): void {
  const { turn, early, late, resume, rise, fall } = shape
  const s0 = slopeTime(0, turn, early, late, resume)
  const r0 = rise === 0 ? 0 : gained(0, turn, rise, fall)
  for (let k = 0; k < months.length; k++) {
    s[k] = slopeTime(months[k], turn, early, late, resume) - s0
    r[k] = rise === 0 ? 0 : gained(months[k], turn, rise, fall) - r0
  }
}

/** Change of the course from the first visit to its turn, for a slope and a gain. */
export function changeAtTurn({ turn, early, late, resume, rise, fall }: Shape, slope: number, gain: number): number {
  return slope * (early * turn - slopeTime(0, turn, early, late, resume)) - gain * gained(0, turn, rise, fall)
}

function slopeTime(t: number, turn: number, early: number, late: number, resume: number): number {
  if (t <= turn) return early * t
  const after = early * turn + late * (t - turn)
  return t > resume ? after + t - resume : after
}

function gained(t: number, turn: number, rise: number, fall: number): number {
  if (t <= turn) return 0
  const up = t < turn + rise ? (t - turn) / rise : 1
  if (t <= fall) return up
  return t < fall + fallMonths ? up - (t - fall) / fallMonths : up - 1
}
