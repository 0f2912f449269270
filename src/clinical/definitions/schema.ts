import { z } from 'zod'

const days = z.number().int().positive().max(36525)
const tolerance = z.number().int().nonnegative().max(365)
const rate = z.number().min(-50).max(50)

const sustainedGain = z.strictObject({
  kind: z.literal('sustained-gain'),
  /** Points above an earlier visit. */
  gain: z.number().positive().max(48),
  /** The gain must hold for so many days ... */
  days,
  /** ... and a visit must lie at or after that many days less the tolerance. */
  tolerance_days: tolerance,
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

export const ruleSchema = z.discriminatedUnion('kind', [sustainedGain, positiveSlope, plateau, progressionRate])

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
