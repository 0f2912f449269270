import { z } from 'zod'

const days = z.number().int().positive().max(36525)
const tolerance = z.number().int().nonnegative().max(365)
const rate = z.number().min(-50).max(50)

/** How long a gain must hold, and what shows that it did. */
const holding = {
  /** The gain must hold for so many days ... */
  days,
  /** ... and a visit must lie at or after that many days less the tolerance. */
  tolerance_days: tolerance,
  /** Whether that visit must itself hold the gain (the default), or may be any visit, as where people are only asked to have been seen. */
  confirming_visit: z.enum(['held', 'any']).optional(),
  /** No two neighbouring visits from the gain to the confirming visit lie further apart; without limit when absent. */
  longest_gap_days: days.optional(),
}

const sustainedGain = z.strictObject({
  kind: z.literal('sustained-gain'),
  /** Points above an earlier visit. */
  gain: z.number().positive().max(48),
  ...holding,
})

const testName = z
  .string()
  .regex(/^[^*\s][^*]*\*?$/, 'must be the name of a measurement, or the beginning of names followed by *')
  .toUpperCase()

const objectiveGain = z
  .strictObject({
    kind: z.literal('objective-gain'),
    /** Measurements as laboratory values name them (letter case aside); `GRIP_*` stands for all that begin so. Each is judged by itself. */
    tests: z.array(testName).min(1).max(50),
    better: z.enum(['higher', 'lower']),
    /** Least improvement on an earlier value, in the measurement's unit. */
    gain: z.number().positive().max(1e6).optional(),
    /** Least improvement in percent of the earlier value, which must be above zero. */
    gain_percent: z.number().positive().max(10_000).optional(),
    /** The value that must be reached: at least, or at most where lower is better. */
    reach: z.number().min(-1e6).max(1e6).optional(),
    ...holding,
  })
  .refine(({ gain, gain_percent }) => gain !== undefined || gain_percent !== undefined, {
    message: 'give gain or gain_percent, or both',
    path: ['gain'],
  })

const positiveSlope = z.strictObject({
  kind: z.literal('positive-slope'),
  /** Least length of the window. */
  days,
  /** Greatest length of the window; without limit when absent. */
  longest_days: days.optional(),
  min_visits: z.number().int().min(3),
})

const plateau = z.strictObject({
  kind: z.literal('plateau'),
  months: z.number().positive().max(600),
  tolerance_days: tolerance,
  /** Whether people without a visit at the end are left aside or count as declined. */
  without_end: z.enum(['ineligible', 'decline']),
})

const progressionRate = z.strictObject({
  kind: z.literal('progression-rate'),
  at_least: rate.optional(),
  above: rate.optional(),
  below: rate.optional(),
  at_most: rate.optional(),
  /** Where onset is not known: the rate of loss over visits up to the nadir, when they span so many days. */
  slope_days: days.optional(),
})

export const ruleSchema = z.discriminatedUnion('kind', [
  sustainedGain,
  objectiveGain,
  positiveSlope,
  plateau,
  progressionRate,
])

export const definitionSchema = z.strictObject({
  id: z.string().regex(/^[a-z0-9]+(?:-[a-z0-9]+)*$/, 'must be lower-case words joined by hyphens'),
  version: z.string().regex(/^\d+\.\d+\.\d+$/, 'must be three numbers such as 1.0.0'),
  title: z.string().min(1),
  description: z.string().min(1),
  /** Where the thresholds come from. */
  source: z.string().min(1),
  /** The group that people who satisfy the rule belong to. */
  group: z.enum(['reversal', 'plateau', 'slow', 'typical', 'rapid']),
  rule: ruleSchema,
})

/** A phenotype definition: data, versioned; see docs/definitions. */
export type Definition = z.infer<typeof definitionSchema>
export type Rule = z.infer<typeof ruleSchema>
export type RuleOf<K extends Rule['kind']> = Extract<Rule, { kind: K }>
