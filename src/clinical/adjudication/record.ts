import { z } from 'zod'

export const adjudicationVerdicts = ['confirm', 'reject', 'defer'] as const
export type AdjudicationVerdict = (typeof adjudicationVerdicts)[number]

export const evidenceAnswers = ['yes', 'no', 'unclear'] as const
export type EvidenceAnswer = (typeof evidenceAnswers)[number]

/** The evidence grid: what a rater answers before the verdict. After the grid by which R. Bedlack describes documented reversals. */
export const evidenceQuestions = {
  diagnosis: 'Is the diagnosis of ALS certain: history, examination and EMG?',
  progression: 'Is progression before the recovery documented by a score?',
  recovery: 'Is the recovery objective and persistent?',
  mimics: 'Are mimics excluded: antibodies, EMG, imaging, genetics?',
} as const
export type EvidenceQuestion = keyof typeof evidenceQuestions

const words = (most: number) => z.string().trim().min(1).max(most)

/** What a rater says of one person's call under one definition. */
const draftShape = {
  patient: z.string().min(1).max(500),
  definition: z.string().min(1).max(200),
  verdict: z.enum(adjudicationVerdicts),
  reason: words(4000),
  who: words(200),
  evidence: z.strictObject({
    diagnosis: z.enum(evidenceAnswers),
    progression: z.enum(evidenceAnswers),
    recovery: z.enum(evidenceAnswers),
    mimics: z.enum(evidenceAnswers),
  }),
  /** The call that was judged, so that a later change of the records shows. */
  call: z.strictObject({
    verdict: z.enum(['yes', 'no', 'unconfirmed', 'ineligible']),
    start_day: z.int().nullable(),
    end_day: z.int().nullable(),
    value: z.number().nullable(),
  }),
}

export const draftSchema = z.strictObject(draftShape)
export type AdjudicationDraft = z.infer<typeof draftSchema>

const digest = z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 hexadecimal digits')

/** A line of adjudications.jsonl. */
export const adjudicationSchema = z.strictObject({
  ...draftShape,
  when: z
    .string()
    .regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?Z$/, 'must be a time such as 2026-11-26T12:00:00Z'),
  /** `sha256` of the line before; empty on the first. */
  previous: z.union([z.literal(''), digest]),
  /** Of everything else in this line. */
  sha256: digest,
})
export type Adjudication = z.infer<typeof adjudicationSchema>
