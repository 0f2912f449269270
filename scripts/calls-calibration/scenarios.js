/** Simulators by name: what they are called in the page, and how they depart from what the posterior assumes. */
const noise = (sd) => ({ title: `noise ${sd.toFixed(1)}`, noise: sd, departures: { noise: sd / 1.8 } })

export const scenarios = {
  base: { title: 'as assumed', size: 2, departures: {} },
  'noise-1.2': noise(1.2),
  'noise-1.5': noise(1.5),
  'noise-2.1': noise(2.1),
  'noise-2.5': noise(2.5),
  'noise-3.0': noise(3),
  tails: {
    title: 'noise from t, 4 degrees of freedom',
    short: 'noise from t (4)',
    departures: { degreesOfFreedom: 4 },
  },
  people: { title: 'noise differs between people', short: 'noise by person', departures: { noiseSpread: 0.3 } },
  correlated: {
    title: 'noise of neighbouring visits correlated 0.4',
    short: 'noise correlated',
    departures: { autocorrelation: 0.4 },
  },
  accelerating: {
    title: 'loss accelerates by 30% a year',
    short: 'accelerating loss',
    departures: { acceleration: 0.3 },
  },
  'wearing-off': { title: 'loss wears off by 20% a year', short: 'loss wears off', departures: { acceleration: -0.2 } },
  raters: { title: 'raters change', departures: { raterChange: { probability: 0.15, sd: 2 } } },
  practice: { title: 'practice effect of 2 points', short: 'practice, 2 points', departures: { practice: 2 } },
  'drop-out': { title: 'drop-out grows with loss', short: 'drop-out', departures: { dropOut: true } },
  items: { title: 'twelve items, called by totals', short: 'items, by totals', departures: { items: true } },
  itemwise: {
    title: 'twelve items, called by items',
    short: 'items, by items',
    items: true,
    size: 0.5,
    departures: { items: true },
  },
}

/** People simulated of each course, times a scenario's size. */
export const people = {
  decline: 240000,
  plateau: 120000,
  transientGain: 32000,
  smallGain: 16000,
  ratingShift: 80000,
  outlyingSpell: 16000,
  reversal: 4000,
}
/** Cohorts to which each scenario's model is fitted, as a study would fit it, and the people of each. */
export const cohorts = 4
export const fitted = 600
export const seed = 1
